"""Taken down, the mesh leaves none of its objects, and the lab nothing at all."""

from kubernetes import client

from commands.pulumi import Pulumi
from components import namespaces
from tests.lab.commandline import succeed


def test_down_removes_what_the_stack_created(pulumi: Pulumi, api: client.ApiClient) -> None:
    succeed("commands", "down", "dev")
    left = {found.metadata.name for found in client.CoreV1Api(api).list_namespace().items} & set(namespaces.ALL)
    assert not left
    assert [resource["type"] for resource in pulumi.resources()] in ([], ["pulumi:pulumi:Stack"])
    roles = client.RbacAuthorizationV1Api(api).list_cluster_role().items
    assert not [role.metadata.name for role in roles if "istio" in str(role.metadata.name)]


def test_a_second_down_has_nothing_to_do(pulumi: Pulumi) -> None:
    assert "No resources" in succeed("commands", "down", "dev") or not pulumi.resources()
