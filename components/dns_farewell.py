"""Holds external-dns back, while a stack is destroyed, until it has taken the records away (external-dns#5285).

A resource between external-dns and the objects that records are made for: the engine deletes those first, then this one,
whose deletion ends after one more sync, then external-dns. A delete hook would do, were it not for plain `pulumi destroy`,
which runs no program.
"""

import os
import time
from pathlib import Path
from typing import Any, Protocol

import pulumi
from kubernetes import client
from kubernetes.client.exceptions import ApiException
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider, UpdateResult
from urllib3.exceptions import HTTPError

from components.cluster import Cluster, ClusterError
from components.dns_sync import FreshExternalDns
from components.istio_api import NETWORKING

LEAVE = "MESH_LEAVE_DNS_RECORDS"
"""An environment variable; where it is set, nothing is waited for."""

_UNREACHABLE = "PULUMI_K8S_DELETE_UNREACHABLE"
"""By this one the Kubernetes provider is told that a cluster is gone for good."""

_TRIES = 2
_SECONDS = 60
"""For one try: a new pod, and its first sync."""

_TIMEOUT = 5


class FarewellError(Exception):
    """The records may still be there; the message says why, and what to do."""


class Syncing(Protocol):
    """An external-dns that can be started anew, and then begins with a sync.

    `outcome` is None while that goes on, empty when it went well, and else says why not.
    """

    def start_anew(self) -> None: ...

    def outcome(self) -> str | None: ...


def sync_once(external_dns: Syncing) -> None:
    """Returns after a sync that began after this call and went well. Raises FarewellError."""
    reason = ""
    for _ in range(_TRIES):
        reason = f"no sync within {_SECONDS} s"
        external_dns.start_anew()
        end = time.monotonic() + _SECONDS
        while time.monotonic() < end:
            outcome = external_dns.outcome()
            if outcome == "":
                return
            if outcome:
                reason = outcome
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
                # Where routes are left, it is external-dns that is taken away and not the mesh: their records stay with them.
                if _exists(api, _props["route"]):
                    return
                external_dns = FreshExternalDns(api, _props["release"], _props["namespace"])
                if external_dns.installed():
                    sync_once(external_dns)
        except (ClusterError, HTTPError):
            if not os.environ.get(_UNREACHABLE):
                raise


def _exists(api: client.ApiClient, route: str) -> bool:
    group, version = NETWORKING.split("/")
    namespace, name = route.split("/")
    try:
        client.CustomObjectsApi(api).get_namespaced_custom_object(
            group, version, namespace, "virtualservices", name, _request_timeout=_TIMEOUT
        )
    except ApiException as error:
        if error.status == 404:
            return False
        raise
    return True


class DnsFarewell(Resource, module="mesh", name="DnsFarewell"):
    """See above.

    `release` is external-dns' Helm release in `namespace`; `route` (namespace/name) a VirtualService that goes before this.
    """

    def __init__(
        self,
        name: str,
        *,
        cluster: Cluster,
        release: str,
        namespace: pulumi.Input[str],
        route: str,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        where = {
            "cluster": cluster.name,
            "context": cluster.context,
            "kubeconfig": str(cluster.kubeconfig or ""),
            "hint": cluster.hint,
            "release": release,
            "namespace": namespace,
            "route": route,
        }
        super().__init__(_Provider(), name, where, opts)
