"""Who gets a sidecar: asked of the webhook with pods that never start."""

import contextlib
import secrets
from collections.abc import Iterator
from typing import Any

import yaml
from kubernetes import client

from components.namespaces import LEGACY
from components.workload import INJECT
from verify.answer import Answer
from verify.istioctl import Istioctl

LABELLED = "ns1"
"""A namespace whose label asks for sidecars."""

SIDECAR = "istio-proxy"
APART = {
    "sidecar.istio.io/interceptionMode",
    "traffic.sidecar.istio.io/excludeInboundPorts",
    "traffic.sidecar.istio.io/includeInboundPorts",
    "traffic.sidecar.istio.io/includeOutboundIPRanges",
    "service.istio.io/canonical-name",
    "service.istio.io/canonical-revision",
}
"""Annotations that istioctl alone writes down (they repeat arguments of istio-init), and labels that the webhook alone adds."""

_METADATA = ("labels", "annotations")


def asked(api: client.ApiClient, istioctl: Istioctl, by_annotation: bool) -> list[Answer]:
    """By label, by annotation in an unlabelled namespace (where the stack allows it), off by annotation, none; and by istioctl."""
    core = client.CoreV1Api(api)
    name = f"mesh-verify-{secrets.token_hex(3)}"
    with _namespace(core, name):
        cases = [
            (LABELLED, {}, "by the namespace's label", True),
            (LABELLED, {INJECT: "false"}, "off by annotation, in a labelled namespace", False),
            (name, {INJECT: "true"}, "by annotation, in an unlabelled namespace", True),
            (name, {}, "neither label nor annotation", False),
        ]
        answers = [
            Answer("sidecar", question, _said(has_sidecar(pod)), has_sidecar(pod) is wanted)
            for namespace, annotations, question, wanted in cases
            if by_annotation or namespace == LABELLED or not annotations
            for pod in [created(core, namespace, manifest(name, annotations))]
        ]
    return [*answers, by_istioctl(api, istioctl)]


def by_istioctl(api: client.ApiClient, istioctl: Istioctl) -> Answer:
    """Whether `istioctl kube-inject` makes of a manifest what the webhook makes of it."""
    core = client.CoreV1Api(api)
    before = manifest(f"mesh-verify-{secrets.token_hex(3)}", {}, LABELLED)
    by_webhook = created(core, LABELLED, before)
    after = next(yaml.safe_load_all(istioctl.run("kube-inject", "--filename", "-", stdin=yaml.safe_dump(before))))
    # Where no webhook looks, and without being kept: the API server fills in its defaults as it did for the other.
    after["metadata"].pop("namespace")
    by_hand = core.create_namespaced_pod(LEGACY, after, dry_run="All")
    differing = differences(comparable(_as_json(api, by_webhook)), comparable(_as_json(api, by_hand)))
    well = not differing and has_sidecar(by_hand)
    said = "the same pod" if well else f"differs in {', '.join(differing)}" if differing else "no sidecar"
    return Answer("sidecar", "by istioctl kube-inject, compared with the webhook's", said, well)


def manifest(name: str, annotations: dict[str, str], namespace: str | None = None) -> dict[str, Any]:
    """A pod that no scheduler takes, and without the token's volume, whose name is random."""
    metadata = {"name": name, "labels": {"app": "mesh-verify"}, "annotations": annotations}
    container = {"name": "main", "image": "none", "ports": [{"containerPort": 8080, "protocol": "TCP"}]}
    spec = {"schedulerName": "none", "automountServiceAccountToken": False, "containers": [container]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata | ({"namespace": namespace} if namespace else {}), "spec": spec}


def created(core: client.CoreV1Api, namespace: str, wanted: Any) -> client.V1Pod:
    """The pod as the cluster made it of the manifest `wanted`; it is gone again."""
    pod = core.create_namespaced_pod(namespace, wanted)
    core.delete_namespaced_pod(wanted["metadata"]["name"], namespace, grace_period_seconds=0)
    return pod


def has_sidecar(pod: client.V1Pod) -> bool:
    """Whether the pod has Istio's proxy."""
    return SIDECAR in {container.name for container in pod.spec.containers}


def comparable(pod: dict[str, Any]) -> dict[str, Any]:
    """What two pods must have in common to be the same: the specification, and but for `APART` the labels and annotations."""
    metadata = {kind: {key: value for key, value in (pod["metadata"].get(kind) or {}).items() if key not in APART} for kind in _METADATA}
    return {"metadata": metadata, "spec": pod["spec"]}


def differences(one: Any, other: Any, place: str = "") -> list[str]:
    """Where two JSON documents differ, by path; items of lists that have names are matched by them."""
    if isinstance(one, list) and isinstance(other, list):
        one, other = _by_name(one), _by_name(other)
    if isinstance(one, dict) and isinstance(other, dict):
        keys = sorted(one.keys() | other.keys())
        return [found for key in keys for found in differences(one.get(key), other.get(key), f"{place}.{key}" if place else key)]
    return [] if one == other else [place]


def _as_json(api: client.ApiClient, pod: client.V1Pod) -> Any:
    return api.sanitize_for_serialization(pod)


def _by_name(items: list[Any]) -> dict[str, Any]:
    return {str(item.get("name", index) if isinstance(item, dict) else index): item for index, item in enumerate(items)}


def _said(sidecar: bool) -> str:
    return "a sidecar" if sidecar else "no sidecar"


@contextlib.contextmanager
def _namespace(core: client.CoreV1Api, name: str) -> Iterator[None]:
    """A namespace without labels; its end is begun, and not waited for."""
    core.create_namespace(client.V1Namespace(metadata=client.V1ObjectMeta(name=name)))
    try:
        yield
    finally:
        core.delete_namespace(name)
