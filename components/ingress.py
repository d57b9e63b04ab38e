"""What the ingress gateway serves."""

import pulumi
from pulumi_kubernetes.apiextensions import CustomResource

from components.istio_api import NETWORKING, istio_object


def http_server(resource_name: str, name: str, namespace: pulumi.Input[str], host: str, opts: pulumi.ResourceOptions) -> CustomResource:
    """The Gateway `name`, by which the ingress gateway answers HTTP requests for `host`.

    A host of its own, and never `*`: DNS records are made of these.
    """
    return istio_object(
        resource_name,
        NETWORKING,
        "Gateway",
        name=name,
        namespace=namespace,
        spec={
            "selector": {"istio": "ingressgateway"},
            "servers": [{"port": {"number": 80, "name": "http", "protocol": "HTTP"}, "hosts": [host]}],
        },
        opts=opts,
    )
