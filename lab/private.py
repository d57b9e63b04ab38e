"""Files that hold keys."""

import os
from pathlib import Path


def write_private(path: Path, content: bytes) -> None:
    """Write a file that was never readable by others, not even for a moment."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
