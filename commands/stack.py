"""A stack as its Pulumi.<name>.yaml has it, before any program runs."""

from dataclasses import dataclass
from pathlib import Path

import yaml

from components.cluster import Cluster, named
from lab.versions import VERSIONS, Version
from tools import ToolError

PROJECT = Path(__file__).parent.parent


class CommandError(ToolError):
    """One sentence or two: what is wrong, where, and how to mend it."""


@dataclass(frozen=True)
class Stack:
    """name: as in Pulumi.<name>.yaml. cluster, release: its settings. lab: the lab's version if its cluster is the lab, else None."""

    name: str
    cluster: str
    release: str
    lab: Version | None

    @property
    def target(self) -> Cluster:
        """The cluster that it names."""
        return named(self.cluster)


def find(name: str) -> Stack:
    """The stack of that name; CommandError for one that has no file, or whose release no lab has."""
    file = PROJECT / f"Pulumi.{name}.yaml"
    if not file.exists():
        known = ", ".join(sorted(path.name.split(".")[1] for path in PROJECT.glob("Pulumi.*.yaml")))
        raise CommandError(f"there is no {file.name}; stacks here: {known}. A new one: copy one of the files")
    settings = {**_defaults(), **(yaml.safe_load(file.read_text()).get("config") or {})}
    cluster, release = str(settings.get("mesh:cluster")), str(settings.get("mesh:release"))
    if cluster != "lab":
        return Stack(name, cluster, release, None)
    for version in VERSIONS.values():
        if release in version.releases:
            return Stack(name, cluster, release, version)
    known = ", ".join(release for version in VERSIONS.values() for release in version.releases)
    raise CommandError(
        f"{file.name}: the lab has no images of Istio {release}, only of {known}; set mesh:release, or name another mesh:cluster"
    )


def _defaults() -> dict[str, object]:
    """The defaults that Pulumi.yaml gives, by `mesh:key`."""
    project = yaml.safe_load((PROJECT / "Pulumi.yaml").read_text())
    described = {key if ":" in key else f"{project['name']}:{key}": value for key, value in project["config"].items()}
    return {key: value["default"] for key, value in described.items() if isinstance(value, dict) and "default" in value}
