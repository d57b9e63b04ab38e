"""Istio's own kinds of objects."""

from typing import Any

import pulumi
from pulumi_kubernetes.apiextensions import CustomResource

NETWORKING = "networking.istio.io/v1alpha3"
"""Of Gateway, VirtualService and DestinationRule: served by every supported release."""

AUTHENTICATION = "authentication.istio.io/v1alpha1"
"""Of MeshPolicy."""


def istio_object(
    resource_name: str,
    api_version: str,
    kind: str,
    *,
    name: str,
    namespace: pulumi.Input[str] | None,
    spec: dict[str, Any],
    annotations: dict[str, str] | None = None,
    opts: pulumi.ResourceOptions,
) -> CustomResource:
    """The object `name` of `kind`; `namespace` is None for kinds of the whole cluster."""
    metadata: dict[str, Any] = {"name": name} | ({} if namespace is None else {"namespace": namespace})
    if annotations:
        metadata["annotations"] = annotations
    return CustomResource(resource_name, api_version=api_version, kind=kind, metadata=metadata, spec=spec, opts=opts)
