"""What the ingress gateway serves.

HTTPS is one Gateway for all hosts: browsers use one connection for every host of a certificate, and of several Gateways with
the same one, only the first would be asked. HTTP is a Gateway of each application's own.
"""

from typing import Any

import pulumi

from components.istio_api import NETWORKING, istio_object
from components.namespaces import SYSTEM

_NAME = "https"
HTTPS = f"{SYSTEM}/{_NAME}"
"""By this name a VirtualService joins it."""

_SELECTOR = {"istio": "ingressgateway"}


class Ingress(pulumi.ComponentResource):
    """Serves HTTPS for every host below `domain` that a VirtualService routes, with the certificate in the Secret `certificate`.

    `redirect`: HTTP is answered with the way to HTTPS.
    """

    def __init__(
        self,
        name: str,
        *,
        domain: str,
        certificate: pulumi.Input[str],
        redirect: bool,
        namespace: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("mesh:index:Ingress", name, None, opts)
        self._redirect = redirect
        istio_object(
            f"{name}-https",
            NETWORKING,
            "Gateway",
            name=_NAME,
            namespace=namespace,
            spec={
                "selector": _SELECTOR,
                "servers": [
                    {
                        "port": {"number": 443, "name": "https", "protocol": "HTTPS"},
                        "hosts": [f"*.{domain}"],
                        "tls": {"mode": "SIMPLE", "credentialName": certificate, "minProtocolVersion": "TLSV1_2"},
                    }
                ],
            },
            # external-dns is to make records of the hosts that are routed, and none for `*`.
            annotations={"external-dns.alpha.kubernetes.io/controller": "none"},
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({})

    def serve(
        self,
        prefix: str,
        host: str,
        *,
        gateway: str,
        route: str,
        namespace: pulumi.Input[str],
        destination: dict[str, Any],
        opts: pulumi.ResourceOptions,
        redirect: bool | None = None,
    ) -> None:
        """Sends the requests for `host` to `destination`, by a Gateway for HTTP and a VirtualService for it and HTTPS.

        `prefix` is that of the resources' names, `gateway` and `route` are the objects'. `redirect` overrides the mesh's.
        `host` is one of its own, and never `*`: DNS records are made of these.
        """
        server: dict[str, Any] = {"port": {"number": 80, "name": "http", "protocol": "HTTP"}, "hosts": [host]}
        if self._redirect if redirect is None else redirect:
            server["tls"] = {"httpsRedirect": True}
        way_in = istio_object(
            f"{prefix}-gateway",
            NETWORKING,
            "Gateway",
            name=gateway,
            namespace=namespace,
            spec={"selector": _SELECTOR, "servers": [server]},
            opts=opts,
        )
        istio_object(
            f"{prefix}-route",
            NETWORKING,
            "VirtualService",
            name=route,
            namespace=namespace,
            spec={"hosts": [host], "gateways": [gateway, HTTPS], "http": [{"route": [{"destination": destination}]}]},
            opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[way_in])),
        )
