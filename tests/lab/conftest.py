"""The mesh of the stack `dev` on the lab, brought up as `make up` does it, for the tests of this folder in the order of their files.

A lab or mesh that was there before the tests is there after them; else both are gone.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from kubernetes import client, config

from commands import stack
from commands.pulumi import Pulumi
from lab import paths
from tools.build import ensure
from verify.mesh import Mesh

PROJECT = Path(__file__).parents[2]
DEV = stack.find("dev")

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def run(*command: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run `python -m COMMAND…` in the project, and keep what it prints."""
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=PROJECT,
        env=environment or os.environ.copy(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def succeed(*command: str) -> str:
    """The output of a command that must succeed."""
    done = run(*command)
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture(scope="session")
def lab() -> Iterator[None]:
    """A lab that runs; ended after the tests if they started it."""
    if os.geteuid():
        pytest.fail("the tests of the lab need root, as the lab does; `make test-unit` does not")
    was_there = paths.ROOT.exists()
    succeed("lab", "up")
    yield
    if not was_there:
        succeed("commands", "down", "dev")
        succeed("lab", "down")


@pytest.fixture(scope="session")
def up(lab: None) -> str:
    """What `make up` printed."""
    return succeed("commands", "up", "dev")


@pytest.fixture(scope="session")
def pulumi(up: str) -> Pulumi:
    """The engine, on the stack."""
    return Pulumi(DEV)


@pytest.fixture(scope="session")
def outputs(pulumi: Pulumi) -> dict[str, Any]:
    """The stack's outputs, secrets included."""
    return pulumi.outputs()


@pytest.fixture(scope="session")
def mesh(outputs: dict[str, Any]) -> Mesh:
    """The running mesh, to be asked."""
    return Mesh.of(outputs)


@pytest.fixture
def api(lab: None) -> Iterator[client.ApiClient]:
    """A client of the lab's API server."""
    with config.new_client_from_config(str(paths.KUBECONFIG), paths.CONTEXT) as connected:
        yield connected


@pytest.fixture(scope="session")
def istioctl() -> Path:
    """The istioctl of the release."""
    return ensure(["istio-1.5.10"])["istio-1.5.10"] / "bin/istioctl"
