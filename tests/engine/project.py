"""A Pulumi project for the real engine."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools import backend


@dataclass(frozen=True)
class Project:
    """A project with one stack, dev, in its own local backend."""

    directory: Path
    environment: dict[str, str]

    def program(self, *lines: str) -> None:
        """Write the program."""
        (self.directory / "__main__.py").write_text(
            "\n".join(("import pulumi", "import pulumi_kubernetes as k8s", "import pulumi_random", *lines))
        )

    def settings(self, text: str) -> None:
        """Write the stack's file of settings, the one that is committed."""
        (self.directory / "Pulumi.dev.yaml").write_text(text)

    def run(self, *arguments: str, succeeds: bool = True) -> str:
        """Run pulumi with the stack's options; returns everything that it says."""
        options = backend.stack_options(self.directory, "dev", self.environment)
        return self.plain(*arguments, *options, "--non-interactive", "--color=never", succeeds=succeeds)

    def plain(self, *arguments: str, succeeds: bool = True) -> str:
        """Run pulumi as it is."""
        done = subprocess.run(
            ["pulumi", *arguments],
            cwd=self.directory,
            env=self.environment,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert (done.returncode == 0) == succeeds, done.stdout
        return done.stdout

    def outputs(self) -> dict[str, Any]:
        """Return the stack's outputs, secrets in clear."""
        return json.loads(self.plain("stack", "output", "--json", "--show-secrets", "--stack", "dev"))

    def state(self) -> str:
        """Return the stack's state as it is kept."""
        return self.plain("stack", "export", "--stack", "dev")
