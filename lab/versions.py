"""The Kubernetes versions that the lab can be, one row each."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Version:
    """What differs from one Kubernetes version to the next.

    minor: (major, minor), to be matched with a release's range.
    module: the folder of `tools/` that builds its binary.
    kubelet_flags: what this version's kubelet still takes as flags only.
    releases: the Istio releases whose images and charts this lab holds.
    """

    kubernetes: str
    minor: tuple[int, int]
    module: str
    kubelet_flags: str
    releases: tuple[str, ...]


VERSIONS = {
    "1.21": Version(
        kubernetes="1.21.14",
        minor=(1, 21),
        module="kubernetes-1.21",
        kubelet_flags="--container-runtime=remote --container-runtime-endpoint=unix:///run/containerd/containerd.sock",
        releases=("1.5.10",),
    ),
}
DEFAULT = "1.21"

CHARTS = {"1.5.10": ("istio-1.5.10", "external-dns-0.14.2")}
"""Istio release -> the folders of `tools/` whose `charts` go with it."""
