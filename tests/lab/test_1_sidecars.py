"""Sidecars come in three ways, and stay away in the fourth."""

from typing import Any

import pytest
from kubernetes import client

from components.namespaces import LEGACY
from tests.lab.waiting import eventually
from verify import sidecars
from verify.mesh import Mesh
from verify.probe import IMAGE

UNLABELLED = "asks-by-annotation"


def test_every_way_to_a_sidecar_and_every_way_around_one(mesh: Mesh, outputs: dict[str, Any]) -> None:
    answers = {answer.question: answer for answer in mesh.ask_for_sidecars()}
    assert outputs["sidecarByAnnotation"]
    assert {question: answer.said for question, answer in answers.items()} == {
        "by the namespace's label": "a sidecar",
        "off by annotation, in a labelled namespace": "no sidecar",
        "by annotation, in an unlabelled namespace": "a sidecar",
        "neither label nor annotation": "no sidecar",
        "by istioctl kube-inject, compared with the webhook's": "the same pod",
    }
    assert all(answer.well for answer in answers.values())


def test_nothing_is_left_of_the_questions(mesh: Mesh, api: client.ApiClient) -> None:
    mesh.ask_for_sidecars()
    core = client.CoreV1Api(api)
    assert not core.list_pod_for_all_namespaces(label_selector="app=mesh-verify").items
    left = [found for found in core.list_namespace().items if found.metadata.name.startswith("mesh-verify-")]
    assert all(found.status.phase == "Terminating" for found in left)


def test_a_namespace_that_declines_has_none_even_by_annotation(api: client.ApiClient) -> None:
    core = client.CoreV1Api(api)
    pod = sidecars.created(core, LEGACY, sidecars.manifest("mesh-verify-declined", {sidecars.INJECT: "true"}))
    assert not sidecars.has_sidecar(pod)


@pytest.mark.parametrize("app", [("ns1", "hello"), ("ns2", "world"), ("mailhog", "mailhog")])
def test_the_applications_have_theirs(mesh: Mesh, api: client.ApiClient, app: tuple[str, str]) -> None:
    pods = client.CoreV1Api(api).list_namespaced_pod(app[0], label_selector=f"app={app[1]}").items
    assert pods
    assert all(sidecars.has_sidecar(pod) for pod in pods)


def test_the_application_outside_of_the_mesh_has_none(mesh: Mesh, api: client.ApiClient) -> None:
    (pod,) = client.CoreV1Api(api).list_namespaced_pod(LEGACY, label_selector="app=end").items
    assert not sidecars.has_sidecar(pod)


def test_a_pod_that_asks_by_annotation_alone_comes_up_with_its_sidecar(mesh: Mesh, api: client.ApiClient) -> None:
    core = client.CoreV1Api(api)
    core.create_namespace(client.V1Namespace(metadata=client.V1ObjectMeta(name=UNLABELLED)))
    container = client.V1Container(name="main", image=IMAGE, image_pull_policy="IfNotPresent", command=["sleep", "600"])
    metadata = client.V1ObjectMeta(name="asks", annotations={sidecars.INJECT: "true"})
    try:
        eventually(lambda: core.list_namespaced_service_account(UNLABELLED).items)
        core.create_namespaced_pod(UNLABELLED, client.V1Pod(metadata=metadata, spec=client.V1PodSpec(containers=[container])))
        eventually(lambda: ready(core.read_namespaced_pod("asks", UNLABELLED)) == {"main", sidecars.SIDECAR}, seconds=60)
    finally:
        core.delete_namespace(UNLABELLED)


def ready(pod: client.V1Pod) -> set[str]:
    return {container.name for container in pod.status.container_statuses or [] if container.ready}
