"""The mesh of the stack `dev` on the lab, brought up as `make up` does it.

The files of this folder follow one another in the life of a mesh: running, in a new lab, in trouble, taken down. A lab
or a mesh that was there before the tests is there after them; else both are gone.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kubernetes import client, config

from commands import stack
from commands.pulumi import Pulumi
from lab import paths
from tests.lab.commandline import run, succeed
from tools.build import ensure
from verify.mesh import Mesh

DEV = stack.find("dev")


@pytest.fixture(scope="session")
def lab() -> Iterator[None]:
    """A lab that runs."""
    if os.geteuid():
        pytest.fail("the tests of the lab need root, as the lab does; `make test-unit` does not")
    was_there = run("lab", "status")[0] == 0
    succeed("lab", "up")
    with config.new_client_from_config(str(paths.KUBECONFIG), paths.CONTEXT) as api:
        had_mesh = any(found.metadata.name == "istio-system" for found in client.CoreV1Api(api).list_namespace().items)
    yield
    if had_mesh:
        succeed("commands", "up", "dev")
    if not was_there:
        succeed("lab", "down")


@pytest.fixture(scope="session")
def pulumi(lab: None) -> Pulumi:
    """The engine on the stack, which is up."""
    succeed("commands", "up", "dev")
    return Pulumi(DEV)


@pytest.fixture
def outputs(pulumi: Pulumi) -> dict[str, Any]:
    """The stack's outputs, secrets included."""
    return pulumi.outputs()


@pytest.fixture
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
    module = f"istio-{DEV.lab.releases[0]}" if DEV.lab else ""
    return ensure([module])[module] / "bin/istioctl"
