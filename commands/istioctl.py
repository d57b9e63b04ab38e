"""`make istioctl`: the istioctl of a stack's release, put in place, or run on the stack's cluster."""

import os
import shlex
from pathlib import Path

from commands.stack import PROJECT, CommandError, Stack
from verify import programs
from verify.istioctl import Istioctl

PLACE = PROJECT / ".mesh/bin"
"""`PLACE/<release>/istioctl`: links to the releases' own."""


def run(stack: Stack, arguments: str = "") -> int:
    """Run istioctl with `arguments`, in a shell's quoting; without them, tell where it is."""
    words = words_of(arguments)
    istioctl = Istioctl(place(stack.release), stack.release, stack.target)
    if not words:
        version = istioctl.run("version", "--remote=false").strip()
        print(f'{istioctl.program}: {version}; make istioctl ARGS="proxy-status" runs it on {stack.target.name}')
        return 0
    own = {"KUBECONFIG": str(stack.target.kubeconfig)} if stack.target.kubeconfig else {}
    command = istioctl.command(*words)
    return os.execve(command[0], command, {**os.environ, **own})  # noqa: S606 - it takes our place, and with it signals and the exit code


def words_of(arguments: str) -> list[str]:
    """The words of a command line. CommandError for a quote that is not closed."""
    try:
        return shlex.split(arguments)
    except ValueError as error:
        raise CommandError(f"ARGS cannot be read: {error} in: {arguments}") from None


def place(release: str) -> Path:
    """The link in this checkout that leads to istioctl of `release`; builds it where it is missing."""
    program = programs.of_release(release) / "istioctl"
    link = PLACE / release / "istioctl"
    link.parent.mkdir(parents=True, exist_ok=True)
    new = link.with_name(f".istioctl-{os.getpid()}")
    new.symlink_to(program)
    new.rename(link)
    return link
