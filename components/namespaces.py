"""The namespaces of the mesh."""

from collections.abc import Mapping

import pulumi
from pulumi_kubernetes.core.v1 import Namespace

SYSTEM = "istio-system"
"""Where the control plane, the gateway and the dashboards live; also Istio's root namespace."""

LEGACY = "legacy"
"""Stands for everything that has not joined the mesh: no sidecars."""

MESHED = ("ns1", "ns2", "mailhog")
"""Where every pod gets a sidecar, unless its own annotation says otherwise."""

ALL = (SYSTEM, *MESHED, LEGACY)


class Namespaces(pulumi.ComponentResource):
    """Creates them all; `names` gives the name of each once it exists."""

    names: Mapping[str, pulumi.Output[str]]

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("mesh:index:Namespaces", name, None, opts)
        self.names = {namespace: self._create(name, namespace) for namespace in ALL}
        self.register_outputs({"names": list(self.names.values())})

    def _create(self, name: str, namespace: str) -> pulumi.Output[str]:
        created = Namespace(
            f"{name}-{namespace}",
            metadata={
                "name": namespace,
                "labels": {"istio-injection": "enabled" if namespace in MESHED else "disabled"},
            },
            opts=pulumi.ResourceOptions(parent=self),
        )
        return created.metadata.name
