"""Logs, as messages quote them."""

from pathlib import Path


def last_lines(log: Path, count: int = 8) -> str:
    """The end of a log, indented."""
    lines = log.read_text(errors="replace").splitlines() if log.exists() else ["(no log)"]
    return "\n".join(f"    {line}" for line in lines[-count:])
