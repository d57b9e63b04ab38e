"""The certificate by which the ingress gateway serves HTTPS: a Secret that it fetches by SDS."""

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi_kubernetes.apiextensions import CustomResource
from pulumi_kubernetes.core.v1 import Secret

from components.self_signed import SelfSigned

SELF_SIGNED = "self-signed"
CERT_MANAGER = "cert-manager"

_OWN_SECRET = "ingress-certificate"  # noqa: S105
_CERT_MANAGERS = "ingress-certificate-by-cert-manager"

OURS = {_OWN_SECRET, _CERT_MANAGERS}
"""Names of Secrets that nobody else may have: each has one owner."""

PASSED_OVER = ("istio", "prometheus")
"""How the names of Secrets begin that the gateway's agent takes for a workload's."""

_API = "certmanager.k8s.io/v1alpha1"

_DAYS = 90
"""The life of a certificate of the stack's own: `up` makes a new one in its last 30."""

_ISSUER = "letsencrypt"
"""The istio chart makes this ClusterIssuer, and `letsencrypt-staging`."""


def chart_values(source: str, email: str) -> dict[str, Any]:
    """The values of both charts that install cert-manager (0.8.1, as they bring it), or leave it out."""
    return {"certmanager": {"enabled": source == CERT_MANAGER} | ({"email": email} if source == CERT_MANAGER else {})}


class Certificate(pulumi.ComponentResource):
    """Makes the certificate of the hosts below `domain`, or names the one that is there.

    `source` is `self-signed` (an authority of the stack's own), `cert-manager` (asks Let's Encrypt for one for `hosts`, by
    HTTP) or the name of a Secret of type kubernetes.io/tls in `namespace`. `secret` is the Secret's name; `authority` is the
    PEM of the stack's own, or None.
    """

    secret: pulumi.Output[str]
    authority: pulumi.Output[str | None]

    def __init__(
        self,
        name: str,
        *,
        source: str,
        domain: str,
        hosts: Mapping[str, str],
        namespace: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("mesh:index:Certificate", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.authority = pulumi.Output.from_input(None)
        self.secret = pulumi.Output.from_input(_OWN_SECRET)
        if source == SELF_SIGNED:
            made = SelfSigned(f"{name}-self-signed", [f"*.{domain}", domain], _DAYS, child)
            secret = Secret(
                f"{name}-secret",
                metadata={"name": _OWN_SECRET, "namespace": namespace},
                type="kubernetes.io/tls",
                string_data={"tls.crt": pulumi.Output.concat(made.certificate, made.authority), "tls.key": made.key},
                opts=child,
            )
            self.authority = made.authority
            self.secret = secret.metadata.name
        elif source == CERT_MANAGER:
            self._ask_cert_manager(name, list(hosts.values()), namespace)
            self.secret = pulumi.Output.from_input(_CERT_MANAGERS)
        else:
            self.secret = pulumi.Output.from_input(source)
        self.register_outputs({"secret": self.secret, "authority": self.authority})

    def _ask_cert_manager(self, name: str, hosts: list[str], namespace: pulumi.Input[str]) -> None:
        CustomResource(
            f"{name}-request",
            api_version=_API,
            kind="Certificate",
            metadata={"name": _CERT_MANAGERS, "namespace": namespace},
            spec={
                "secretName": _CERT_MANAGERS,
                "issuerRef": {"kind": "ClusterIssuer", "name": _ISSUER},
                # By HTTP no certificate for `*.<domain>` can be had.
                "dnsNames": hosts,
                "acme": {"config": [{"http01": {"ingressClass": "istio"}, "domains": hosts}]},
            },
            opts=pulumi.ResourceOptions(parent=self),
        )
