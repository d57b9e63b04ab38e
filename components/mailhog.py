"""MailHog, which catches mail (SMTP) and shows it (HTTP)."""

import pulumi

from components.ingress import http_server
from components.istio_api import NETWORKING, istio_object
from components.namespaces import Namespaces
from components.settings import Settings
from components.workload import Image, Port, Workload

_HTTP = 8025
_GATEWAY = "mailhog-gateway"


class MailHog(pulumi.ComponentResource):
    """Runs MailHog, and serves its pages and its API at `host` through the ingress gateway."""

    host: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        *,
        settings: Settings,
        homes: Namespaces,
        kubernetes_minor: int,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("mesh:index:MailHog", name, None, opts)
        namespace = homes.names["mailhog"]
        workload = Workload(
            name,
            namespace=namespace,
            image=Image(settings.mailhog_image, user=1000, group=1000),
            ports=[Port("tcp-smtp", 1025), Port("http", _HTTP)],
            probe="/api/v2/messages?limit=1",
            kubernetes_minor=kubernetes_minor,
            sidecar=True,
            opts=pulumi.ResourceOptions(parent=self),
        )
        host = f"mailhog.{settings.domain}"
        gateway = http_server(f"{name}-gateway", _GATEWAY, namespace, host, pulumi.ResourceOptions(parent=self))
        istio_object(
            f"{name}-route",
            NETWORKING,
            "VirtualService",
            name="mailhog",
            namespace=namespace,
            spec={
                "hosts": [host],
                "gateways": [_GATEWAY],
                "http": [{"route": [{"destination": {"host": workload.host, "port": {"number": _HTTP}}}]}],
            },
            opts=pulumi.ResourceOptions(parent=self, depends_on=[gateway]),
        )
        self.host = pulumi.Output.from_input(host)
        self.register_outputs({"host": self.host})
