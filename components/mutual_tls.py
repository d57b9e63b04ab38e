"""Mutual TLS in phases: which traffic the servers of the mesh accept, and which its clients send.

    phase        servers accept     clients send
    off          plaintext          plaintext
    permissive   both               plaintext
    mutual       both               mutual TLS
    strict       mutual TLS         mutual TLS

Servers and clients learn of a change one after another, in no particular order. Between neighbouring phases only one
side changes, so each order is safe: whoever has the old phase and whoever has the new one still understand each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pulumi

from components import namespaces
from components.istio_api import AUTHENTICATION, NETWORKING, istio_object
from components.releases import PolicyKind


class Phase(StrEnum):
    """The phases, in the order in which a mesh walks them."""

    OFF = "off"
    PERMISSIVE = "permissive"
    MUTUAL = "mutual"
    STRICT = "strict"


class ServerMode(StrEnum):
    """What a server accepts."""

    PLAINTEXT = "plaintext"
    BOTH = "both"
    MUTUAL_TLS = "mutual TLS"


class ClientMode(StrEnum):
    """What a client sends, in the words of a DestinationRule."""

    PLAINTEXT = "DISABLE"
    MUTUAL_TLS = "ISTIO_MUTUAL"


_MODES = {
    Phase.OFF: (ServerMode.PLAINTEXT, ClientMode.PLAINTEXT),
    Phase.PERMISSIVE: (ServerMode.BOTH, ClientMode.PLAINTEXT),
    Phase.MUTUAL: (ServerMode.BOTH, ClientMode.MUTUAL_TLS),
    Phase.STRICT: (ServerMode.MUTUAL_TLS, ClientMode.MUTUAL_TLS),
}

# A mesh without a MeshPolicy accepts both from Istio 1.5 on, and plaintext only before. One that names no method means
# plaintext in every release, so the object stays in every phase.
_POLICIES: dict[PolicyKind, tuple[str, dict[ServerMode, dict[str, Any]]]] = {
    PolicyKind.MESH_POLICY: (
        AUTHENTICATION,
        {
            ServerMode.PLAINTEXT: {},
            ServerMode.BOTH: {"peers": [{"mtls": {"mode": "PERMISSIVE"}}]},
            ServerMode.MUTUAL_TLS: {"peers": [{"mtls": {"mode": "STRICT"}}]},
        },
    ),
}

SYSTEM_NAMESPACES = (namespaces.SYSTEM, "kube-system")
"""No pod there has a sidecar that takes part in mutual TLS (those of Pilot and Mixer have settings of their own)."""


@dataclass(frozen=True)
class Policy:
    """What every server with a sidecar accepts; an object of the whole mesh."""

    kind: PolicyKind
    api_version: str
    name: str
    mode: ServerMode
    spec: dict[str, Any]


@dataclass(frozen=True)
class Rule:
    """What clients send to `host`, which may begin with `*`; the most specific rule wins."""

    name: str
    host: str
    mode: ClientMode


@dataclass(frozen=True)
class Plan:
    """The objects of one phase."""

    policy: Policy
    rules: tuple[Rule, ...]


def client_mode(phase: Phase) -> ClientMode:
    """What clients send to servers that have a sidecar."""
    return _MODES[phase][1]


def plan(phase: Phase, sidecarless: Sequence[str], kind: PolicyKind) -> Plan:
    """The objects that put a mesh into `phase`, for a release whose mesh-wide policy is of `kind`.

    The API server, the system namespaces, and the namespaces in `sidecarless` get plaintext in every phase. The objects
    are the same ones in every phase and only their modes change, so that no step creates or deletes one.
    """
    server, client = _MODES[phase]
    api_version, specs = _POLICIES[kind]
    exempt = dict.fromkeys([*SYSTEM_NAMESPACES, *sidecarless])
    return Plan(
        Policy(kind, api_version, "default", server, specs[server]),
        (
            Rule("default", "*.local", client),
            Rule("api-server", "kubernetes.default.svc.cluster.local", ClientMode.PLAINTEXT),
            *(Rule(f"no-sidecars-{name}", f"*.{name}.svc.cluster.local", ClientMode.PLAINTEXT) for name in exempt),
        ),
    )


def traffic_policy(mode: ClientMode) -> dict[str, Any]:
    """The `trafficPolicy` of a DestinationRule.

    A rule for a host replaces the wider ones whole, so each rule of an application needs this too.
    """
    return {"tls": {"mode": mode.value}}


class MutualTls(pulumi.ComponentResource):
    """Puts the mesh into a phase. Needs a running control plane, and its root namespace."""

    phase: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        *,
        phase: Phase,
        sidecarless: Sequence[str],
        kind: PolicyKind,
        root_namespace: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("mesh:index:MutualTls", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        objects = plan(phase, sidecarless, kind)
        policy = objects.policy
        istio_object(
            f"{name}-policy",
            policy.api_version,
            policy.kind,
            name=policy.name,
            namespace=None,
            spec=policy.spec,
            opts=child,
        )
        for rule in objects.rules:
            istio_object(
                f"{name}-{rule.name}",
                NETWORKING,
                "DestinationRule",
                name=rule.name,
                # Rules of the root namespace hold for clients everywhere; in other namespaces, only for some.
                namespace=root_namespace,
                spec={"host": rule.host, "trafficPolicy": traffic_policy(rule.mode)},
                opts=child,
            )
        self.phase = pulumi.Output.from_input(phase.value)
        self.register_outputs({"phase": self.phase})
