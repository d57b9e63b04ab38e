"""What cannot come up is named with its reason, and mended by the next up."""

import subprocess
import sys
import time

from commands.pulumi import Pulumi
from tests.lab.commandline import PROJECT, engine, run, succeed
from verify.mesh import Mesh

WRONG = "docker.io/nobody/nothing:1.0"


def test_a_pod_that_cannot_start_is_named_within_a_minute(pulumi: Pulumi) -> None:
    command = [sys.executable, "-m", *engine("up", "--yes", "--skip-preview", "-c", f"mesh:echoImage={WRONG}")]
    began = named = 0.0
    output = ""
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as up:
        assert up.stdout
        for line in up.stdout:
            output += line
            if "Deployment" in line and "updating" in line:
                began = began or time.monotonic()
            if "Pod ns1/hello-" in line and WRONG in line:
                named = named or time.monotonic()
    assert up.returncode != 0
    assert began, output
    assert named, output
    assert named - began < 60
    assert "Traceback" not in output


def test_the_next_up_with_the_right_name_converges(pulumi: Pulumi) -> None:
    succeed("commands", "up", "dev")
    assert not [answer for answer in Mesh.of(pulumi.outputs()).ask_by_requests() if not answer.well]
    succeed(*engine("preview", "--expect-no-changes"))


def test_a_wrong_hub_is_named_and_the_right_one_brings_new_jobs(pulumi: Pulumi) -> None:
    """The Jobs of istio-init cannot be changed, only replaced."""
    code, output = run(*engine("up", "--yes", "--skip-preview", "-c", "mesh:hub=docker.io/nobody"))
    assert code != 0
    assert "istio-init-crd-all" in output
    assert "docker.io/nobody/kubectl:1.5.10" in output
    assert "Traceback" not in output
    succeed("commands", "up", "dev")
    succeed(*engine("preview", "--expect-no-changes"))
