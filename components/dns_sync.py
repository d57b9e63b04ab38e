"""The syncs of external-dns: its comparing of objects and records, by its own metrics and words."""

import re
from dataclasses import dataclass

from kubernetes import client
from kubernetes.client.exceptions import ApiException
from urllib3.exceptions import HTTPError

_TIMEOUT = 5
"""Seconds to wait for an answer."""

_PORT = 7979
_ERROR = re.compile('level"?[=:]"?(error|fatal)')


@dataclass(frozen=True)
class Syncs:
    """When it began its last sync, and when it last ended one well: seconds since 1970, by its own clock; 0 before the first."""

    begun: float
    ended: float


def parse(metrics: str) -> Syncs:
    """Syncs from `metrics`, in the text format of Prometheus."""
    found = dict(re.findall(r"^external_dns_controller_last_(reconcile|sync)_timestamp_seconds (\S+)$", metrics, re.MULTILINE))
    return Syncs(begun=float(found.get("reconcile", 0)), ended=float(found.get("sync", 0)))


def errors(log: str) -> list[str]:
    """What it complained of, in its text or JSON format."""
    return [line for line in log.splitlines() if _ERROR.search(line)]


class ExternalDns:
    """The one of the Helm release `release` in `namespace`."""

    def __init__(self, api: client.ApiClient, release: str, namespace: str) -> None:
        self._core, self._apps = client.CoreV1Api(api), client.AppsV1Api(api)
        self._release, self._namespace = release, namespace

    def installed(self) -> bool:
        """Whether it has a Deployment."""
        selector = self._selector
        return bool(self._apps.list_namespaced_deployment(self._namespace, label_selector=selector, _request_timeout=_TIMEOUT).items)

    def pods(self) -> list[client.V1Pod]:
        """Its pods that are not about to go."""
        found = self._core.list_namespaced_pod(self._namespace, label_selector=self._selector, _request_timeout=_TIMEOUT).items
        return [pod for pod in found if not pod.metadata.deletion_timestamp]

    def syncs(self, pod: str) -> Syncs:
        """Asks the pod, through the API server. Raises ApiException or urllib3's HTTPError where it does not answer."""
        ask = self._core.connect_get_namespaced_pod_proxy_with_path
        return parse(ask(f"{pod}:{_PORT}", self._namespace, "metrics", _request_timeout=_TIMEOUT))

    def complaint(self, pod: str, *, previous: bool = False) -> str:
        """The last error that the pod told, with its name; empty where there is none. `previous`: before its container ended."""
        log = self._core.read_namespaced_pod_log(pod, self._namespace, previous=previous, _request_timeout=_TIMEOUT)
        found = errors(log)
        return f"Pod {self._namespace}/{pod}: {found[-1]}" if found else ""

    @property
    def _selector(self) -> str:
        return f"app.kubernetes.io/instance={self._release}"


class FreshExternalDns(ExternalDns):
    """One that is started anew, and then syncs once, whatever it had to wait for."""

    def __init__(self, api: client.ApiClient, release: str, namespace: str) -> None:
        super().__init__(api, release, namespace)
        self._former: set[str] = set()

    def start_anew(self) -> None:
        """Ends its pods; others come."""
        self._former |= {pod.metadata.name or "" for pod in self.pods()}
        for name in self._former:
            try:
                self._core.delete_namespaced_pod(name, self._namespace, _request_timeout=_TIMEOUT)
            except ApiException as error:
                if error.status != 404:
                    raise

    def outcome(self) -> str | None:
        """Of the new pod's first sync: None while it goes on, empty when it went well, else why not."""
        for pod in self.pods():
            name = pod.metadata.name or ""
            if name in self._former:
                continue
            ended = any(
                status.restart_count or (status.state and status.state.terminated) for status in pod.status.container_statuses or []
            )
            try:
                if ended:
                    return self.complaint(name, previous=True) or f"Pod {self._namespace}/{name} has ended"
                syncs = self.syncs(name)
                # A zone that it may not list, it takes for an empty one (rfc2136), and calls that a sync.
                return self.complaint(name) if syncs.ended >= syncs.begun > 0 else None
            except (ApiException, HTTPError):
                return None  # not up yet, or gone again
        return None
