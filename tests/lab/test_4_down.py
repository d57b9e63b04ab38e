"""Taken down, the mesh leaves none of its objects, and the lab nothing at all."""

from kubernetes import client

from commands.pulumi import Pulumi
from components import namespaces
from lab import dns
from tests.lab import external_dns
from tests.lab.commandline import run, succeed
from tests.lab.zones import made_by_stacks


def test_a_down_that_cannot_take_the_records_away_says_why_and_keeps_who_could(pulumi: Pulumi, api: client.ApiClient) -> None:
    with external_dns.wrong_key(api):
        code, output = run("commands", "down", "dev")
    assert code != 0
    assert "external-dns has not taken away the DNS records of this stack (Pod istio-system/external-dns-" in output
    assert "bad authentication" in output
    assert "Traceback" not in output
    assert made_by_stacks("example.com")


def test_down_removes_what_the_stack_created(pulumi: Pulumi, api: client.ApiClient) -> None:
    succeed("commands", "down", "dev")
    assert not [record for zone in dns.ZONES for record in made_by_stacks(zone)]
    left = {found.metadata.name for found in client.CoreV1Api(api).list_namespace().items} & set(namespaces.ALL)
    assert not left
    assert [resource["type"] for resource in pulumi.resources()] in ([], ["pulumi:pulumi:Stack"])
    roles = [role.metadata.name or "" for role in client.RbacAuthorizationV1Api(api).list_cluster_role().items]
    assert not [name for name in roles if "istio" in name or "external-dns" in name]
    crds = client.ApiextensionsV1Api(api).list_custom_resource_definition().items
    assert not [crd.metadata.name for crd in crds if not crd.metadata.name.endswith(".istio.io")], "istio-init's outlive it, by design"
    assert not client.AdmissionregistrationV1Api(api).list_mutating_webhook_configuration().items


def test_a_second_down_has_nothing_to_do(pulumi: Pulumi) -> None:
    assert " -  " not in succeed("commands", "down", "dev")


def test_a_preview_shows_a_mesh_that_is_not_there_yet(pulumi: Pulumi) -> None:
    assert "MutatingWebhookConfiguration::sidecar-by-annotation-webhook" in succeed("commands", "preview", "dev")
