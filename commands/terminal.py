"""Where tables are printed."""

import sys

from rich.console import Console
from rich.table import Table

_WIDTH = 160
"""Columns where there is no terminal."""


def console() -> Console:
    """Standard output, as wide as the terminal."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else _WIDTH)


def table(*headings: str) -> Table:
    """An empty one, whose long cells go on in the next line."""
    made = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        made.add_column(heading, overflow="fold")
    return made
