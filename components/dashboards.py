"""The dashboards of the classic releases: Kiali, Grafana, Jaeger, and the Prometheus that they read.

The istio chart installs them; the log-ins are ours, so that nobody gets in with a default password.
"""

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi_kubernetes.core.v1 import Secret
from pulumi_random import RandomPassword

from components.ingress import Ingress
from components.namespaces import SYSTEM

USER = "admin"

WITH_LOGIN = ("kiali", "grafana")
"""The others have none, so they stay internal. The charts look for a Secret of this name, with the keys `username` and `passphrase`."""

SERVICES = {"kiali": 20001, "grafana": 3000, "tracing": 80, "prometheus": 9090}
"""The dashboards' Services and their ports."""


def chart_values(enabled: bool) -> dict[str, Any]:
    """The istio chart's values that install the dashboards, or leave them out."""
    return {
        "kiali": {"enabled": enabled, "createDemoSecret": False},
        "grafana": {"enabled": enabled, "security": {"enabled": True}, "service": {"type": "ClusterIP"}},
        "tracing": {"enabled": enabled, "service": {"type": "ClusterIP"}},
        "prometheus": {"enabled": enabled},
    }


class DashboardLogins(pulumi.ComponentResource):
    """Generates a log-in for each dashboard that has one, as a Secret which must be there before the dashboard.

    `logins` has `username` and `password` by dashboard, and is a Pulumi secret.
    """

    logins: pulumi.Output[Mapping[str, Mapping[str, str]]]

    def __init__(self, name: str, namespace: pulumi.Input[str], opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("mesh:index:DashboardLogins", name, None, opts)
        passwords = {dashboard: self._create(name, dashboard, namespace) for dashboard in WITH_LOGIN}
        self.logins = pulumi.Output.secret(
            {dashboard: {"username": USER, "password": password} for dashboard, password in passwords.items()}
        )
        self.register_outputs({"logins": self.logins})

    def _create(self, name: str, dashboard: str, namespace: pulumi.Input[str]) -> pulumi.Output[str]:
        password = RandomPassword(f"{name}-{dashboard}-password", length=24, special=False, opts=pulumi.ResourceOptions(parent=self)).result
        Secret(
            f"{name}-{dashboard}",
            metadata={"name": dashboard, "namespace": namespace},
            string_data={"username": USER, "passphrase": password},
            opts=pulumi.ResourceOptions(parent=self),
        )
        return password


class PublishedDashboards(pulumi.ComponentResource):
    """Serves the dashboards that have a log-in at `hosts` (by their names), by HTTPS alone."""

    def __init__(
        self,
        name: str,
        *,
        hosts: Mapping[str, str],
        ingress: Ingress,
        namespace: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("mesh:index:PublishedDashboards", name, None, opts)
        for dashboard in WITH_LOGIN:
            ingress.serve(
                f"{name}-{dashboard}",
                hosts[dashboard],
                gateway=f"{dashboard}-gateway",
                route=dashboard,
                namespace=namespace,
                destination={"host": f"{dashboard}.{SYSTEM}.svc.cluster.local", "port": {"number": SERVICES[dashboard]}},
                # A log-in is nothing for plaintext, whatever the mesh does with other hosts.
                redirect=True,
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.register_outputs({})
