"""The control plane of the classic releases: the chart istio-init with the CRDs, then the chart istio."""

from collections.abc import Sequence
from typing import Any

import pulumi
from pulumi_kubernetes.core.v1 import Service
from pulumi_kubernetes.core.v1.outputs import ServiceSpec, ServiceStatus

from components import certificate, charts, dashboards
from components.settings import Footprint, Settings

_INIT_TIMEOUT = 120
_TIMEOUT = 300
_WEB_PORTS = ("http2", "https")


class ControlPlane(pulumi.ComponentResource):
    """Installs Istio, and waits until it serves.

    `namespace` is known once Istio is there, for what is looked up then. `addresses` are those that are routed to the nodes,
    for the ingress gateway to answer at; `gateway_addresses` are these, or those that a load balancer gave. `gateway_ports`
    has `http2` and `https`, each with its `port`, and its `nodePort` where it has one.
    """

    namespace: pulumi.Output[str]
    gateway_addresses: pulumi.Output[list[str]]
    gateway_ports: pulumi.Output[dict[str, dict[str, int]]]

    def __init__(
        self,
        name: str,
        *,
        settings: Settings,
        addresses: Sequence[str],
        namespace: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("mesh:index:ControlPlane", name, None, opts)
        init_chart, chart = settings.release.charts
        init = charts.install(
            init_chart,
            settings.charts,
            namespace=namespace,
            values={"global": _images(settings), **certificate.chart_values(settings.certificate, settings.cert_manager_email)},
            timeout=_INIT_TIMEOUT,
            opts=pulumi.ResourceOptions(
                parent=self,
                # Its Jobs cannot be changed, so whatever changes the chart's rendering needs new ones. The CRDs outlive it.
                replace_on_changes=["*"],
                delete_before_replace=True,
            ),
            atomic=True,
        )
        istio = charts.install(
            chart,
            settings.charts,
            namespace=namespace,
            values=chart_values(settings, addresses),
            timeout=_TIMEOUT,
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[init],
                # Kiali's chart renders a new random key each time, which the checksum of the rendering would show as a
                # change in each preview.
                ignore_changes=["checksum"],
            ),
        )
        self.namespace = istio.status.apply(lambda status: status.namespace or "")
        gateway = Service.get(
            f"{name}-gateway",
            pulumi.Output.concat(self.namespace, "/istio-ingressgateway"),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.gateway_addresses = pulumi.Output.from_input(list(addresses)) if addresses else gateway.status.apply(_addresses)
        self.gateway_ports = gateway.spec.apply(_ports)
        self.register_outputs({"namespace": self.namespace, "gatewayAddresses": self.gateway_addresses, "gatewayPorts": self.gateway_ports})


def chart_values(settings: Settings, addresses: Sequence[str]) -> dict[str, Any]:
    """The values of the istio chart."""
    values: dict[str, Any] = {
        "global": {
            **_images(settings),
            # Cert-manager answers Let's Encrypt by an Ingress.
            "k8sIngress": {"enabled": settings.certificate == certificate.CERT_MANAGER},
            # Who speaks TLS with whom is said by the objects of MutualTls, and by nothing else.
            "mtls": {"enabled": False, "auto": False},
            "sds": {
                "enabled": settings.sds,
                "udsPath": "unix:/var/run/sds/uds_path" if settings.sds else "",
                "token": {"aud": "istio-ca"},
            },
        },
        "security": {"createMeshPolicy": False},
        "nodeagent": {
            "enabled": settings.sds,
            "image": "node-agent-k8s",
            "env": {"CA_PROVIDER": "Citadel", "CA_ADDR": "istio-citadel:8060", "VALID_TOKEN": "true"},
        },
        "sidecarInjectorWebhook": {"rewriteAppHTTPProbe": True},
        "gateways": {
            "istio-ingressgateway": {
                # Whatever the workloads do: the gateway's own certificate comes from a Secret by SDS.
                "sds": {"enabled": True},
                "type": settings.gateway_service_type,
                "externalIPs": list(addresses),
            }
        },
        # Mixer's policy server would only be asked with policy checks, which these releases leave off.
        "mixer": {"policy": {"enabled": False}},
        **dashboards.chart_values(settings.dashboards),
        **certificate.chart_values(settings.certificate, settings.cert_manager_email),
    }
    return _merged(values, _SMALL) if settings.footprint is Footprint.SMALL else values


def _images(settings: Settings) -> dict[str, str]:
    # The charts in Istio's sources carry a developer's hub and tag.
    return {"hub": settings.hub, "tag": settings.release.version}


def _requests(cpu: str, memory: str) -> dict[str, Any]:
    return {"resources": {"requests": {"cpu": cpu, "memory": memory}}}


_SMALL: dict[str, Any] = {
    "global": {"proxy": _requests("10m", "32Mi")},
    "pilot": {**_requests("10m", "128Mi"), "autoscaleEnabled": False},
    "mixer": {"telemetry": {**_requests("10m", "64Mi"), "autoscaleEnabled": False}},
    "gateways": {
        "istio-ingressgateway": {
            **_requests("10m", "32Mi"),
            "sds": _requests("10m", "32Mi"),
            "autoscaleEnabled": False,
        }
    },
}


def _merged(values: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """`values` with `over` laid over them, as Helm would."""
    both = {key: _merged(values[key], over[key]) for key in values.keys() & over.keys() if isinstance(over[key], dict)}
    return {**values, **over, **both}


def _addresses(status: ServiceStatus | None) -> list[str]:
    balancer = status.load_balancer if status else None
    ingress = (balancer.ingress if balancer else None) or []
    return [address for entry in ingress if (address := entry.ip or entry.hostname)]


def _ports(spec: ServiceSpec) -> dict[str, dict[str, int]]:
    return {
        port.name: {"port": port.port} | ({"nodePort": port.node_port} if port.node_port else {})
        for port in spec.ports or []
        if port.name in _WEB_PORTS
    }
