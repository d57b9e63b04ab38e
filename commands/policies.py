"""`make policies`: for each service, whether what clients send is what it accepts, and which objects say so."""

from rich.table import Table

from commands.stack import Stack
from commands.terminal import console, table
from verify.pilot_policies import PilotPolicies
from verify.policies import CLIENT, Agreement, Policies


def print_table(stack: Stack, service: str = "", client: str = "") -> int:
    """Print what holds for `service` (all, unless it is named) and `client`; exit code 1 where they do not agree."""
    policies: Policies = PilotPolicies(stack.target)
    client = client or CLIENT
    found = policies.of(client, service)
    screen = console()
    screen.print(_table(client, found))
    conflicts = sum(not each.agrees for each in found)
    screen.print(f"{conflicts} of {len(found)} in conflict" if conflicts else f"no conflict among {len(found)}")
    return 1 if conflicts else 0


def _table(client: str, found: list[Agreement]) -> Table:
    rows = table("", "service", "accepts", "because of", f"{client} sends", "because of")
    for each in found:
        word, style = ("OK" if each.accepted else "-", None) if each.agrees else ("CONFLICT", "red")
        rows.add_row(word, each.place, each.accepted or "unknown", each.policy, each.sent, each.rule, style=style)
    return rows
