"""The Debian root of the node, and the smaller one that is the base of the lab's images."""

from pathlib import Path

from lab import host
from lab.artifacts import artifact
from tools.progress import Progress

SUITE = "bookworm"
BASE_PACKAGES = ("ca-certificates", "curl")
"""In every image, beside Debian's own shell."""
NODE_PACKAGES = (
    "etcd-server", "containerd", "runc", "containernetworking-plugins", "iptables", "iproute2", "conntrack", "ipset",
    "kmod", "procps", "mount", "tini", "bind9", "bind9-host",
)  # fmt: skip
LEFT_OUT = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*")
BASE_WITHOUT = ("./var/cache/apt", "./var/lib/apt/lists", "./dev", "./proc", "./sys", "./run")


def ensure(progress: Progress) -> Path:
    """A directory with `node/` (the node's root) and `base.tar` (the images' base)."""
    return artifact("debian", [SUITE, *BASE_PACKAGES, "|", *NODE_PACKAGES, "|", *LEFT_OUT, *BASE_WITHOUT], _make, progress)


def _make(directory: Path) -> None:
    without = " ".join(f"--exclude={path}" for path in BASE_WITHOUT)
    install = "DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends"
    host.run(
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
