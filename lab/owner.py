"""Whose lab it is: two checkouts on a machine must not pull it from under each other."""

import dataclasses
import datetime
import json
from dataclasses import dataclass
from pathlib import Path

from lab import paths
from lab.versions import Version

CHECKOUT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Owner:
    """checkout: directory that started the lab. debian, images: what it is made of (rootfs.py, images.py). since: UTC, ISO 8601."""

    checkout: Path
    kubernetes: str
    debian: Path
    images: Path
    since: str


def read() -> Owner | None:
    """The owner of the lab on this machine, None where there is no lab."""
    if not paths.OWNER.exists():
        return None
    recorded = json.loads(paths.OWNER.read_text())
    places = {name: Path(recorded.get(name, "")) for name in ("checkout", "debian", "images")}
    return Owner(**recorded | places)


def write(version: Version, debian: Path, images: Path) -> None:
    """This checkout is the owner from now on."""
    since = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    paths.OWNER.write_text(json.dumps(dataclasses.asdict(Owner(CHECKOUT, version.kubernetes, debian, images, since)), default=str))
