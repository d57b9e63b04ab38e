"""The programs by which a mesh is asked, and how each is told which cluster."""

import shutil
from pathlib import Path

from components.cluster import Cluster
from lab import paths as lab
from tools import ToolError
from tools.build import ensure
from tools.modules import HERE


def of_release(release: str) -> Path:
    """The directory of a release's own programs, such as istioctl; builds them where they are missing. ToolError where none can be had."""
    module = f"istio-{release}"
    if not (HERE / module / "go.mod").is_file():
        known = ", ".join(sorted(path.parent.name.removeprefix("istio-") for path in HERE.glob("istio-*/go.mod")))
        raise ToolError(
            f"there are no programs of Istio {release} here, only of {known}: set mesh:release to one of these, "
            f"or use an istioctl {release} of your own"
        )
    return ensure([module])[module] / "bin"


def kubectl(cluster: Cluster) -> Path:
    """The lab's kubectl for the lab, else the one on PATH. ToolError where there is none."""
    found = str(lab.KUBECTL) if cluster.kubeconfig == lab.KUBECONFIG else shutil.which("kubectl")
    if not found:
        raise ToolError("there is no `kubectl` on PATH, and the cluster's ports are reached through it: install it")
    return Path(found)


def where(cluster: Cluster) -> list[str]:
    """The flags by which kubectl and istioctl find `cluster`, whatever the current context is."""
    return ["--context", cluster.context, *(["--kubeconfig", str(cluster.kubeconfig)] if cluster.kubeconfig else [])]
