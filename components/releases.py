"""The releases of Istio that a stack can install, as data: nothing outside this file asks which release it is."""

from dataclasses import dataclass
from enum import StrEnum

from components.charts import Chart


class PolicyKind(StrEnum):
    """The kind of object that says which traffic the servers of the whole mesh accept."""

    MESH_POLICY = "MeshPolicy"


@dataclass(frozen=True)
class Release:
    """One release of Istio.

    `charts` are in the order of their installation; `external_dns` is the chart of the one that reads this release's
    objects, `external_dns_image` the tag of its image; `kubernetes` is the range of Kubernetes 1.x minor versions, both
    ends included; `crds` is the number of CustomResourceDefinitions that the charts bring.
    """

    version: str
    charts: tuple[Chart, ...]
    external_dns: Chart
    external_dns_image: str
    kubernetes: range
    policy: PolicyKind
    crds: int

    @property
    def kubernetes_range(self) -> str:
        """The range in words: `1.16 to 1.21`."""
        return f"1.{self.kubernetes[0]} to 1.{self.kubernetes[-1]}"


_EXTERNAL_DNS = "https://kubernetes-sigs.github.io/external-dns/"


def _classic(version: str, crds: int) -> Release:
    repository = f"https://storage.googleapis.com/istio-release/releases/{version}/charts/"
    return Release(
        version=version,
        charts=(Chart("istio-init", version, repository), Chart("istio", version, repository)),
        # It asks for v1alpha3 of Istio's objects; from 0.19 on, for versions that these releases lack.
        external_dns=Chart("external-dns", "1.14.4", _EXTERNAL_DNS),
        external_dns_image="v0.14.2",  # the chart that lies beside 0.14.2 would take 0.14.1
        # The charts speak v1beta1 of CRDs, webhooks and RBAC, which Kubernetes 1.22 no longer serves.
        kubernetes=range(16, 21 + 1),
        policy=PolicyKind.MESH_POLICY,
        crds=crds,
    )


RELEASES = {release.version: release for release in (_classic("1.4.10", crds=23), _classic("1.5.10", crds=25))}
"""Every supported release by its version."""
