"""external-dns, which writes DNS records for the hosts that the ingress gateway serves."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pulumi
from pulumi_kubernetes.core.v1 import Secret
from pulumi_kubernetes.rbac.v1 import ClusterRole, ClusterRoleBinding

from components import charts
from components.cluster import Cluster
from components.dns_domains import DnsDomains
from components.dns_farewell import DnsFarewell
from components.dns_providers import Policy
from components.hello_world import ROUTE
from components.settings import LAB, Settings
from lab import dns as lab_dns

NAME = "external-dns"
"""Of its Helm release, and with it of its Deployment, its Service and its service account."""

_SOURCES = ["istio-gateway", "istio-virtualservice"]

TXT_PREFIX = "external-dns-"
"""A TXT record of the same name would not go together with a CNAME, which a load balancer with a name gets."""

_SECONDS = {"s": 1, "m": 60, "h": 3600}


class ExternalDns(pulumi.ComponentResource):
    """Runs external-dns. The objects that records are made for must depend on this, else it goes before them.

    It is not waited for: a DNS server that is away is no reason for a mesh not to come up.
    """

    def __init__(
        self,
        name: str,
        *,
        settings: Settings,
        cluster: Cluster,
        namespace: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("mesh:index:ExternalDns", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        credentials, arguments = _provider(settings)
        before: list[pulumi.Resource] = [self._permit(name, namespace)]
        values = chart_values(settings, credentials, arguments)
        if credentials:
            hidden = {key: pulumi.Output.secret(value) for key, value in credentials.items()}
            secret = Secret(f"{name}-credentials", metadata={"name": NAME, "namespace": namespace}, string_data=hidden, opts=child)
            before.append(secret)
            # Only pods that are started anew read other credentials.
            values["podAnnotations"] = {"mesh/credentials": secret.metadata.resource_version, **values.get("podAnnotations", {})}
        if not settings.dns_domain_filters:
            values["domainFilters"] = DnsDomains(f"{name}-domains", settings.domain, child).domains
        release = charts.install(
            settings.release.external_dns,
            settings.charts,
            namespace=namespace,
            values=values,
            skip_crds=True,  # the chart's one is of a source that is not asked
            opts=pulumi.ResourceOptions(parent=self, depends_on=before),
        )
        if settings.dns_policy is Policy.SYNC:
            DnsFarewell(
                f"{name}-farewell",
                cluster=cluster,
                release=NAME,
                namespace=namespace,
                route=ROUTE,
                opts=pulumi.ResourceOptions(parent=self, depends_on=[release]),
            )
        self.register_outputs({})

    def _permit(self, name: str, namespace: pulumi.Input[str]) -> pulumi.Resource:
        """Less than the chart would permit: no endpoints, which it needs for other sources only."""
        child = pulumi.ResourceOptions(parent=self)
        role = ClusterRole(
            f"{name}-role",
            metadata={"name": NAME},
            rules=[
                {"api_groups": [""], "resources": ["services"], "verbs": ["get", "list", "watch"]},
                {"api_groups": ["networking.istio.io"], "resources": ["gateways", "virtualservices"], "verbs": ["get", "list", "watch"]},
            ],
            opts=child,
        )
        return ClusterRoleBinding(
            f"{name}-binding",
            metadata={"name": NAME},
            role_ref={"api_group": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role.metadata.name},
            subjects=[{"kind": "ServiceAccount", "name": NAME, "namespace": namespace}],
            opts=child,
        )


def owner(settings: Settings) -> str:
    """By what external-dns knows its own records: no two stacks may share it."""
    return settings.dns_owner_id or f"{pulumi.get_project()}-{pulumi.get_stack()}"


def summary(settings: Settings) -> dict[str, Any]:
    """What others need to know of it; `interval` in seconds."""
    return {
        "provider": settings.dns_provider,
        "policy": settings.dns_policy.value,
        "ownerId": owner(settings),
        "interval": seconds(settings.dns_interval),
    }


def seconds(duration: str) -> int:
    """`90s`, `1m` or `2h` in seconds."""
    return int(duration[:-1]) * _SECONDS[duration[-1]]


def chart_values(settings: Settings, credentials: Collection[str], arguments: Sequence[str]) -> dict[str, Any]:
    """The values of the chart. `credentials` are the environment variables whose values lie in the Secret."""
    given = settings.dns_values
    return {
        "provider": {"name": "rfc2136" if settings.dns_provider == LAB else settings.dns_provider},
        "sources": _SOURCES,
        "policy": settings.dns_policy.value,
        "txtOwnerId": owner(settings),
        "txtPrefix": TXT_PREFIX,
        "domainFilters": list(settings.dns_domain_filters),
        "interval": settings.dns_interval,
        "triggerLoopOnEvent": True,
        "rbac": {"create": False},
        "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}, "limits": {"memory": "128Mi"}},
        **given,
        "image": {"tag": settings.release.external_dns_image, **given.get("image", {})},
        "extraArgs": [*arguments, *given.get("extraArgs", [])],
        "env": [
            *({"name": key, "valueFrom": {"secretKeyRef": {"name": NAME, "key": key}}} for key in sorted(credentials)),
            *given.get("env", []),
        ],
    }


def _provider(settings: Settings) -> tuple[Mapping[str, str], list[str]]:
    """Environment variables to be kept secret, and arguments."""
    if settings.dns_provider != LAB:
        return settings.dns_credentials, []
    # As an argument the key would be seen in the process list.
    return {"EXTERNAL_DNS_RFC2136_TSIG_SECRET": lab_dns.secret()}, [
        f"--rfc2136-host={lab_dns.ADDRESS}",
        f"--rfc2136-port={lab_dns.PORT}",
        *(f"--rfc2136-zone={zone}" for zone in lab_dns.ZONES),
        f"--rfc2136-tsig-keyname={lab_dns.KEY}",
        f"--rfc2136-tsig-secret-alg={lab_dns.ALGORITHM}",
        "--rfc2136-tsig-axfr",
        "--rfc2136-min-ttl=60s",
    ]
