"""Everything that is asked of a running mesh."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from kubernetes import client
from kubernetes.client.exceptions import ApiException
from urllib3.exceptions import HTTPError

from components import cluster
from components.errors import UserError
from components.mutual_tls import Phase
from components.namespaces import SYSTEM
from tools import ToolError
from verify import certificates, gateway, gateway_certificate, pilot, policies, programs, records, requests, sidecars
from verify.answer import Answer
from verify.istioctl import Istioctl
from verify.pilot_policies import PilotPolicies
from verify.probe import Probe

ACCOUNTS = (("ns1", "hello"), ("ns2", "world"), ("mailhog", "mailhog"))
"""The applications in the mesh: namespace and service account."""


@dataclass(frozen=True)
class Mesh:
    """A stack's mesh. outputs: the stack's, secrets included. programs: the directory of its release's own."""

    outputs: dict[str, Any]
    programs: Path

    @classmethod
    def of(cls, outputs: dict[str, Any]) -> Self:
        """The mesh with these outputs; builds what asks it where it is missing."""
        return cls(outputs, programs.of_release(outputs["release"]))

    def ask_all(self, tell: Callable[[str], None] = lambda _: None) -> list[Answer]:
        """Every answer, in the order in which they are to be read; `tell` is called with what is being asked.

        What cannot be asked is an answer too.
        """
        answers = []
        for what, ask in (
            ("requests", self.ask_by_requests),
            ("Pilot", self.ask_pilot),
            ("Citadel", self.ask_for_certificates),
            ("the gateway's certificate", self.ask_for_gateway_certificate),
            ("DNS", self.ask_dns),
            ("istioctl", self.ask_istioctl),
            ("sidecars", self.ask_for_sidecars),
            ("policies", self.ask_for_policies),
        ):
            tell(what)
            try:
                answers += ask()
            except (ToolError, UserError, ApiException, HTTPError) as error:
                answers.append(Answer(what, "whether it can be asked", str(error), well=False))
        return answers

    def ask_by_requests(self) -> list[Answer]:
        """Requests from a pod in the mesh."""
        with self.cluster.connect() as api, Probe(api, "ns1") as probe:
            logins = self.outputs.get("logins")
            return [requests.hello(probe), requests.mail(probe), *(requests.dashboards(probe, logins) if logins else [])]

    def ask_pilot(self) -> list[Answer]:
        """What the proxies are told."""
        with self.cluster.connect() as api, pilot.forwarded(self.cluster, self.programs / "pilot-query") as asked:
            hello, router = _pod(api, "ns1", "app=hello"), _pod(api, SYSTEM, "istio=ingressgateway")
            return [
                *pilot.as_hello(asked.program(hello), hello.status.pod_ip or "", Phase(self.outputs["mutualTls"])),
                *gateway.asked(asked.program(router, "router"), self.outputs),
            ]

    def ask_for_certificates(self) -> list[Answer]:
        """What Citadel issued."""
        with self.cluster.connect() as api:
            return [certificates.workload(api, namespace, account) for namespace, account in ACCOUNTS]

    def ask_for_gateway_certificate(self) -> list[Answer]:
        """What the gateway shows to the world."""
        certificate = self.outputs.get("certificate")
        if not certificate:
            return []
        with self.cluster.connect() as api:
            return [gateway_certificate.lies_ready(api, certificate, self.outputs["hosts"].values())]

    def ask_dns(self) -> list[Answer]:
        """Where the stack's names lead."""
        return records.asked(self.outputs)

    def ask_istioctl(self) -> list[Answer]:
        """Whether istioctl and the control plane are of one release."""
        return [self.istioctl.version()]

    def ask_for_sidecars(self) -> list[Answer]:
        """Who gets a sidecar."""
        with self.cluster.connect() as api:
            return sidecars.asked(api, self.istioctl, self.outputs.get("sidecarByAnnotation", False))

    def ask_for_policies(self) -> list[Answer]:
        """Whether MailHog understands its clients."""
        return policies.agree(PilotPolicies(self.cluster), "mailhog.mailhog")

    @property
    def cluster(self) -> cluster.Cluster:
        """The cluster that the stack names."""
        return cluster.named(self.outputs["cluster"])

    @property
    def istioctl(self) -> Istioctl:
        """istioctl of the release."""
        return Istioctl(self.programs / "istioctl", self.outputs["release"], self.cluster)


def _pod(api: client.ApiClient, namespace: str, selector: str) -> client.V1Pod:
    pods = client.CoreV1Api(api).list_namespaced_pod(namespace, label_selector=selector).items
    running = [pod for pod in pods if pod.status.phase == "Running" and not pod.metadata.deletion_timestamp]
    if not running:
        raise pilot.PilotError(f"no pod {selector} runs in {namespace}")
    return running[0]
