"""Holds external-dns back, while a stack is destroyed, until it has taken the records away (external-dns#5285).

A resource between external-dns and the objects that records are made for: the engine deletes those first, then this one,
whose deletion ends after one more sync, then external-dns. A delete hook would do, were it not for plain `pulumi destroy`,
which runs no program.
"""

import os
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pulumi
from kubernetes import client
from kubernetes.client.exceptions import ApiException
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider, UpdateResult
from urllib3.exceptions import HTTPError

from components.cluster import Cluster, ClusterError
from components.pod_watch import Watch

LEAVE = "MESH_LEAVE_DNS_RECORDS"
"""An environment variable; where it is set, nothing is waited for."""

_UNREACHABLE = "PULUMI_K8S_DELETE_UNREACHABLE"
"""By this one the Kubernetes provider is told that a cluster is gone for good."""

_SLACK = 60
"""Seconds for one sync, on top of the interval between two."""

Metrics = tuple[float, float]
"""When external-dns began its last sync, and when it last ended one well: seconds since 1970, by its own clock."""


class FarewellError(Exception):
    """The records may still be there; the message says why, and what to do."""


def wait_for_sync(read: Callable[[], Metrics | None], trouble: Callable[[], str], seconds: float) -> None:
    """Waits until a sync that began after this call has ended well.

    `read` gives None while external-dns does not answer; `trouble` says why it never will, or nothing. Raises FarewellError.
    """
    end = time.monotonic() + seconds
    first: Metrics | None = None
    reason = ""
    while time.monotonic() < end:
        now = read()
        first = first or now
        if now and first and now[0] > first[0] and now[1] >= now[0]:
            return
        if not now and (reason := trouble()):
            break
        time.sleep(1)
    raise FarewellError(
        f"external-dns has not taken away the DNS records of this stack ({reason or f'no sync within {seconds:.0f} s'}): mend it and "
        f"destroy again, or leave the records behind and set {LEAVE}=true in the environment"
    )


class _Provider(ResourceProvider):
    serialize_as_secret_always = False

    def create(self, props: dict[str, Any]) -> CreateResult:
        return CreateResult("farewell", props)

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        return DiffResult(changes=any(_olds.get(key) != value for key, value in _news.items()))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        return UpdateResult(_news)

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        if os.environ.get(LEAVE):
            return
        kubeconfig = _props["kubeconfig"]
        cluster = Cluster(_props["cluster"], _props["context"], Path(kubeconfig) if kubeconfig else None, _props["hint"])
        try:
            with cluster.connect() as api:
                _wait(client.CoreV1Api(api), _props["service"], _props["namespace"], _props["interval"] + _SLACK)
        except (ClusterError, HTTPError):
            if not os.environ.get(_UNREACHABLE):
                raise


def _wait(core: client.CoreV1Api, service: str, namespace: str, seconds: float) -> None:
    try:
        core.read_namespaced_service(service, namespace)
    except ApiException as error:
        if error.status == 404:
            return  # somebody took external-dns away before, and nobody is left to wait for
        raise
    watch = Watch(core, [namespace])

    def read() -> Metrics | None:
        try:
            text = core.connect_get_namespaced_service_proxy_with_path(f"{service}:http", namespace, "metrics", _request_timeout=5)
        except (ApiException, HTTPError):
            return None
        return metric(text, "last_reconcile"), metric(text, "last_sync")

    def trouble() -> str:
        found = [fault for fault in watch.faults(datetime.now(UTC)) if fault.pod.startswith(service) and fault.certain]
        return watch.describe(found[0]) if found else ""

    wait_for_sync(read, trouble, seconds)


def metric(text: str, name: str) -> float:
    """The value of external-dns' metric `external_dns_controller_<name>_timestamp_seconds`; 0 where it has none yet."""
    found = re.search(rf"^external_dns_controller_{name}_timestamp_seconds (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else 0


class DnsFarewell(Resource, module="mesh", name="DnsFarewell"):
    """See above. `service` is external-dns' Service in `namespace`; `interval` are the seconds between two of its syncs."""

    def __init__(
        self,
        name: str,
        *,
        cluster: Cluster,
        service: str,
        namespace: pulumi.Input[str],
        interval: int,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        where = {
            "cluster": cluster.name,
            "context": cluster.context,
            "kubeconfig": str(cluster.kubeconfig or ""),
            "hint": cluster.hint,
            "service": service,
            "namespace": namespace,
            "interval": interval,
        }
        super().__init__(_Provider(), name, where, opts)
