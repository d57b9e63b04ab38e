"""MailHog, which catches mail (SMTP) and shows it (HTTP)."""

import pulumi

from components.ingress import Ingress
from components.namespaces import Namespaces
from components.settings import Settings
from components.workload import Image, Port, Workload

_HTTP = 8025


class MailHog(pulumi.ComponentResource):
    """Runs MailHog, and serves its pages and its API at `host` through the ingress gateway."""

    def __init__(
        self,
        name: str,
        *,
        settings: Settings,
        host: str,
        ingress: Ingress,
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
        ingress.serve(
            name,
            host,
            gateway="mailhog-gateway",
            route="mailhog",
            namespace=namespace,
            destination={"host": workload.host, "port": {"number": _HTTP}},
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({"host": host})
