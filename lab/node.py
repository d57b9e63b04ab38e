"""The node: one runc container with namespaces, mounts and a control group of its own, in which the node's processes run.

When its first process ends, the kernel ends all others and their mounts, and later its interfaces; `remove` clears all at once.
"""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from lab import network, paths
from lab.addresses import NODE_ADDRESS, SERVICE_RANGE
from lab.errors import LabError

NAME = "mesh-lab"
FILES = Path(__file__).parent / "node"
NAMESPACES = ("pid", "mount", "network", "ipc", "uts", "cgroup")
SUPERVISOR = ("process-compose", "up", "--config", "/etc/mesh-lab/processes.yaml", "--tui=false", "--use-uds")
SOCKET = "/run/process-compose.sock"


class Node:
    """The node of this machine's lab; there is at most one."""

    @property
    def running(self) -> bool:
        """Whether the node's first process lives."""
        return self._state().get("status") == "running"

    def start(self, root: Path, binaries: dict[str, Path], environment: dict[str, str]) -> None:
        """Create the node, join it to the host, start its supervisor.

        root: the Debian root that it runs from. binaries: name of a directory under /opt in the node -> the host's directory.
        """
        paths.BUNDLE.mkdir(exist_ok=True)
        paths.LOGS.mkdir(exist_ok=True)
        paths.RUNC.parent.mkdir(exist_ok=True)
        shutil.copy(root / "usr/sbin/runc", paths.RUNC)  # the lab must be ended also when the cache was cleared meanwhile
        paths.KUBELET.mkdir(exist_ok=True)
        (paths.BUNDLE / "config.json").write_text(json.dumps(_specification(root, binaries, environment), indent=1))
        with (paths.LOGS / "supervisor.log").open("ab") as log:
            self._runc("create", "--bundle", str(paths.BUNDLE), NAME, output=log)
        try:
            network.connect(self._state()["pid"])
            self._runc("start", NAME)
        except BaseException:
            self.remove()
            raise

    def run(self, *command: str) -> str:
        """Run a command in the node and return its standard output; LabError with its standard error when it fails."""
        return self._runc("exec", NAME, *command)

    def remove(self) -> None:
        """End every process of the node, and remove its control groups, its records and its link."""
        if self._state():
            self._runc("delete", "--force", NAME)
        network.disconnect()

    def processes(self) -> list[dict[str, Any]]:
        """The supervisor's view of its processes: name, status, is_ready, exit_code, restarts and more."""
        listing = self.run("/opt/process-compose/process-compose", "process", "list", "-o", "json", "--unix-socket", SOCKET)
        return json.loads(listing)

    def _state(self) -> dict[str, Any]:
        result = self._call("state", NAME) if paths.RUNC.exists() else None
        return json.loads(result.stdout) if result and result.returncode == 0 else {}

    def _call(self, *arguments: str, output: Any = subprocess.PIPE) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [paths.RUNC, "--root", paths.RUNTIME, *arguments], stdin=subprocess.DEVNULL, stdout=output, stderr=output, check=False
        )

    def _runc(self, *arguments: str, output: Any = subprocess.PIPE) -> str:
        result = self._call(*arguments, output=output)
        if result.returncode:
            reason = (result.stderr or b"").decode(errors="replace").strip()
            raise LabError(f"runc {arguments[0]} failed: {reason or f'see {paths.LOGS}/supervisor.log'}")
        return (result.stdout or b"").decode()


def _specification(root: Path, binaries: dict[str, Path], environment: dict[str, str]) -> dict[str, Any]:
    """The node as an OCI runtime specification (config.json), as privileged as the machine's root is."""
    capabilities = _capabilities()
    path = ":".join([*(f"/opt/{name}" for name in binaries), "/usr/sbin", "/usr/bin", "/sbin", "/bin"])
    variables = {
        "PATH": path,
        "HOME": "/root",
        "PKI": str(paths.PKI),
        "NODE_ADDRESS": NODE_ADDRESS,
        "SERVICE_RANGE": SERVICE_RANGE,
        **environment,
    }
    return {
        "ociVersion": "1.0.2",
        "hostname": "lab",
        "root": {"path": str(root), "readonly": True},
        "process": {
            "cwd": "/",
            "args": ["/usr/bin/tini", "-g", "--", *SUPERVISOR, "--unix-socket", SOCKET],
            "env": [f"{name}={value}" for name, value in variables.items()],
            "user": {"uid": 0, "gid": 0},
            "capabilities": dict.fromkeys(("bounding", "effective", "permitted", "inheritable"), capabilities),
        },
        "mounts": [
            _mount("/proc", "proc"),
            _mount("/sys", "sysfs", "nosuid", "noexec", "nodev", "rw"),
            _mount("/sys/fs/cgroup", "cgroup", "nosuid", "noexec", "nodev", "rw"),
            _mount("/dev", "tmpfs", "nosuid", "mode=755"),
            _mount("/dev/pts", "devpts", "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"),
            _mount("/dev/shm", "tmpfs", "nosuid", "nodev", "mode=1777"),  # noqa: S108 - mounts of the node
            _mount("/dev/mqueue", "mqueue", "nosuid", "noexec", "nodev"),
            _mount("/run", "tmpfs", "nosuid", "nodev", "mode=755"),
            _mount("/tmp", "tmpfs", "nosuid", "nodev", "mode=1777"),  # noqa: S108
            _mount("/var/log", "tmpfs", "nosuid", "nodev", "mode=755"),
            _mount("/var/lib/cni", "tmpfs", "nosuid", "nodev", "mode=700"),
            _bind("/dev/kmsg", Path("/dev/kmsg"), "rw"),
            _bind(str(paths.ROOT), paths.ROOT, "rw"),
            _bind("/var/lib/kubelet", paths.KUBELET, "rw"),
            _bind("/var/lib/bind", paths.DNS, "rw"),
            _bind("/etc/mesh-lab", FILES, "ro"),
            _bind("/etc/resolv.conf", FILES / "resolv.conf", "ro"),
            *(_bind(f"/opt/{name}", source, "ro") for name, source in binaries.items()),
        ],
        "linux": {
            "namespaces": [{"type": kind} for kind in NAMESPACES],
            "cgroupsPath": f"/{NAME}",
            "rootfsPropagation": "rprivate",
            "resources": {"devices": [{"allow": True, "access": "rwm"}]},
            "sysctl": {"net.ipv4.ip_forward": "1"},
        },
    }


def _mount(destination: str, kind: str, *options: str) -> dict[str, Any]:
    return {"destination": destination, "type": kind, "source": kind, "options": list(options)}


def _bind(destination: str, source: Path, mode: str) -> dict[str, Any]:
    return {"destination": destination, "type": "bind", "source": str(source), "options": ["rbind", mode]}


def _capabilities() -> list[str]:
    """The capabilities that this machine's root has to give; some machines keep a few back."""
    told = subprocess.run(["setpriv", "--dump"], check=True, capture_output=True, text=True).stdout
    bounding = re.search(r"^Capability bounding set: (.*)$", told, re.MULTILINE)
    return [f"CAP_{name.upper()}" for name in bounding[1].split(",")] if bounding else []
