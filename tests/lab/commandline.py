"""The project's commands, as a person runs them."""

import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[2]


def run(*command: str, project: Path = PROJECT) -> tuple[int, str]:
    """Run `python -m COMMAND…`; the exit code, and what was printed."""
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=project,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def succeed(*command: str) -> str:
    """What a command prints that must succeed."""
    code, output = run(*command)
    assert code == 0, output
    return output


def engine(*arguments: str) -> tuple[str, ...]:
    """The command that runs `pulumi` on the stack dev, for `run` and `succeed`."""
    return ("tools.engine", "run", "--stack", "dev", "--", "pulumi", *arguments)
