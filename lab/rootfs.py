"""The Debian root of the node, and the smaller one that is the base of the lab's images."""

import shutil
import subprocess
from pathlib import Path

from lab.artifacts import artifact
from lab.errors import LabError
from tools.modules import cache_dir
from tools.progress import Progress

SUITE = "bookworm"
BASE_PACKAGES = ("ca-certificates", "curl")
"""In every image, beside Debian's own shell."""
NODE_PACKAGES = (
    "etcd-server", "containerd", "runc", "containernetworking-plugins", "iptables", "iproute2", "conntrack", "ipset",
    "kmod", "procps", "mount", "tini",
)  # fmt: skip
LEFT_OUT = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*")
BASE_WITHOUT = ("./var/cache/apt", "./var/lib/apt/lists", "./dev", "./proc", "./sys", "./run")


def ensure(progress: Progress) -> Path:
    """A directory with `node/` (the node's root) and `base.tar` (the images' base)."""
    return artifact("debian", [SUITE, *BASE_PACKAGES, "|", *NODE_PACKAGES, "|", *LEFT_OUT, *BASE_WITHOUT], _make, progress)


def _make(directory: Path) -> None:
    _require_mmdebstrap()
    without = " ".join(f"--exclude={path}" for path in BASE_WITHOUT)
    install = "DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends"
    _run(
        "mmdebstrap",
        "--mode=root",
        "--variant=minbase",
        f"--include={','.join(BASE_PACKAGES)}",
        # A half-made root is thrown away, so nothing need reach the disk at once.
        "--dpkgopt=force-unsafe-io",
        *(f"--dpkgopt=path-exclude={path}" for path in LEFT_OUT),
        f'--customize-hook=tar -C "$1" {without} -cf {directory}/base.tar .',
        f'--customize-hook=chroot "$1" sh -c "{install} {" ".join(NODE_PACKAGES)}"',
        SUITE,
        f"{directory}/node",
    )


def _require_mmdebstrap() -> None:
    if shutil.which("mmdebstrap"):
        return
    if not shutil.which("apt-get"):
        raise LabError("the lab is made from Debian packages with mmdebstrap, which is not there and cannot be installed without apt-get")
    _run("apt-get", "update")
    _run("apt-get", "install", "--yes", "--no-install-recommends", "mmdebstrap")


def _run(*command: str) -> None:
    log = cache_dir() / "logs" / "debian.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        status = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, check=False).returncode
    if status:
        last = "\n".join(f"    {line}" for line in log.read_text(errors="replace").splitlines()[-8:])
        raise LabError(f"{command[0]} failed; the whole log is in {log}, its last lines are:\n{last}")
