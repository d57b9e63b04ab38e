"""Waits for what the cluster does in its own time."""

import time
from collections.abc import Callable


def eventually(condition: Callable[[], object], seconds: float = 20) -> None:
    """Return as soon as `condition` holds; fail after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not become true"
        time.sleep(0.1)
