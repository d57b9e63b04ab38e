"""istioctl of the release, put in place and run on the stack's cluster."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from kubernetes import client

from commands.istioctl import PLACE
from commands.pulumi import Pulumi
from tests.lab.commandline import PROJECT, run, succeed
from verify.mesh import Mesh

LINK = PLACE / "1.5.10/istioctl"
APPLICATIONS = ("hello-", "world-", "mailhog-", "istio-ingressgateway-")


def test_istioctl_and_the_control_plane_are_of_the_release(mesh: Mesh) -> None:
    (answer,) = mesh.ask_istioctl()
    assert answer.well, answer.said
    for part in ("client", "pilot", "citadel", "galley", "sidecar-injector", "telemetry"):
        assert part in answer.said


def test_it_is_put_in_place_and_told(pulumi: Pulumi) -> None:
    printed = succeed("commands", "istioctl", "dev")
    assert f"{LINK}: 1.5.10" in printed
    assert os.access(LINK, os.X_OK)


def test_a_shell_of_the_stack_has_it(pulumi: Pulumi) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "commands", "shell", "dev"],
        input="command -v istioctl\n",
        cwd=PROJECT,
        env=os.environ | {"SHELL": "/bin/sh"},
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.split() == [str(LINK)]


def test_it_runs_on_the_stacks_cluster_and_not_on_the_current_one(pulumi: Pulumi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    printed = succeed("commands", "istioctl", "dev", "--arguments=proxy-status")
    assert all(name in printed for name in APPLICATIONS), printed


def test_the_policies_of_mailhog_by_tls_check(pulumi: Pulumi, api: client.ApiClient) -> None:
    hello = client.CoreV1Api(api).list_namespaced_pod("ns1", label_selector="app=hello").items[0].metadata.name
    printed = succeed("commands", "istioctl", "dev", f"--arguments=authn tls-check {hello}.ns1 mailhog.mailhog.svc.cluster.local")
    assert printed.splitlines()[-1].split() == [
        "mailhog.mailhog.svc.cluster.local:1025", "OK", "STRICT", "ISTIO_MUTUAL", "/default", "istio-system/default",
    ]  # fmt: skip


def test_it_analyzes_the_cluster_and_finds_nothing_but_what_the_chapter_tells(pulumi: Pulumi) -> None:
    printed = succeed("commands", "istioctl", "dev", "--arguments=analyze -n ns1")
    assert [line.split()[1] for line in printed.splitlines() if "IST" in line] == ["[IST0121]"]


def test_what_needs_an_envoy_says_that_there_is_a_stand_in(pulumi: Pulumi, api: client.ApiClient) -> None:
    hello = client.CoreV1Api(api).list_namespaced_pod("ns1", label_selector="app=hello").items[0].metadata.name
    code, printed = run("commands", "istioctl", "dev", f"--arguments=proxy-config clusters {hello}.ns1")
    assert code != 0
    assert "stand-in" in printed


def test_its_standard_input_and_its_exit_code_are_passed_on(pulumi: Pulumi, tmp_path: Path) -> None:
    wrong = tmp_path / "a gateway.yaml"
    wrong.write_text(
        "apiVersion: networking.istio.io/v1alpha3\nkind: Gateway\nmetadata: {name: it}\n"
        "spec: {servers: [{port: {number: 99999, name: http, protocol: HTTP}, hosts: [a.example.com]}]}\n"
    )
    code, printed = run("commands", "istioctl", "dev", f"--arguments=validate -f '{wrong}'")
    assert code != 0
    assert "port number" in printed
    right = subprocess.run(
        [sys.executable, "-m", "commands", "istioctl", "dev", "--arguments=kube-inject -f -"],
        input="apiVersion: v1\nkind: Pod\nmetadata: {name: it}\nspec: {containers: [{name: main, image: none}]}\n",
        cwd=PROJECT,
        check=True,
        capture_output=True,
        text=True,
    )
    assert "name: istio-proxy" in right.stdout
