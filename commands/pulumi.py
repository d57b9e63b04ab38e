"""Runs the engine on a stack."""

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

from commands.stack import PROJECT, CommandError, Stack
from tools import backend, engine


class Pulumi:
    """The engine, on one stack, which is made where it is missing."""

    def __init__(self, stack: Stack, extra: Mapping[str, str] | None = None) -> None:
        """`extra`: environment variables on top of those that the engine needs."""
        self.environment = engine.environment(PROJECT) | dict(extra or {})
        self._stack = stack
        self._options = backend.stack_options(PROJECT, stack.name, self.environment)
        self._program = shutil.which("pulumi", path=self.environment["PATH"]) or "pulumi"

    def run(self, *arguments: str) -> int:
        """Run `pulumi` with the terminal of this process; the result is its exit code."""
        command = [self._program, *arguments, *self._options]
        return subprocess.run(command, cwd=PROJECT, env=self.environment, check=False).returncode

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs, secrets included; empty before the first `up`."""
        return json.loads(self._read("stack", "output", "--json", "--show-secrets", "--stack", self._stack.name))

    def resources(self) -> Sequence[Mapping[str, Any]]:
        """The stack's resources as its state records them."""
        exported = json.loads(self._read("stack", "export", "--stack", self._stack.name))
        return exported["deployment"].get("resources") or []

    def _read(self, *arguments: str) -> str:
        command = [self._program, *arguments]
        done = subprocess.run(command, cwd=PROJECT, env=self.environment, check=False, capture_output=True, text=True)
        if done.returncode:
            raise CommandError(f"`pulumi {' '.join(arguments)}` failed: {done.stderr.strip()}")
        return done.stdout
