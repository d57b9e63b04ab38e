"""What holds between clients and services, as Pilot 1.5 tells it (/debug/authenticationz, which `istioctl authn tls-check` reads too).

Pilot's own verdict is not taken over, for it leaves out three things: servers without a sidecar, whom no policy reaches; a rule without
TLS settings, which means plaintext; and subsets, which have their rule's settings where they have none. It does not tell of
PeerAuthentications, which Istio 1.5 knows beside Policy and MeshPolicy, and which mesh does not use.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

import urllib3
from kubernetes import client

from components.cluster import Cluster
from components.mutual_tls import ServerMode
from components.namespaces import SYSTEM
from verify.policies import Agreement, PolicyError, Sent, unknown
from verify.port_forward import PortForward
from verify.sidecars import has_sidecar

_HTTP = 8080
_SECONDS = 30
_STATUS = "sidecar.istio.io/status"
"""The annotation of pods that were given a sidecar."""


class Guard(StrEnum):
    """What stands before a server."""

    SIDECAR = "a sidecar"
    OWN_PROXY = "its own proxy"
    NOBODY = "no sidecar"


_ACCEPTED = {"DISABLE": ServerMode.PLAINTEXT, "PERMISSIVE": ServerMode.BOTH, "STRICT": ServerMode.MUTUAL_TLS}
_NONE, _AUTOMATIC = "None", "-"
_SENT = {
    _NONE: Sent.PLAINTEXT,
    _AUTOMATIC: Sent.AS_ACCEPTED,
    "DISABLE": Sent.PLAINTEXT,
    "ISTIO_MUTUAL": Sent.MUTUAL_TLS,
    "MUTUAL": Sent.OTHER_TLS,
    "SIMPLE": Sent.OTHER_TLS,
}


class PilotPolicies:
    """The policies of the classic releases, from the Pilots of `cluster`."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def of(self, client: str, service: str = "") -> list[Agreement]:
        """See `Policies.of`."""
        with self._cluster.connect() as api:
            pods, services = _everywhere(api)
        caller = find_client(pods, client)
        known = agreements(self._ask(pods, caller), guards(services, pods))
        found = [each for each in known if not service or each.service == short(service)]
        if not found:
            raise unknown("service", service, (each.service for each in known))
        return found

    def _ask(self, pods: Sequence[client.V1Pod], caller: client.V1Pod) -> list[dict[str, Any]]:
        """A proxy is connected to one of the Pilots, and only that one tells of it."""
        name = f"{caller.metadata.name}.{caller.metadata.namespace}"
        ours = [pod for pod in pods if pod.metadata.namespace == SYSTEM and (pod.metadata.labels or {}).get("istio") == "pilot"]
        pilots = [pod for pod in ours if pod.status.phase == "Running"]
        for pilot in pilots:
            with PortForward(self._cluster, SYSTEM, f"pod/{pilot.metadata.name}", _HTTP) as way:
                url = f"http://{way.address}/debug/authenticationz"
                answer = urllib3.request("GET", url, fields={"proxyID": name}, retries=False, timeout=_SECONDS)
                if entries := json.loads(answer.data):
                    return entries
        asked = f"none of {len(pilots)} Pilots knows its proxy" if pilots else f"no Pilot runs in {SYSTEM}"
        raise PolicyError(f"{name} cannot be asked for: {asked}; `make status` tells what is not well")


def agreements(entries: Iterable[Mapping[str, Any]], guarded: Mapping[str, Guard]) -> list[Agreement]:
    """Pilot's entries, read; conflicts first. guarded: service -> by what; for a service that is missing Pilot is believed."""
    rows = [(*entry["host"].partition("|")[::2], entry) for entry in entries]
    own = {(host, entry["port"]): entry["client_protocol"] for host, subset, entry in rows if not subset}
    found = set()  # a port of TCP and UDP comes twice
    for host, subset, entry in rows:
        guard = guarded.get(short(host), Guard.SIDECAR)
        protocol = entry["client_protocol"]
        if protocol == _NONE and subset:
            protocol = own.get((host, entry["port"]), _NONE)
        found.add(
            Agreement(
                service=short(host),
                port=entry["port"],
                subset=subset,
                accepted=_accepted(guard, entry["server_protocol"], _SENT[protocol]),
                policy=_policy(entry["authentication_policy_name"]) if guard is Guard.SIDECAR else guard.value,
                sent=_SENT[protocol],
                rule=_rule(entry["destination_rule_name"], protocol),
            )
        )
    return sorted(found, key=lambda each: (each.agrees, each.service, each.port, each.subset))


def find_client(pods: Iterable[client.V1Pod], name: str) -> client.V1Pod:
    """The running pod with a proxy that is called `name`, or whose label `app` is; each with .namespace. PolicyError if there is none."""
    names: dict[str, client.V1Pod] = {}
    for pod in pods:
        if pod.status.phase == "Running" and has_sidecar(pod):
            names[f"{pod.metadata.name}.{pod.metadata.namespace}"] = pod
            names.setdefault(f"{(pod.metadata.labels or {}).get('app')}.{pod.metadata.namespace}", pod)
    if name not in names:
        raise unknown("client with a proxy", name, names)
    return names[name]


def guards(services: Iterable[client.V1Service], pods: Sequence[client.V1Pod]) -> dict[str, Guard]:
    """Service -> what stands before its pods; a service whose pods are not there is left out."""
    found = {}
    for service in services:
        namespace, selector = service.metadata.namespace, service.spec.selector or {}
        chosen = [pod for pod in pods if pod.metadata.namespace == namespace and selector.items() <= (pod.metadata.labels or {}).items()]
        if chosen or not selector:
            found[f"{service.metadata.name}.{namespace}"] = max(map(_guard, chosen), key=list(Guard)[::-1].index, default=Guard.NOBODY)
    return found


def short(host: str) -> str:
    """name.namespace of a service's host."""
    return ".".join(host.split(".")[:2])


def _everywhere(api: client.ApiClient) -> tuple[list[client.V1Pod], list[client.V1Service]]:
    core = client.CoreV1Api(api)
    return core.list_pod_for_all_namespaces().items, core.list_service_for_all_namespaces().items


def _guard(pod: client.V1Pod) -> Guard:
    if _STATUS in (pod.metadata.annotations or {}):
        return Guard.SIDECAR
    return Guard.OWN_PROXY if has_sidecar(pod) else Guard.NOBODY


def _accepted(guard: Guard, protocol: str, sent: Sent) -> ServerMode | None:
    if guard is Guard.SIDECAR:
        return _ACCEPTED[protocol]
    # A server's own TLS is its own affair.
    return ServerMode.PLAINTEXT if guard is Guard.NOBODY and sent is not Sent.OTHER_TLS else None


def _policy(name: str) -> str:
    if name == _NONE:
        return "no policy"
    namespace, _, own = name.partition("/")
    return f"Policy {name}" if namespace else f"MeshPolicy {own}"


def _rule(name: str, protocol: str) -> str:
    if name in (_NONE, _AUTOMATIC):
        return "no rule"
    return f"DestinationRule {name}" + (", without TLS settings" if protocol == _NONE else "")
