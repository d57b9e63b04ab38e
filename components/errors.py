"""Mistakes of the user, told as they are and not as tracebacks."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pulumi

_TOLD = 32
"""The exit code by which a Python program tells Pulumi's language host that the user knows what is wrong.

With any other, the engine adds «an unhandled error occurred» to a message that says it all.
"""


class UserError(Exception):
    """What is wrong, where, and how to mend it."""


def end_quietly() -> None:
    """When an update fails, the engine interrupts the program: from then on, that ends it without a traceback."""
    signal.signal(signal.SIGINT, lambda *_: sys.exit(_TOLD))


@contextmanager
def told() -> Iterator[None]:
    """Ends the program with the message of a UserError."""
    try:
        yield
    except UserError as error:
        pulumi.log.error(str(error))
        sys.exit(_TOLD)
