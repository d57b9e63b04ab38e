"""The images that the lab's containerd finds under their real names, since no registry is asked: one archive for all."""

import json
import subprocess
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lab.artifacts import artifact
from lab.errors import LabError
from lab.versions import Version
from tools.progress import Progress

LIST = Path(__file__).with_name("images.toml")
TOOL = "images"
STAND_IN_LABEL = "mesh.stand-in"


@dataclass(frozen=True)
class Image:
    """One table of images.toml.

    files: path in the image -> `MODULE:PATH`, a module of `tools/` and a path in its result; `kubernetes` names the version's own.
    user: number, or empty for root. stand_in: what the image is not and why, empty for the real thing.
    """

    name: str
    files: dict[str, str] = field(default_factory=dict)
    entrypoint: list[str] = field(default_factory=list)
    cmd: list[str] = field(default_factory=list)
    env: dict[str, str] = field(default_factory=dict)
    user: str = ""
    workdir: str = "/"
    stand_in: str = ""


def images(version: Version) -> list[Image]:
    """What a lab of this version holds: the images of every lab, then those of its Istio releases."""
    tables = tomllib.loads(LIST.read_text())
    return [Image(**table) for name in ("every", *version.releases) for table in tables[name]]


def stand_ins(version: Version) -> list[Image]:
    """Those of a lab's images that are not what they are called."""
    return [image for image in images(version) if image.stand_in]


def modules(version: Version) -> list[str]:
    """The modules of `tools/` that these images are made from, and the tool that makes them."""
    sources = [source.partition(":")[0] for image in images(version) for source in image.files.values()]
    return list(dict.fromkeys([TOOL, *(version.module if source == "kubernetes" else source for source in sources)]))


def ensure(version: Version, built: dict[str, Path], debian: Path, progress: Progress) -> Path:
    """A directory with `images.tar`. `built`: the modules' results, `debian`: the roots (lab/rootfs.py)."""
    specification = [_specification(image, version, built, debian) for image in images(version)]
    text = json.dumps(specification, indent=1)

    def make(directory: Path) -> None:
        tool = [built[TOOL] / "bin" / TOOL, directory / "images.tar"]
        result = subprocess.run(tool, input=text, text=True, capture_output=True, check=False)
        if result.returncode:
            raise LabError(f"the lab's images cannot be made: {result.stderr.strip()}")

    return artifact(f"images-{version.minor[0]}.{version.minor[1]}", [str(built[TOOL]), text], make, progress)


def _specification(image: Image, version: Version, built: dict[str, Path], debian: Path) -> dict[str, Any]:
    def source(origin: str) -> str:
        module, _, path = origin.partition(":")
        return str(built[version.module if module == "kubernetes" else module] / path)

    return {
        "names": [image.name],
        "base": str(debian / "base.tar"),
        "files": {path: source(origin) for path, origin in image.files.items()},
        "entrypoint": image.entrypoint,
        "cmd": image.cmd,
        "env": image.env,
        "user": image.user,
        "workdir": image.workdir,
        "labels": {STAND_IN_LABEL: image.stand_in} if image.stand_in else {},
    }
