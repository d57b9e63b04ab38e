"""The Go modules of this folder: where each lies, the facts about it, and the directory of its result."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tools import ToolError

HERE = Path(__file__).parent
GO_BUILD = ["go", "build", "-v", "-mod=readonly", "-trimpath", "-buildvcs=false"]
FACTS = {"ldflags", "cgo", "prepare", "files", "weight"}


class BuildError(ToolError):
    """A build cannot be done; the message says what, where and how to mend it."""


def cache_dir() -> Path:
    """Return the user's cache directory of mesh."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mesh"


@dataclass(frozen=True)
class Module:
    """A folder with a go.mod, and its table in modules.toml.

    `ldflags`: added to `-s -w`. `cgo`: true where C is needed. `prepare`: a shell command for the scratch copy of the folder,
    run before the build. `files`: destination in the result -> "MODULE:PATH". `weight`: seconds of its build; the longest starts first.
    """

    name: str
    folder: Path
    facts: dict[str, Any]

    @property
    def command(self) -> list[str]:
        """The `go build` of this module, without its packages and destination."""
        return [*GO_BUILD, "-ldflags", f"-s -w {self.facts.get('ldflags', '')}".strip()]

    @property
    def packages(self) -> list[str]:
        """What `go build` is to build: the `tool` lines of go.mod, and our own mains."""
        tools = ["tool"] if re.search(r"^tool\b", (self.folder / "go.mod").read_text(), re.MULTILINE) else []
        return tools + (["./..."] if next(self.folder.rglob("*.go"), None) else [])

    @property
    def result(self) -> Path:
        """The directory of the result; its name holds the key of everything that it is built from."""
        facts = {name: value for name, value in self.facts.items() if name != "weight"}
        digest = hashlib.sha256(json.dumps([go_version(), self.command, facts], sort_keys=True).encode())
        for path in sorted(path for path in self.folder.rglob("*") if path.is_file()):
            digest.update(f"{path.relative_to(self.folder)}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
        return cache_dir() / f"{self.name}-{digest.hexdigest()[:16]}"

    @property
    def older_results(self) -> list[Path]:
        """Results of earlier states of this module."""
        results = cache_dir().glob(f"{self.name}-*")
        return [path for path in results if re.fullmatch(r"[0-9a-f]{16}", path.name[len(self.name) + 1 :]) and path != self.result]


def find(name: str) -> Module:
    """Find the module of that name. Raises BuildError for an unknown name or fact, and for a Go that is missing or too old."""
    folder = HERE / name
    if not (folder / "go.mod").is_file():
        known = ", ".join(sorted(path.parent.name for path in HERE.glob("*/go.mod")))
        raise BuildError(f"no module {name!r} in {HERE}; there are: {known}")
    facts = tomllib.loads((HERE / "modules.toml").read_text()).get(name, {})
    if unknown := facts.keys() - FACTS:
        raise BuildError(f"modules.toml, [{name}]: unknown {', '.join(sorted(unknown))}; known are {', '.join(sorted(FACTS))}")
    needed = re.search(r"^go ([0-9.]+)", (folder / "go.mod").read_text(), re.MULTILINE)
    if needed and _numbers(go_version()) < _numbers(needed[1]):
        raise BuildError(f"{name} needs Go {needed[1]}, here is {go_version()} ({shutil.which('go')}); install a newer Go")
    return Module(name, folder, facts)


@cache
def go_version() -> str:
    """Return the version of the `go` on PATH, such as go1.26.8. Raises BuildError where there is none."""
    if not shutil.which("go"):
        raise BuildError("there is no `go` on PATH; install Go 1.26 or newer, or put its bin directory on PATH")
    return subprocess.run(["go", "env", "GOVERSION"], cwd="/", check=True, capture_output=True, text=True).stdout.strip()


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)]
