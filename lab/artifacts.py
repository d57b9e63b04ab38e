"""What the lab makes once for a machine, in the user's cache directory, under a key of what it is made from."""

import hashlib
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from filelock import FileLock

from lab import owner
from tools.modules import cache_dir
from tools.progress import Progress


def artifact(name: str, made_from: Iterable[str], make: Callable[[Path], None], progress: Progress) -> Path:
    """The directory of an artifact; `make` fills it (as a directory of another name, so that it is whole or not there).

    Artifacts of the same name and another key are removed, but for the root that a lab runs from.
    """
    key = hashlib.sha256("\0".join(made_from).encode()).hexdigest()[:16]
    result = cache_dir() / f"{name}-{key}"
    cache_dir().mkdir(parents=True, exist_ok=True)
    with FileLock(cache_dir() / f"{name}.lock"):
        if not result.is_dir():
            unfinished = cache_dir() / f"{name}.unfinished"
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir()
            progress.run(name, lambda: make(unfinished))
            running = owner.read()
            for older in cache_dir().glob(f"{name}-*"):
                if not (running and running.debian == older):
                    shutil.rmtree(older)
            unfinished.rename(result)
    return result
