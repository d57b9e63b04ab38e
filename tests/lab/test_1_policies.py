"""The policies that hold for MailHog can be looked up, and a conflict is shown with the objects that make it."""

import contextlib
import re
from collections.abc import Iterator
from typing import Any

import pytest
from kubernetes import client

from commands.pulumi import Pulumi
from components.cluster import Cluster
from components.istio_api import NETWORKING
from components.mutual_tls import ServerMode
from tests.lab.commandline import run, succeed
from tests.lab.waiting import eventually
from verify import pilot
from verify.mesh import Mesh
from verify.pilot_policies import PilotPolicies
from verify.policies import Agreement, PolicyError, Sent

MAILHOG = "mailhog.mailhog"
HOST = f"{MAILHOG}.svc.cluster.local"


@pytest.fixture
def cluster(mesh: Mesh) -> Cluster:
    """The cluster that the mesh is in."""
    return mesh.cluster


def test_server_and_clients_agree_on_mutual_tls(cluster: Cluster) -> None:
    found = PilotPolicies(cluster).of("hello.ns1", MAILHOG)
    assert {(each.port, each.accepted, each.policy, each.sent, each.rule) for each in found} == {
        (port, ServerMode.MUTUAL_TLS, "MeshPolicy default", Sent.MUTUAL_TLS, "DestinationRule istio-system/default")
        for port in (1025, 8025)
    }


def test_no_service_of_the_mesh_is_in_conflict(pulumi: Pulumi) -> None:
    printed = succeed("commands", "policies", "dev")
    assert "CONFLICT" not in printed
    assert re.search(r"OK +end\.legacy:8080 +plaintext +no sidecar +plaintext +DestinationRule istio-system/no-sidecars-legacy", printed)
    assert re.search(r"OK +hello\.ns1:8080, subset v1-tls +mutual TLS +MeshPolicy default +mutual TLS +DestinationRule ns1/hello", printed)


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        ({"trafficPolicy": {"tls": {"mode": "DISABLE"}}}, "DestinationRule ns1/against"),
        # Pilot itself calls this one OK, and sends plaintext.
        ({"subsets": [{"name": "one", "labels": {"app": "mailhog"}}]}, "DestinationRule ns1/against, without TLS settings"),
    ],
)
def test_a_rule_against_a_strict_server_is_a_conflict_with_its_name_until_it_goes(
    mesh: Mesh, api: client.ApiClient, policy: dict[str, Any], words: str
) -> None:
    policies = PilotPolicies(mesh.cluster)
    hello = client.CoreV1Api(api).list_namespaced_pod("ns1", label_selector="app=hello").items[0]

    def conflicts() -> list[Agreement]:
        return [each for each in policies.of("hello.ns1", MAILHOG) if not each.agrees]

    with rule(api, "ns1", {"host": HOST, **policy}):
        eventually(conflicts)
        assert {each.port for each in conflicts()} == {1025, 8025}
        assert sent(mesh, hello) == "plaintext"
        code, printed = run("commands", "policies", "dev", f"--service={MAILHOG}")
        assert code == 1
        row = re.compile(rf"CONFLICT +{re.escape(MAILHOG)}:8025[^\n]* mutual TLS +MeshPolicy default +plaintext +{re.escape(words)}")
        assert row.search(printed), printed
        # The rule lies in ns1, so it is nobody else's.
        assert not [each for each in policies.of("world.ns2", MAILHOG) if not each.agrees]
    eventually(lambda: not conflicts())
    assert sent(mesh, hello) == "mutual"
    assert "no conflict among 2" in succeed("commands", "policies", "dev", f"--service={MAILHOG}")


def test_a_name_that_is_not_there_is_told_with_those_near_it(cluster: Cluster) -> None:
    with pytest.raises(PolicyError, match=r"there is no service mailhog\.ns1; near it are: .*mailhog\.mailhog"):
        PilotPolicies(cluster).of("hello.ns1", "mailhog.ns1")
    code, printed = run("commands", "policies", "dev", "--client=helo.ns1")
    assert code == 1
    assert re.search(r"error: there is no client with a proxy helo\.ns1; near it are: .*hello\.ns1", printed)
    assert "Traceback" not in printed


def sent(mesh: Mesh, pod: client.V1Pod) -> str:
    """What Pilot has the pod's proxy send to MailHog."""
    with pilot.forwarded(mesh.cluster, mesh.programs / "pilot-query") as asked:
        clusters = {cluster["name"]: cluster["tls"] for cluster in asked.program(pod)["clusters"]}
    return clusters[f"outbound|8025||{HOST}"]


@contextlib.contextmanager
def rule(api: client.ApiClient, namespace: str, spec: dict[str, Any]) -> Iterator[None]:
    """A DestinationRule `against` in the namespace, for as long as the context lasts."""
    group, version = NETWORKING.split("/")
    objects = client.CustomObjectsApi(api)
    body = {"apiVersion": NETWORKING, "kind": "DestinationRule", "metadata": {"name": "against"}, "spec": spec}
    objects.create_namespaced_custom_object(group, version, namespace, "destinationrules", body)
    try:
        yield
    finally:
        objects.delete_namespaced_custom_object(group, version, namespace, "destinationrules", "against")
