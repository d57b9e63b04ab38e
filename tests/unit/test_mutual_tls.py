"""The phases of mutual TLS."""

from fnmatch import fnmatchcase
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.mutual_tls import ClientMode, Phase, Plan, ServerMode, plan
from components.releases import PolicyKind

MESHED = ("hello.ns1", "world.ns2", "mailhog.mailhog")
API_SERVER = "kubernetes.default"
ACCEPTED = {
    ServerMode.PLAINTEXT: {ClientMode.PLAINTEXT},
    ServerMode.BOTH: {ClientMode.PLAINTEXT, ClientMode.MUTUAL_TLS},
    ServerMode.MUTUAL_TLS: {ClientMode.MUTUAL_TLS},
}

phases = st.sampled_from(Phase)
kinds = st.sampled_from(PolicyKind)
neighbours = st.sampled_from([*pairwise(Phase), *((later, earlier) for earlier, later in pairwise(Phase))])
namespace_names = st.lists(st.from_regex(r"[a-z]([a-z0-9-]{0,10}[a-z0-9])?", fullmatch=True), max_size=4)


def sent(objects: Plan, host: str) -> ClientMode:
    """What a client sends to `host`: the rule with the most specific host decides, as Pilot has it."""
    matching = [rule for rule in objects.rules if fnmatchcase(f"{host}.svc.cluster.local", rule.host)]
    if not matching:
        return ClientMode.PLAINTEXT
    return max(matching, key=lambda rule: ("*" not in rule.host, len(rule.host))).mode


def understood(servers: Plan, clients: Plan, host: str) -> bool:
    return sent(clients, host) in ACCEPTED[servers.policy.mode]


@given(neighbours, kinds, namespace_names, st.sampled_from(MESHED), st.data())
def test_between_neighbouring_phases_everyone_understands_everyone_in_any_order_of_learning(
    step: tuple[Phase, Phase], kind: PolicyKind, sidecarless: list[str], host: str, data: st.DataObject
) -> None:
    sidecarless = [name for name in sidecarless if name != host.split(".")[1]]
    servers = data.draw(st.sampled_from(step), "what the server has learnt")
    clients = data.draw(st.sampled_from(step), "what the client has learnt")
    assert understood(plan(servers, sidecarless, kind), plan(clients, sidecarless, kind), host)


def test_a_leap_over_a_phase_is_not_safe() -> None:
    off, strict = (plan(phase, [], PolicyKind.MESH_POLICY) for phase in (Phase.OFF, Phase.STRICT))
    assert not understood(off, strict, "hello.ns1")
    assert not understood(strict, off, "hello.ns1")


@given(phases, kinds, namespace_names)
def test_hosts_without_a_sidecar_get_plaintext_in_every_phase(phase: Phase, kind: PolicyKind, sidecarless: list[str]) -> None:
    objects = plan(phase, sidecarless, kind)
    hosts = [API_SERVER, "kiali.istio-system", "istio-ingressgateway.istio-system", "kube-dns.kube-system"]
    for host in [*hosts, *(f"anything.{name}" for name in sidecarless)]:
        assert sent(objects, host) is ClientMode.PLAINTEXT, host


@pytest.mark.parametrize(
    ("phase", "servers", "clients"),
    [
        (Phase.OFF, {}, ClientMode.PLAINTEXT),
        (Phase.PERMISSIVE, {"peers": [{"mtls": {"mode": "PERMISSIVE"}}]}, ClientMode.PLAINTEXT),
        (Phase.MUTUAL, {"peers": [{"mtls": {"mode": "PERMISSIVE"}}]}, ClientMode.MUTUAL_TLS),
        (Phase.STRICT, {"peers": [{"mtls": {"mode": "STRICT"}}]}, ClientMode.MUTUAL_TLS),
    ],
)
def test_the_mesh_policy_and_the_rules_of_each_phase(phase: Phase, servers: dict[str, object], clients: ClientMode) -> None:
    objects = plan(phase, ["legacy"], PolicyKind.MESH_POLICY)
    assert objects.policy.spec == servers
    assert sent(objects, "hello.ns1") is clients


@given(phases, phases, kinds, namespace_names)
def test_a_step_changes_modes_and_neither_creates_nor_deletes_an_object(
    one: Phase, other: Phase, kind: PolicyKind, sidecarless: list[str]
) -> None:
    first, second = plan(one, sidecarless, kind), plan(other, sidecarless, kind)
    assert [(rule.name, rule.host) for rule in first.rules] == [(rule.name, rule.host) for rule in second.rules]
    assert (first.policy.kind, first.policy.name) == (second.policy.kind, second.policy.name)


@given(namespace_names)
def test_no_two_rules_share_a_name(sidecarless: list[str]) -> None:
    names = [rule.name for rule in plan(Phase.STRICT, sidecarless, PolicyKind.MESH_POLICY).rules]
    assert len(names) == len(set(names))
