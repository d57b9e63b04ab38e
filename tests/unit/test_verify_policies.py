"""What Pilot tells of policies, read."""

from typing import Any

import pytest
from kubernetes import client

from components.mutual_tls import ServerMode
from verify.pilot_policies import Guard, agreements, find_client, guards
from verify.policies import Agreement, PolicyError, Sent, agree

MAILHOG = "mailhog.mailhog.svc.cluster.local"


def entry(host: str = MAILHOG, server: str = "STRICT", sent: str = "ISTIO_MUTUAL", **more: Any) -> dict[str, Any]:
    return {
        "host": host,
        "port": 8025,
        "authentication_policy_name": "/default",
        "destination_rule_name": "istio-system/default",
        "server_protocol": server,
        "client_protocol": sent,
        "TLS_conflict_status": "OK",
    } | more


def read(*entries: dict[str, Any], guard: Guard = Guard.SIDECAR) -> list[Agreement]:
    return agreements(entries, {"mailhog.mailhog": guard})


@pytest.mark.parametrize(
    ("server", "sent", "agrees"),
    [
        ("STRICT", "ISTIO_MUTUAL", True),
        ("STRICT", "DISABLE", False),
        ("STRICT", "None", False),  # Pilot says OK, and sends plaintext
        ("STRICT", "-", True),
        ("STRICT", "SIMPLE", False),
        ("PERMISSIVE", "ISTIO_MUTUAL", True),
        ("PERMISSIVE", "DISABLE", True),
        ("PERMISSIVE", "None", True),
        ("PERMISSIVE", "MUTUAL", False),
        ("DISABLE", "DISABLE", True),
        ("DISABLE", "ISTIO_MUTUAL", False),
    ],
)
def test_a_server_with_a_sidecar_and_a_client_agree_or_not(server: str, sent: str, agrees: bool) -> None:
    assert read(entry(server=server, sent=sent))[0].agrees is agrees


@pytest.mark.parametrize(("sent", "agrees"), [("DISABLE", True), ("None", True), ("ISTIO_MUTUAL", False), ("SIMPLE", True)])
def test_no_policy_reaches_a_server_without_a_sidecar(sent: str, agrees: bool) -> None:
    (found,) = read(entry(sent=sent), guard=Guard.NOBODY)
    assert found.agrees is agrees
    assert found.policy == "no sidecar"
    assert found.accepted is (None if sent == "SIMPLE" else ServerMode.PLAINTEXT)


@pytest.mark.parametrize("sent", ["DISABLE", "ISTIO_MUTUAL", "SIMPLE"])
def test_a_proxy_with_settings_of_its_own_is_not_judged(sent: str) -> None:
    (found,) = read(entry(sent=sent), guard=Guard.OWN_PROXY)
    assert (found.accepted, found.policy, found.agrees) == (None, "its own proxy", True)


def test_a_port_of_tcp_and_udp_is_told_once() -> None:
    assert len(read(entry(), entry(), entry(port=1025))) == 2


def test_pilot_is_believed_of_a_service_that_no_pod_serves() -> None:
    assert agreements([entry(sent="DISABLE")], {})[0].accepted is ServerMode.MUTUAL_TLS


def test_a_subset_has_its_rules_settings_where_it_has_none() -> None:
    rows = read(entry(), entry(host=f"{MAILHOG}|v1", sent="None"), entry(host=f"{MAILHOG}|v2", sent="DISABLE"))
    assert {row.subset: row.sent for row in rows} == {"": Sent.MUTUAL_TLS, "v1": Sent.MUTUAL_TLS, "v2": Sent.PLAINTEXT}
    assert [row.subset for row in rows] == ["v2", "", "v1"], "conflicts come first"
    assert rows[0].place == "mailhog.mailhog:8025, subset v2"


@pytest.mark.parametrize(
    ("name", "words"), [("/default", "MeshPolicy default"), ("mailhog/default", "Policy mailhog/default"), ("None", "no policy")]
)
def test_the_policy_that_decides_is_named(name: str, words: str) -> None:
    assert read(entry(authentication_policy_name=name))[0].policy == words


@pytest.mark.parametrize(
    ("name", "sent", "words"),
    [
        ("ns1/off", "DISABLE", "DestinationRule ns1/off"),
        ("ns1/subsets", "None", "DestinationRule ns1/subsets, without TLS settings"),
        ("None", "None", "no rule"),
        ("-", "-", "no rule"),
    ],
)
def test_the_rule_that_decides_is_named(name: str, sent: str, words: str) -> None:
    assert read(entry(destination_rule_name=name, sent=sent))[0].rule == words


def pod(name: str, namespace: str, app: str = "", *, phase: str = "Running", proxy: bool = True, injected: bool = True) -> client.V1Pod:
    containers = [client.V1Container(name=container) for container in ("main", *(["istio-proxy"] if proxy else []))]
    annotations = {"sidecar.istio.io/status": "{}"} if injected else None
    labels = {"app": app} if app else None
    return client.V1Pod(
        metadata=client.V1ObjectMeta(name=name, namespace=namespace, labels=labels, annotations=annotations),
        spec=client.V1PodSpec(containers=containers),
        status=client.V1PodStatus(phase=phase),
    )


PODS = [
    pod("hello-0", "ns1", "hello", phase="Pending"),
    pod("hello-1", "ns1", "hello"),
    pod("end-1", "legacy", "end", proxy=False, injected=False),
    pod("istio-pilot-1", "istio-system", "pilot", injected=False),
]


@pytest.mark.parametrize("name", ["hello.ns1", "hello-1.ns1"])
def test_a_client_is_a_running_pod_or_its_application(name: str) -> None:
    assert find_client(PODS, name) is PODS[1]


@pytest.mark.parametrize("name", ["helo.ns1", "hello-0.ns1"])
def test_a_client_that_is_not_there_is_told_with_names_near_it(name: str) -> None:
    with pytest.raises(PolicyError, match=rf"there is no client with a proxy {name}; near it are: .*hello\.ns1"):
        find_client(PODS, name)


def test_a_pod_without_a_proxy_is_no_client() -> None:
    with pytest.raises(PolicyError, match=r"no client with a proxy end\.legacy"):
        find_client(PODS, "end.legacy")


def service(name: str, namespace: str, selector: dict[str, str] | None) -> client.V1Service:
    return client.V1Service(metadata=client.V1ObjectMeta(name=name, namespace=namespace), spec=client.V1ServiceSpec(selector=selector))


def test_what_stands_before_a_service_is_what_stands_before_its_pods() -> None:
    services = [
        service("hello", "ns1", {"app": "hello"}),
        service("end", "legacy", {"app": "end"}),
        service("istio-pilot", "istio-system", {"app": "pilot"}),
        service("kubernetes", "default", None),
        service("later", "ns1", {"app": "later"}),
    ]
    assert guards(services, PODS) == {
        "hello.ns1": Guard.SIDECAR,
        "end.legacy": Guard.NOBODY,
        "istio-pilot.istio-system": Guard.OWN_PROXY,
        "kubernetes.default": Guard.NOBODY,
    }


def test_a_service_with_one_pod_that_has_a_sidecar_is_judged_by_it() -> None:
    pods = [pod("old", "ns1", "hello", proxy=False, injected=False), pod("new", "ns1", "hello")]
    assert guards([service("hello", "ns1", {"app": "hello"})], pods) == {"hello.ns1": Guard.SIDECAR}


def test_verify_has_a_row_for_each_port() -> None:
    class Told:
        def of(self, client: str, service: str = "") -> list[Agreement]:
            assert (client, service) == ("hello.ns1", "mailhog.mailhog")
            return read(entry(), entry(port=1025, sent="DISABLE"))

    rows = {row.subject: row for row in agree(Told(), "mailhog.mailhog")}
    assert rows["mailhog.mailhog:8025"].well
    assert not rows["mailhog.mailhog:1025"].well
    assert "plaintext (DestinationRule istio-system/default)" in rows["mailhog.mailhog:1025"].said
