"""Everything that is asked of a running mesh."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from kubernetes import client

from components import cluster, settings
from components.mutual_tls import Phase
from components.namespaces import SYSTEM
from lab import paths as lab
from tools import ToolError
from tools.build import ensure
from verify import certificates, pilot, requests
from verify.answer import Answer
from verify.probe import Probe

ACCOUNTS = (("ns1", "hello"), ("ns2", "world"), ("mailhog", "mailhog"))
"""The applications in the mesh: namespace and service account."""


@dataclass(frozen=True)
class Mesh:
    """A stack's mesh. outputs: the stack's, secrets included. kubectl, query: the programs that reach and ask Pilot."""

    outputs: dict[str, Any]
    kubectl: Path
    query: Path

    @classmethod
    def of(cls, outputs: dict[str, Any]) -> Self:
        """The mesh with these outputs; builds what asks Pilot where it is missing."""
        kubectl = str(lab.KUBECTL) if outputs["cluster"] == settings.LAB else shutil.which("kubectl")
        if not kubectl:
            raise ToolError("there is no `kubectl` on PATH, and Pilot is reached through it: install it")
        module = f"istio-{outputs['release']}"
        return cls(outputs, Path(kubectl), ensure([module])[module] / "bin/pilot-query")

    def ask_all(self) -> list[Answer]:
        """Every answer, in the order in which they are to be read."""
        return [*self.ask_by_requests(), *self.ask_pilot(), *self.ask_for_certificates()]

    def ask_by_requests(self) -> list[Answer]:
        """Requests from a pod in the mesh."""
        with self.cluster.connect() as api, Probe(api, "ns1") as probe:
            logins = self.outputs.get("logins")
            return [requests.hello(probe), requests.mail(probe), *(requests.dashboards(probe, logins) if logins else [])]

    def ask_pilot(self) -> list[Answer]:
        """What the proxies are told."""
        with self.cluster.connect() as api, pilot.forwarded(self.cluster, self.kubectl, self.query) as asked:
            hello, gateway = _pod(api, "ns1", "app=hello"), _pod(api, SYSTEM, "istio=ingressgateway")
            phase = Phase(self.outputs["mutualTls"])
            return [
                *pilot.as_hello(asked.program(hello), hello.status.pod_ip, phase),
                *pilot.as_gateway(asked.program(gateway, "router"), self.outputs["hosts"]),
            ]

    def ask_for_certificates(self) -> list[Answer]:
        """What Citadel issued."""
        with self.cluster.connect() as api:
            return [certificates.workload(api, namespace, account) for namespace, account in ACCOUNTS]

    @property
    def cluster(self) -> cluster.Cluster:
        """The cluster that the stack names."""
        name = self.outputs["cluster"]
        return cluster.named(name, is_lab=name == settings.LAB)


def _pod(api: client.ApiClient, namespace: str, selector: str) -> client.V1Pod:
    pods = client.CoreV1Api(api).list_namespaced_pod(namespace, label_selector=selector).items
    running = [pod for pod in pods if pod.status.phase == "Running" and not pod.metadata.deletion_timestamp]
    if not running:
        raise pilot.PilotError(f"no pod {selector} runs in {namespace}")
    return running[0]
