"""A lab that is gone, by a crash or over night, takes everything with it, and the mesh comes up in the next one."""

import json
import os
import signal
import subprocess
from pathlib import Path

from kubernetes import client

from commands.pulumi import Pulumi
from lab import addresses, paths
from lab.node import NAME
from tests.lab.commandline import run, succeed
from tests.lab.waiting import eventually
from verify.mesh import Mesh


def test_a_killed_lab_leaves_nothing_that_runs(pulumi: Pulumi, api: client.ApiClient) -> None:
    first = first_process()
    inside = (Path("/proc") / str(first) / "ns/pid").readlink()
    assert processes_in(inside)
    os.kill(first, signal.SIGKILL)
    eventually(lambda: not processes_in(inside))
    assert str(paths.ROOT) not in Path("/proc/mounts").read_text()
    code, output = run("lab", "status")
    assert code == 1
    assert "its node has ended" in output


def test_down_clears_up_after_a_lab_that_was_killed(pulumi: Pulumi) -> None:
    succeed("lab", "down")
    assert not paths.ROOT.exists()
    assert addresses.HOST_LINK not in Path("/proc/net/dev").read_text()
    assert not list(Path("/sys/fs/cgroup").glob(f"**/{NAME}*"))
    assert "there is no lab" in succeed("lab", "down")


def test_the_mesh_comes_up_in_a_new_lab(pulumi: Pulumi) -> None:
    output = succeed("commands", "up", "dev")
    assert "the lab is not the cluster that this stack knew" in output
    assert not [answer for answer in Mesh.of(pulumi.outputs()).ask_by_requests() if not answer.well]


def first_process() -> int:
    state = subprocess.run([paths.RUNC, "--root", paths.RUNTIME, "state", NAME], check=True, capture_output=True)
    return json.loads(state.stdout)["pid"]


def processes_in(namespace: Path) -> list[str]:
    found = []
    for entry in Path("/proc").glob("[0-9]*/ns/pid"):
        try:
            if entry.readlink() == namespace:
                found.append(entry.parts[2])
        except OSError:
            continue  # it ended meanwhile
    return found
