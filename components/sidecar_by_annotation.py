"""Sidecars by a pod's annotation alone, in namespaces that have no `istio-injection` label.

The chart's injector has one policy, and its webhook sees labelled namespaces only: there every pod gets a sidecar that does not
decline it. This is a second one, for all other namespaces, with the other policy: only pods that ask for it.
"""

import base64
import re
from collections.abc import Mapping

import pulumi
from pulumi_kubernetes.admissionregistration.v1 import (
    MutatingWebhookArgs,
    MutatingWebhookConfiguration,
    RuleWithOperationsArgs,
    ServiceReferenceArgs,
    WebhookClientConfigArgs,
)
from pulumi_kubernetes.apps.v1 import Deployment, DeploymentSpecArgs
from pulumi_kubernetes.core.v1 import (
    CapabilitiesArgs,
    ConfigMap,
    ConfigMapVolumeSourceArgs,
    ContainerArgs,
    ExecActionArgs,
    PodSpecArgs,
    PodTemplateSpecArgs,
    ProbeArgs,
    ResourceRequirementsArgs,
    Secret,
    SecretVolumeSourceArgs,
    SecurityContextArgs,
    Service,
    ServiceAccount,
    ServicePortArgs,
    ServiceSpecArgs,
    VolumeArgs,
    VolumeMountArgs,
)
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs, LabelSelectorRequirementArgs, ObjectMetaArgs

from components.namespaces import SYSTEM
from components.self_signed import SelfSigned
from components.settings import Settings
from components.workload import TIMEOUTS

_NAME = "sidecar-by-annotation"
_CHARTS = "istio-sidecar-injector"
"""The name of the chart's own injector and of its configuration."""

_PORT = 9443
_DAYS = 3600
"""The life of the webhook's certificate: nobody is told when it ends."""

_PROBE = ProbeArgs(
    exec_=ExecActionArgs(command=["/usr/local/bin/sidecar-injector", "probe", "--probe-path=/tmp/health", "--interval=4s"]),
    initial_delay_seconds=4,
    period_seconds=4,
)


class SidecarByAnnotation(pulumi.ComponentResource):
    """Gives a sidecar to pods with the annotation `sidecar.istio.io/inject: "true"` in namespaces without the label.

    `istio` is the namespace of the control plane, known once that runs.
    """

    def __init__(
        self,
        name: str,
        *,
        settings: Settings,
        namespace: pulumi.Input[str],
        istio: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("mesh:index:SidecarByAnnotation", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        metadata = ObjectMetaArgs(name=_NAME, namespace=namespace)
        labels = {"app": _NAME}
        made = SelfSigned(f"{name}-certificate", [f"{_NAME}.{SYSTEM}.svc"], _DAYS, child)
        keys = Secret(
            f"{name}-keys",
            metadata=metadata,
            string_data={"cert-chain.pem": made.certificate, "key.pem": made.key, "root-cert.pem": made.authority},
            opts=child,
        )
        charts = ConfigMap.get(f"{name}-charts", pulumi.Output.concat(istio, "/", _CHARTS), opts=child)
        config = ConfigMap(f"{name}-config", metadata=metadata, data=charts.data.apply(with_other_policy), opts=child)
        account = ServiceAccount(f"{name}-account", metadata=metadata, automount_service_account_token=False, opts=child)
        deployment = Deployment(
            f"{name}-deployment",
            metadata=metadata,
            spec=DeploymentSpecArgs(
                replicas=1,
                revision_history_limit=0,
                selector=LabelSelectorArgs(match_labels=labels),
                template=PodTemplateSpecArgs(
                    metadata=ObjectMetaArgs(labels=labels),
                    spec=_pod(settings, account.metadata.name, config.metadata.name, keys.metadata.name),
                ),
            ),
            opts=pulumi.ResourceOptions(parent=self, custom_timeouts=TIMEOUTS),
        )
        service = Service(
            f"{name}-service",
            metadata=ObjectMetaArgs(name=_NAME, namespace=namespace, annotations={"pulumi.com/skipAwait": "true"}),
            spec=ServiceSpecArgs(selector=labels, ports=[ServicePortArgs(name="https", port=443, target_port=_PORT)]),
            opts=child,
        )
        webhook = MutatingWebhookArgs(
            name=f"{_NAME}.istio.io",
            client_config=WebhookClientConfigArgs(
                service=ServiceReferenceArgs(name=service.metadata.name, namespace=namespace, path="/inject"),
                ca_bundle=made.authority.apply(lambda pem: base64.b64encode(pem.encode()).decode()),
            ),
            rules=[RuleWithOperationsArgs(operations=["CREATE"], api_groups=[""], api_versions=["v1"], resources=["pods"])],
            namespace_selector=LabelSelectorArgs(
                match_expressions=[LabelSelectorRequirementArgs(key="istio-injection", operator="DoesNotExist")]
            ),
            # It sees the whole cluster's pods, those of kube-system too: they must come up without it.
            failure_policy="Ignore",
            timeout_seconds=5,
            side_effects="None",
            admission_review_versions=["v1beta1"],
        )
        MutatingWebhookConfiguration(
            f"{name}-webhook",
            metadata=ObjectMetaArgs(name=_NAME),
            webhooks=[webhook],
            # Before it answers it would be called for nothing.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[deployment]),
        )
        self.register_outputs({})


def with_other_policy(data: Mapping[str, str]) -> dict[str, str]:
    """The injector's configuration, with sidecars only for pods that ask for one."""
    config, found = re.subn(r"^policy: .*$", "policy: disabled", data["config"], flags=re.MULTILINE)
    if found != 1:
        raise ValueError(f"the chart's {_CHARTS} has {found} policies, not one: without another one every pod would get a sidecar")
    return {"config": config, "values": data["values"]}


def _pod(settings: Settings, account: pulumi.Input[str], config: pulumi.Input[str], keys: pulumi.Input[str]) -> PodSpecArgs:
    places = {"mesh": "/etc/istio/config", "inject": "/etc/istio/inject", "certs": "/etc/istio/certs"}
    container = ContainerArgs(
        name="sidecar-injector-webhook",
        image=f"{settings.hub}/sidecar_injector:{settings.release.version}",
        image_pull_policy="IfNotPresent",
        # The places of its files are those where it looks by itself.
        args=[f"--port={_PORT}", "--healthCheckInterval=2s", "--healthCheckFile=/tmp/health", "--reconcileWebhookConfig=false"],
        readiness_probe=_PROBE,
        liveness_probe=_PROBE,
        resources=ResourceRequirementsArgs(requests={"cpu": "10m", "memory": "32Mi"}, limits={"memory": "256Mi"}),
        security_context=SecurityContextArgs(allow_privilege_escalation=False, capabilities=CapabilitiesArgs(drop=["ALL"])),
        volume_mounts=[VolumeMountArgs(name=name, mount_path=place, read_only=True) for name, place in places.items()],
    )
    return PodSpecArgs(
        service_account_name=account,
        containers=[container],
        volumes=[
            VolumeArgs(name="mesh", config_map=ConfigMapVolumeSourceArgs(name="istio")),
            VolumeArgs(name="inject", config_map=ConfigMapVolumeSourceArgs(name=config)),
            VolumeArgs(name="certs", secret=SecretVolumeSourceArgs(secret_name=keys)),
        ],
    )
