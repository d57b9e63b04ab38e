"""The gateway is told to serve HTTPS with the stack's certificate, or with one that is there already."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from kubernetes import client

from commands.pulumi import Pulumi
from components.self_signed import issue
from tests.lab.commandline import engine, succeed
from verify.mesh import Mesh

BY_HAND = "by-hand"


@pytest.fixture
def secret_by_hand(pulumi: Pulumi, api: client.ApiClient) -> Iterator[None]:
    """A TLS Secret of somebody else's, which the stack serves meanwhile."""
    core = client.CoreV1Api(api)
    made = issue(["*.example.com"], 30, datetime.now(UTC))
    data = {"tls.crt": made["certificate"], "tls.key": made["key"]}
    secret = client.V1Secret(metadata=client.V1ObjectMeta(name=BY_HAND), type="kubernetes.io/tls", string_data=data)
    core.create_namespaced_secret("istio-system", secret)
    succeed(*engine("up", "--yes", "--skip-preview", "-c", f"mesh:certificate={BY_HAND}"))
    yield
    succeed("commands", "up", "dev")
    core.delete_namespaced_secret(BY_HAND, "istio-system")


def told(mesh: Mesh) -> list[str]:
    answers = mesh.ask_pilot() + mesh.ask_for_gateway_certificate()
    assert not [answer for answer in answers if not answer.well]
    return [answer.said for answer in answers]


def test_the_gateway_serves_the_stacks_own_certificate_by_sds_from_tls_1_2_on(mesh: Mesh) -> None:
    assert "ingress-certificate by SDS, TLSv1_2 at least" in told(mesh)


def test_the_gateway_serves_a_secret_that_is_there_and_the_stacks_own_is_gone(
    secret_by_hand: None, pulumi: Pulumi, api: client.ApiClient
) -> None:
    assert f"{BY_HAND} by SDS, TLSv1_2 at least" in told(Mesh.of(pulumi.outputs()))
    names = {secret.metadata.name for secret in client.CoreV1Api(api).list_namespaced_secret("istio-system").items}
    assert BY_HAND in names
    assert "ingress-certificate" not in names
