"""The releases of Istio that a stack can install, as data: nothing outside this file asks which release it is."""

from dataclasses import dataclass
from enum import StrEnum


class PolicyKind(StrEnum):
    """The kind of object that says which traffic the servers of the whole mesh accept."""

    MESH_POLICY = "MeshPolicy"


@dataclass(frozen=True)
class Release:
    """One release of Istio.

    `charts` are in the order of their installation; `kubernetes` is the range of Kubernetes 1.x minor versions, both
    ends included; `crds` is the number of CustomResourceDefinitions that the charts bring.
    """

    version: str
    charts: tuple[str, ...]
    repository: str
    kubernetes: range
    policy: PolicyKind
    crds: int

    @property
    def kubernetes_range(self) -> str:
        """The range in words: `1.16 to 1.21`."""
        return f"1.{self.kubernetes[0]} to 1.{self.kubernetes[-1]}"


def _classic(version: str, crds: int) -> Release:
    return Release(
        version=version,
        charts=("istio-init", "istio"),
        repository=f"https://storage.googleapis.com/istio-release/releases/{version}/charts/",
        # The charts speak v1beta1 of CRDs, webhooks and RBAC, which Kubernetes 1.22 no longer serves.
        kubernetes=range(16, 21 + 1),
        policy=PolicyKind.MESH_POLICY,
        crds=crds,
    )


RELEASES = {release.version: release for release in (_classic("1.4.10", crds=23), _classic("1.5.10", crds=25))}
"""Every supported release by its version."""
