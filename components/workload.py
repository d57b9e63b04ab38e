"""An application of ours: a service account, a Deployment of one container, and a Service."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.apps.v1 import Deployment, DeploymentSpecArgs
from pulumi_kubernetes.core.v1 import (
    CapabilitiesArgs,
    ContainerArgs,
    ContainerPortArgs,
    EnvVarArgs,
    HTTPGetActionArgs,
    PodSpecArgs,
    PodTemplateSpecArgs,
    ProbeArgs,
    ResourceRequirementsArgs,
    SeccompProfileArgs,
    SecurityContextArgs,
    Service,
    ServiceAccount,
    ServicePortArgs,
    ServiceSpecArgs,
)
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs, ObjectMetaArgs

TIMEOUTS = pulumi.CustomTimeouts(create="2m", update="2m", delete="2m")
"""How long the engine waits for the pods, image pull included."""

INJECT = "sidecar.istio.io/inject"
"""The annotation of pods that ask for a sidecar ("true") or decline it ("false")."""

_SECCOMP_MINOR = 19
"""Kubernetes 1.x from which on a container can name its seccomp profile."""


@dataclass(frozen=True)
class Image:
    """An image, and what it needs: the user and group (numbers) that it is made for, and a file system to write to."""

    name: str
    user: int
    group: int
    writes: bool = False


@dataclass(frozen=True)
class Port:
    """A port of the container, and of the Service under the same number.

    The first part of its name tells Istio the protocol: `http`, `tcp-smtp`.
    """

    name: str
    number: int


class Workload(pulumi.ComponentResource):
    """Runs one container, and gives it a DNS name, and an identity in the mesh: its service account's.

    `probe` is a path at the port `http` that answers when the application is well. `sidecar` True or False writes the
    annotation that asks for a sidecar or declines it; None leaves it to the namespace. In namespaces without the label
    `istio-injection`, True needs the setting `sidecarByAnnotation`. `kubernetes_minor` is the cluster's.

    `host` is the Service's full name, without a port.
    """

    host: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        *,
        namespace: pulumi.Input[str],
        image: Image,
        ports: Sequence[Port],
        probe: str,
        kubernetes_minor: int,
        version: str = "v1",
        env: Mapping[str, str] | None = None,
        sidecar: bool | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("mesh:index:Workload", name, None, opts)
        labels = {"app": name}
        pod_labels = labels | {"version": version}
        account = ServiceAccount(
            f"{name}-account",
            metadata=ObjectMetaArgs(name=name, namespace=namespace),
            opts=pulumi.ResourceOptions(parent=self),
        )
        check = HTTPGetActionArgs(path=probe, port="http")
        container = ContainerArgs(
            name=name,
            image=image.name,
            image_pull_policy="IfNotPresent",
            env=[EnvVarArgs(name=key, value=value) for key, value in (env or {}).items()],
            ports=[ContainerPortArgs(name=port.name, container_port=port.number) for port in ports],
            readiness_probe=ProbeArgs(http_get=check, period_seconds=5),
            liveness_probe=ProbeArgs(http_get=check, initial_delay_seconds=10, period_seconds=15),
            resources=ResourceRequirementsArgs(requests={"cpu": "10m", "memory": "32Mi"}, limits={"memory": "128Mi"}),
            security_context=_restricted(image, kubernetes_minor),
        )
        annotations = {} if sidecar is None else {INJECT: str(sidecar).lower()}
        Deployment(
            f"{name}-deployment",
            metadata=ObjectMetaArgs(name=name, namespace=namespace, labels=pod_labels),
            spec=DeploymentSpecArgs(
                replicas=1,
                # Pulumi has the history. An old ReplicaSet that is used again would look ready to the engine before it is.
                revision_history_limit=0,
                selector=LabelSelectorArgs(match_labels=pod_labels),
                template=PodTemplateSpecArgs(
                    metadata=ObjectMetaArgs(labels=pod_labels, annotations=annotations),
                    spec=PodSpecArgs(service_account_name=account.metadata.name, containers=[container]),
                ),
            ),
            opts=pulumi.ResourceOptions(parent=self, custom_timeouts=TIMEOUTS),
        )
        Service(
            f"{name}-service",
            # The engine waits for the Deployment's pods; to wait for them here as well takes longer and tells no more.
            metadata=ObjectMetaArgs(name=name, namespace=namespace, labels=labels, annotations={"pulumi.com/skipAwait": "true"}),
            spec=ServiceSpecArgs(
                selector=labels,
                ports=[ServicePortArgs(name=port.name, port=port.number, target_port=port.name) for port in ports],
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.host = pulumi.Output.concat(name, ".", namespace, ".svc.cluster.local")
        self.register_outputs({"host": self.host})


def _restricted(image: Image, kubernetes_minor: int) -> SecurityContextArgs:
    """Of the container and not of the pod: that would forbid what Istio's init container is, root with NET_ADMIN."""
    return SecurityContextArgs(
        run_as_non_root=True,
        run_as_user=image.user,
        run_as_group=image.group,
        read_only_root_filesystem=not image.writes,
        allow_privilege_escalation=False,
        capabilities=CapabilitiesArgs(drop=["ALL"]),
        seccomp_profile=SeccompProfileArgs(type="RuntimeDefault") if kubernetes_minor >= _SECCOMP_MINOR else None,
    )
