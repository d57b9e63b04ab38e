"""What holds between a client in the mesh and a service: what the server accepts, what the client sends, and by which objects."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import Protocol

from components.mutual_tls import ServerMode
from tools import ToolError
from verify.answer import Answer

CLIENT = "hello.ns1"
"""Who asks unless somebody is named."""


class PolicyError(ToolError):
    """There is no answer; the message says whose name is wrong, or who is not there."""


class Sent(StrEnum):
    """What a client sends."""

    PLAINTEXT = "plaintext"
    MUTUAL_TLS = "mutual TLS"
    OTHER_TLS = "TLS without the mesh's certificates"
    AS_ACCEPTED = "what the server accepts"


_UNDERSTOOD: Mapping[ServerMode, set[Sent]] = {
    ServerMode.PLAINTEXT: {Sent.PLAINTEXT, Sent.AS_ACCEPTED},
    ServerMode.BOTH: {Sent.PLAINTEXT, Sent.MUTUAL_TLS, Sent.AS_ACCEPTED},
    ServerMode.MUTUAL_TLS: {Sent.MUTUAL_TLS, Sent.AS_ACCEPTED},
}


@dataclass(frozen=True)
class Agreement:
    """One port of a service, and a client.

    service: name.namespace. subset: of the rule, or empty. accepted: by the server, None where its own settings say it and no policy.
    policy, rule: the objects that decide for the server and for the client, by kind, namespace and name, or why there is none.
    """

    service: str
    port: int
    subset: str
    accepted: ServerMode | None
    policy: str
    sent: Sent
    rule: str

    @property
    def agrees(self) -> bool:
        """Whether the server understands the client, as far as that can be known."""
        return not self.accepted or self.sent in _UNDERSTOOD[self.accepted]

    @property
    def place(self) -> str:
        """service:port, with the subset where it has one."""
        return f"{self.service}:{self.port}" + (f", subset {self.subset}" if self.subset else "")


class Policies(Protocol):
    """Who knows what holds; each generation of Istio is asked in its own way."""

    def of(self, client: str, service: str = "") -> list[Agreement]:
        """What holds for `client` (a pod or an application, each .namespace) and `service` (name.namespace), or all services.

        PolicyError for a name that is not there.
        """
        ...


def unknown(what: str, name: str, known: Iterable[str]) -> PolicyError:
    """The error for a name that is not among those that are known."""
    names = sorted(set(known))
    near = get_close_matches(name, names, n=3, cutoff=0.4) or names[:10]
    return PolicyError(f"there is no {what} {name}; {'near it' if near else 'there'} are: {', '.join(near) or 'none'}")


def agree(policies: Policies, service: str) -> list[Answer]:
    """Whether the usual client and `service` agree, port by port."""
    answers = []
    for found in policies.of(CLIENT, service):
        said = f"accepts {found.accepted or 'unknown'} ({found.policy}), is sent {found.sent} ({found.rule})"
        answers.append(Answer(found.place, f"what it accepts, and what {CLIENT} sends", said, found.agrees))
    return answers
