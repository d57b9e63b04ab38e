"""istioctl of a release, on a cluster."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from components.cluster import Cluster
from tools import ToolError
from verify import programs
from verify.answer import Answer


class IstioctlError(ToolError):
    """istioctl could not do what it was asked."""


@dataclass(frozen=True)
class Istioctl:
    """program: the binary, of `release`."""

    program: Path
    release: str
    cluster: Cluster

    def command(self, *arguments: str) -> list[str]:
        """The command line that runs it on the cluster."""
        return [str(self.program), *programs.where(self.cluster), *arguments]

    def run(self, *arguments: str, stdin: str = "") -> str:
        """Its standard output. IstioctlError with its last line when it fails."""
        done = subprocess.run(self.command(*arguments), input=stdin, capture_output=True, text=True, check=False)
        if done.returncode:
            said = (done.stderr.strip() or done.stdout.strip()).splitlines()
            raise IstioctlError(f"`istioctl {' '.join(arguments)}` failed: {said[-1] if said else f'code {done.returncode}'}")
        return done.stdout

    def version(self) -> Answer:
        """Whether it and every part of the control plane are of the release."""
        return versions(json.loads(self.run("version", "--output", "json")), self.release)


def versions(told: dict[str, Any], release: str) -> Answer:
    """The answer that istioctl's `version` gives. told: its JSON."""
    parts = {"client": told["clientVersion"]["version"]}
    # istioctl cannot ask the node agent, and gives it no version.
    parts |= {part["Component"]: part["Info"]["version"] for part in told.get("meshVersion") or [] if part["Info"]["version"]}
    by_version: dict[str, list[str]] = {}
    for part, version in parts.items():
        by_version.setdefault(version, []).append(part)
    said = "; ".join(f"{version}: {', '.join(names)}" for version, names in by_version.items())
    well = set(by_version) == {release} and len(parts) > 1
    return Answer("istioctl", "its version, and that of the control plane", said, well)
