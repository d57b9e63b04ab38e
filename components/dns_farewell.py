"""Holds external-dns back, while a stack is destroyed, until it has taken the records away (external-dns#5285).

A resource between external-dns and the objects that records are made for: the engine deletes those first, then this one,
whose deletion ends after one more sync, then external-dns. A delete hook would do, were it not for plain `pulumi destroy`,
which runs no program.
"""

import os
import re
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import pulumi
from kubernetes import client
from kubernetes.client.exceptions import ApiException
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider, UpdateResult
from urllib3.exceptions import HTTPError

from components.cluster import Cluster, ClusterError
from components.dns_syncs import Syncs, syncs
from components.pod_watch import Watch

LEAVE = "MESH_LEAVE_DNS_RECORDS"
"""An environment variable; where it is set, nothing is waited for."""

_UNREACHABLE = "PULUMI_K8S_DELETE_UNREACHABLE"
"""By this one the Kubernetes provider is told that a cluster is gone for good."""

_SLACK = 60
"""Seconds for one sync, on top of the interval between two."""


class Asked(Protocol):
    """A running external-dns.

    `syncs` is None while it does not answer; `trouble` says why it will not; `complaint` is what it said of a sync that ended
    well by its own account. Both are empty where there is nothing to say.
    """

    def syncs(self) -> Syncs | None: ...

    def trouble(self) -> str: ...

    def complaint(self) -> str: ...


class FarewellError(Exception):
    """The records may still be there; the message says why, and what to do."""


def wait_for_sync(asked: Asked, seconds: float) -> None:
    """Waits until a sync that began after this call has ended well. Raises FarewellError."""
    end = time.monotonic() + seconds
    reason = f"no sync within {seconds:.0f} s"
    first: Syncs | None = None
    while time.monotonic() < end:
        now = asked.syncs()
        first = first or now
        said = ""
        if not now:
            said = asked.trouble()
        elif first and now.begun > first.begun and now.ended >= now.begun:
            said = asked.complaint()
            if not said:
                return
        if said:
            reason = said
            break
        time.sleep(1)
    raise FarewellError(
        f"external-dns has not taken away the DNS records of this stack ({reason}): mend it and destroy again, or leave the records "
        f"behind and set {LEAVE}=true in the environment"
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
    wait_for_sync(_ExternalDns(core, service, namespace), seconds)


class _ExternalDns:
    """The one behind `service`."""

    def __init__(self, core: client.CoreV1Api, service: str, namespace: str) -> None:
        self._core, self._service, self._namespace = core, service, namespace
        self._watch = Watch(core, [namespace])
        self._began = time.monotonic()
        self._restarted: set[str] = set()

    def syncs(self) -> Syncs | None:
        try:
            return syncs(self._core, self._service, self._namespace)
        except (ApiException, HTTPError):
            return None

    def trouble(self) -> str:
        for fault in self._watch.faults(datetime.now(UTC)):
            if not (fault.pod.startswith(self._service) and fault.certain):
                continue
            if self._restarted - {fault.pod}:
                return self._watch.describe(fault)
            # It ends whenever a sync fails, and may have minutes to wait for its next try, with what ailed it mended meanwhile.
            self._restarted.add(fault.pod)
            self._core.delete_namespaced_pod(fault.pod, self._namespace)
        return ""

    def complaint(self) -> str:
        """A zone that it may not list, it takes for an empty one (rfc2136)."""
        since = int(time.monotonic() - self._began) + 1
        for pod in self._core.list_namespaced_pod(self._namespace, label_selector=f"app.kubernetes.io/name={self._service}").items:
            name = pod.metadata.name or ""
            try:
                text: str = self._core.read_namespaced_pod_log(name, self._namespace, since_seconds=since, _request_timeout=5)
            except (ApiException, HTTPError):
                continue  # one that has gone, or is not up yet
            if errors := [line for line in text.splitlines() if re.search('level"?[=:]"?error', line)]:
                return f"Pod {self._namespace}/{name}: {errors[-1]}"
        return ""


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
