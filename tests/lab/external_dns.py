"""Trouble for the external-dns that runs in the lab."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager

from kubernetes import client

from lab.node import SOCKET, Node

NAMESPACE = "istio-system"
SECRET = "external-dns"  # noqa: S105
KEY = "EXTERNAL_DNS_RFC2136_TSIG_SECRET"


@contextmanager
def wrong_key(api: client.ApiClient) -> Iterator[None]:
    """Meanwhile it has another key than the DNS server."""
    core = client.CoreV1Api(api)
    right = str((core.read_namespaced_secret(SECRET, NAMESPACE).data or {})[KEY])

    def use(key: str) -> None:
        core.patch_namespaced_secret(SECRET, NAMESPACE, {"data": {KEY: key}})
        restart(api)

    use(base64.b64encode(base64.b64encode(b"another key")).decode())
    try:
        yield
    finally:
        use(right)


@contextmanager
def no_server(api: client.ApiClient) -> Iterator[None]:
    """Meanwhile there is no DNS server."""
    _supervise("stop")
    restart(api)
    try:
        yield
    finally:
        _supervise("start")
        restart(api)


def restart(api: client.ApiClient) -> None:
    """Another pod, which starts at once: one that failed often would wait for minutes."""
    client.CoreV1Api(api).delete_collection_namespaced_pod(NAMESPACE, label_selector="app.kubernetes.io/name=external-dns")


def _supervise(action: str) -> None:
    Node().run("/opt/process-compose/process-compose", "process", action, "named", "--unix-socket", SOCKET)
