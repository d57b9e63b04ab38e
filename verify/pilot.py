"""What Pilot programs into the proxies, asked as one of them (tools/istio-1.5.10/pilot-query)."""

import contextlib
import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kubernetes import client

from components.cluster import Cluster
from components.mutual_tls import Phase
from components.namespaces import SYSTEM
from tools import ToolError
from verify.answer import Answer
from verify.port_forward import PortForward

API_SERVER = "kubernetes.default.svc.cluster.local"
CERTIFIED = {
    Phase.OFF: "never",
    Phase.PERMISSIVE: "where the client has one",
    Phase.MUTUAL: "where the client has one",
    Phase.STRICT: "always",
}
"""When a server asks for a client's certificate."""


class PilotError(ToolError):
    """Pilot could not be asked."""


@dataclass(frozen=True)
class Pilot:
    """A Pilot 1.5 that listens at `address` (host:port, plaintext gRPC); `query` is the binary pilot-query."""

    query: Path
    address: str

    def program(self, pod: client.V1Pod, kind: str = "sidecar") -> dict[str, Any]:
        """What the proxy of `pod` is told: clusters, listeners, routes (pilot-query's document). kind: sidecar or router."""
        labels = [argument for key, value in (pod.metadata.labels or {}).items() for argument in ("-label", f"{key}={value}")]
        command = [
            str(self.query), "-pilot", self.address, "-type", kind, "-namespace", pod.metadata.namespace, "-pod", pod.metadata.name,
            "-ip", pod.status.pod_ip, "-meta", "SDS=true", "-meta", "USER_SDS=true", *labels,
        ]  # fmt: skip
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode:
            raise PilotError(done.stderr.strip())
        return json.loads(done.stdout)


@contextlib.contextmanager
def forwarded(cluster: Cluster, query: Path) -> Iterator[Pilot]:
    """The Pilot of `cluster`, on a port of this machine for as long as the context lasts."""
    with PortForward(cluster, SYSTEM, "deployment/istio-pilot", 15010) as way:
        yield Pilot(query, way.address)


def as_hello(program: dict[str, Any], pod_ip: str, phase: Phase) -> list[Answer]:
    """What hello's sidecar is told of its neighbours and of its own door."""
    calls = "mutual" if phase in (Phase.MUTUAL, Phase.STRICT) else "plaintext"
    return [
        _call(program, "world.ns2.svc.cluster.local", 8080, calls, "spiffe://cluster.local/ns/ns2/sa/world"),
        _call(program, "end.legacy.svc.cluster.local", 8080, "plaintext"),
        _call(program, API_SERVER, 443, "plaintext"),
        _door(program, pod_ip, CERTIFIED[phase]),
    ]


def _call(program: dict[str, Any], host: str, port: int, wanted: str, identity: str = "") -> Answer:
    name = f"outbound|{port}||{host}"
    cluster = next((cluster for cluster in program["clusters"] if cluster["name"] == name), None)
    question = f"how to call {host.removesuffix('.svc.cluster.local')}"
    if not cluster:
        return Answer("Pilot, as hello", question, "not at all", well=False)
    identities = cluster.get("sans") or []
    said = " ".join([cluster["tls"], *(["with"] if identities else []), *identities])
    expected = [identity] if wanted == "mutual" else []
    return Answer("Pilot, as hello", question, said, cluster["tls"] == wanted and identities == expected)


def _door(program: dict[str, Any], pod_ip: str, wanted: str) -> Answer:
    chains = [
        chain["require_client_certificate"]
        for listener in program["listeners"]
        if (listener["address"], listener["port"]) == (pod_ip, 8080) or listener["name"].startswith("virtualInbound")
        for chain in listener["filter_chains"]
        if listener["address"] == pod_ip or (chain["match"].get("port") == 8080)
    ]
    said = "no listener" if not chains else "always" if all(chains) else "where the client has one" if any(chains) else "never"
    return Answer("Pilot, as hello", "when it asks callers for a certificate", said, said == wanted)
