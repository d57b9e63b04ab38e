"""`make status`: where things are, and what is not well."""

from datetime import UTC, datetime
from typing import Any

from kubernetes import client
from rich.console import Console
from rich.table import Table

from commands.pulumi import Pulumi
from commands.stack import Stack
from components import cluster, namespaces
from components.dns_providers import NONE
from components.pod_watch import Watch
from lab.__main__ import status as print_lab
from verify import external_dns


def print_status(stack: Stack) -> int:
    """Print the lab, the stack's outputs without its secrets, and the pods that are not well; exit code 1 if any is not."""
    console = Console(highlight=False, soft_wrap=True)
    if stack.lab and print_lab(console):
        return 1
    outputs = Pulumi(stack).outputs()
    if not outputs:
        console.print(f"the stack {stack.name} is not up; `make up STACK={stack.name}` brings it up")
        return 1
    target = cluster.named(outputs["cluster"])
    with target.connect() as api:
        dns = _dns(api, outputs.get("dns"))
        console.print(_table(stack, outputs, dns.said))
        watch = Watch(client.CoreV1Api(api), namespaces.ALL)
        faults = [watch.describe(found) for found in watch.faults(datetime.now(UTC))]
    console.print("\n".join(faults) if faults else "every pod of the stack is well")
    return 0 if dns.well and not faults else 1


def _dns(api: client.ApiClient, dns: dict[str, Any] | None) -> external_dns.State:
    if not dns or dns["provider"] == NONE:
        return external_dns.State(NONE, well=True)
    state = external_dns.state(api, dns["interval"])
    return external_dns.State(f"{dns['provider']}, owner {dns['ownerId']}, policy {dns['policy']}; {state.said}", state.well)


def _table(stack: Stack, outputs: dict[str, Any], dns: str) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    gateway = outputs["gateway"]
    kind = "port" if gateway["addresses"] else "nodePort"
    ports = ", ".join(f"{name} {port.get(kind, port['port'])}" for name, port in gateway["ports"].items())
    for name, value in (
        ("stack", f"{stack.name}, Istio {outputs['release']}, mutual TLS {outputs['mutualTls']}"),
        (
            "gateway",
            f"{', '.join(gateway['addresses']) or 'no address of its own'}; {'ports' if gateway['addresses'] else 'node ports'} {ports}",
        ),
        ("hosts", ", ".join(outputs["hosts"].values())),
        ("DNS", dns),
        ("dashboards", ", ".join(f"{name}.{namespaces.SYSTEM}:{port}" for name, port in outputs.get("dashboards", {}).items()) or "none"),
        ("log-ins", "pulumi stack output logins --show-secrets   (in `make shell`)"),
    ):
        table.add_row(name, value)
    return table
