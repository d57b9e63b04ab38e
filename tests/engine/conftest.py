"""A Pulumi project in a directory of its own, for the real engine."""

import os
from pathlib import Path

import pytest

from tests.engine.project import Project
from tools import engine

THEIRS = {"KUBECONFIG", "PULUMI_ACCESS_TOKEN", "PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Make an empty project; whatever backend, login and cluster the person at this machine has stay out of it."""
    theirs = {name: value for name, value in os.environ.items() if name not in THEIRS}
    environment = engine.environment(tmp_path, theirs | {"PULUMI_BACKEND_URL": f"file://{tmp_path}/.mesh/state"})
    virtualenv = engine.PROJECT / ".venv"
    (tmp_path / "Pulumi.yaml").write_text(f"name: tiny\nruntime: {{name: python, options: {{virtualenv: {virtualenv}}}}}\n")
    made = Project(tmp_path, environment)
    made.settings("config: {}\n")
    return made
