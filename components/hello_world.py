"""The chain of applications hello (ns1), world (ns2) and end (legacy, without a sidecar), and its way in.

Each answers its own text and then what the next one says, so hello says `hello world !!!`.
"""

from functools import partial

import pulumi

from components import namespaces
from components.ingress import Ingress
from components.istio_api import NETWORKING, istio_object
from components.mutual_tls import client_mode, traffic_policy
from components.namespaces import Namespaces
from components.settings import Settings
from components.workload import Image, Port, Workload

_PORT = 8080
_VERSION = "v1-tls"
_HOME = "ns1"
_ROUTE = "hello-tls"

ROUTE = f"{_HOME}/{_ROUTE}"
"""The VirtualService of hello: namespace/name."""


class HelloWorld(pulumi.ComponentResource):
    """Runs the chain, and serves hello at `host` through the ingress gateway."""

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
        super().__init__("mesh:index:HelloWorld", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        run = partial(
            Workload,
            # The user is the image's own, by number; the program writes its keys into its own directory.
            image=Image(settings.echo_image, user=100, group=101, writes=True),
            ports=[Port("http", _PORT)],
            # Unlike every other path, this one does not ask the next application.
            probe="/.well-known/jwks.json",
            kubernetes_minor=kubernetes_minor,
            version=_VERSION,
            opts=child,
        )
        ns1 = homes.names[_HOME]
        run("end", namespace=homes.names[namespaces.LEGACY], env={"TEXT": "!!!"})
        run("world", namespace=homes.names["ns2"], env={"TEXT": "world", "NEXT": f"end.{namespaces.LEGACY}:{_PORT}"})
        hello = run("hello", namespace=ns1, env={"TEXT": "hello", "NEXT": f"world.ns2:{_PORT}"})

        rule = istio_object(
            f"{name}-rule",
            NETWORKING,
            "DestinationRule",
            name="hello",
            # In the namespace of the service, where every client finds it, the gateway included.
            namespace=ns1,
            spec={
                "host": hello.host,
                "trafficPolicy": traffic_policy(client_mode(settings.mutual_tls)),
                "subsets": [{"name": _VERSION, "labels": {"version": _VERSION}}],
            },
            opts=child,
        )
        ingress.serve(
            name,
            host,
            gateway="helloworld-gateway",
            route=_ROUTE,
            namespace=ns1,
            destination={"host": hello.host, "subset": _VERSION, "port": {"number": _PORT}},
            # A route to a subset that is not there yet answers 503.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[rule]),
        )
        self.register_outputs({"host": host})
