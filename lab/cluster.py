"""From nothing to a node that is Ready, and back."""

import contextlib
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout
from kubernetes import client, config

from lab import dns, host, images, network, owner, paths, pki, rootfs
from lab.errors import LabError
from lab.node import Node
from lab.readiness import Readiness
from lab.versions import CHARTS, Version
from tools.build import ensure
from tools.progress import Progress

GIGABYTES = 3
"""What a running lab takes of the disk, at most: unpacked images, etcd, logs."""


def modules(version: Version) -> list[str]:
    """The modules of `tools/` that a lab of this version needs."""
    charts = [module for release in version.releases for module in CHARTS[release]]
    return list(dict.fromkeys([version.module, "process-compose", *charts, *images.modules(version)]))


@dataclass(frozen=True)
class Parts:
    """What a lab is made of. modules: results of `tools/` by name; debian: lab/rootfs.py's; images: lab/images.py's."""

    modules: dict[str, Path]
    debian: Path
    images: Path


def build(version: Version, progress: Progress, also: Sequence[str] = ()) -> Parts:
    """Make what is missing of a lab's parts.

    also: modules of `tools/` to build in the same go, so that what they share with the lab's is fetched and compiled once.
    """
    require_root()
    host.ensure(progress)
    built = ensure([*modules(version), *also], progress)
    debian = rootfs.ensure(progress)
    return Parts(built, debian, images.ensure(version, built, debian, progress))


def up(version: Version, progress: Progress, also: Sequence[str] = ()) -> None:
    """Bring the lab up; repair it when it is half there, leave it as it is when it is well. also: as for `build`."""
    require_root()
    _require_own()
    parts = build(version, progress, also)
    with _alone():
        _require_own()
        node = Node()
        recorded = owner.read()
        made_of = (version.kubernetes, parts.debian, parts.images)
        if not (node.running and recorded and (recorded.kubernetes, recorded.debian, recorded.images) == made_of):
            if node.running:
                progress.say("the lab is made of other parts than there are now: it is made anew")
            _remove(node)
            network.require_free_addresses()
            _require_disk()
            binaries = {
                "process-compose": parts.modules["process-compose"] / "bin",
                "kubernetes": parts.modules[version.module] / "bin",
                "images": parts.images,
            }
            with _private_files():
                _prepare(version, parts)
                node.start(parts.debian / "node", binaries, {"KUBELET_FLAGS": version.kubelet_flags, "DNS_ZONES": " ".join(dns.ZONES)})
        _link(version, parts)
        readiness = Readiness(node)
        progress.run(f"lab, Kubernetes {version.kubernetes}", readiness.wait, readiness.state)


def down(*, force: bool = False) -> bool:
    """End the lab and remove all that it made; False when there was none."""
    require_root()
    with _alone():
        if not force:
            _require_own()
        existed = paths.ROOT.exists()
        _remove(Node())
        return existed


def uid() -> str:
    """The identity of the cluster that runs now: that of its namespace kube-system."""
    with config.new_client_from_config(str(paths.KUBECONFIG), paths.CONTEXT) as api:
        return client.CoreV1Api(api).read_namespace("kube-system").metadata.uid or ""


def require_root() -> None:
    """LabError for a user who cannot make namespaces and mounts."""
    if os.geteuid():
        raise LabError("the lab needs root, for namespaces and mounts: run this as root, or use a cluster of yours (mesh:cluster)")


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    paths.LOCK.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(paths.LOCK, timeout=0):
            yield
    except Timeout:
        raise LabError("another `lab up` or `lab down` is at work on this machine: wait until it has ended") from None


@contextlib.contextmanager
def _private_files() -> Iterator[None]:
    """Whatever is made meanwhile is for root alone: the lab's files hold keys and log-ins."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def _require_own() -> None:
    """LabError when a lab runs that belongs to another checkout; one that has ended is anybody's to clear up."""
    recorded = owner.read()
    if recorded and recorded.checkout != owner.CHECKOUT and Node().running:
        raise LabError(
            f"a lab is already running on this machine, started by the checkout {recorded.checkout} (Kubernetes {recorded.kubernetes}, "
            f"since {recorded.since}): end it there with `make lab-down`, or here with `python -m lab down --force`"
        )


def _require_disk() -> None:
    free = shutil.disk_usage(paths.ROOT.parent).free / 1e9
    if free < GIGABYTES:
        raise LabError(f"the lab needs {GIGABYTES} GB in {paths.ROOT.parent}, {free:.1f} GB are free: free some")


def _prepare(version: Version, parts: Parts) -> None:
    paths.ROOT.mkdir(mode=0o700)
    owner.write(version, parts.debian, parts.images)
    pki.create()
    dns.create()


def _link(version: Version, parts: Parts) -> None:
    """Links to what was built; also for a lab that runs, since a newer build takes the older one's place."""
    links = {paths.KUBECTL: parts.modules[version.module] / "bin/kube"}
    for release in version.releases:
        charts = [chart for module in CHARTS[release] for chart in (parts.modules[module] / "charts").iterdir()]
        links |= {paths.CHARTS / release / chart.name: chart for chart in charts}
    for link, target in links.items():
        link.parent.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(target)


def _remove(node: Node) -> None:
    node.remove()
    if paths.ROOT.exists():
        shutil.rmtree(paths.ROOT)
