"""Where tables are printed."""

import sys

from rich.console import Console

_WIDTH = 160
"""Columns where there is no terminal."""


def console() -> Console:
    """Standard output, as wide as the terminal."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else _WIDTH)
