"""When external-dns compared objects and records, by its own metrics."""

import re
from dataclasses import dataclass

from kubernetes import client

_TIMEOUT = 5
"""Seconds to wait for its answer."""


@dataclass(frozen=True)
class Syncs:
    """When it began its last sync, and when it last ended one well: seconds since 1970, by its own clock; 0 before the first."""

    begun: float
    ended: float


def syncs(core: client.CoreV1Api, service: str, namespace: str) -> Syncs:
    """Asks it through the API server, by its `service`. Raises ApiException or urllib3's HTTPError where it does not answer."""
    path = (f"{service}:http", namespace, "metrics")
    return parse(core.connect_get_namespaced_service_proxy_with_path(*path, _request_timeout=_TIMEOUT))


def parse(metrics: str) -> Syncs:
    """Syncs from `metrics`, in the text format of Prometheus."""
    found = dict(re.findall(r"^external_dns_controller_last_(reconcile|sync)_timestamp_seconds (\S+)$", metrics, re.MULTILINE))
    return Syncs(begun=float(found.get("reconcile", 0)), ended=float(found.get("sync", 0)))
