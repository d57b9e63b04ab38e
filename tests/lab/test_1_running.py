"""A mesh that is up keeps what the stack promises."""

import base64
import json
import shutil
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest
import urllib3
import yaml
from kubernetes import client

from commands.pulumi import Pulumi
from lab import addresses, paths
from tests.lab.commandline import PROJECT, engine, run, succeed
from verify.answer import Answer
from verify.mesh import Mesh


def test_every_pod_is_ready(pulumi: Pulumi, api: client.ApiClient) -> None:
    pods = client.CoreV1Api(api).list_pod_for_all_namespaces().items
    ready = {
        f"{pod.metadata.namespace}/{pod.metadata.name}": any(c.type == "Ready" and c.status == "True" for c in pod.status.conditions)
        for pod in pods
        if pod.status.phase != "Succeeded"
    }
    assert len(ready) >= 15
    assert all(ready.values()), ready


def test_a_second_up_and_a_preview_change_nothing(pulumi: Pulumi) -> None:
    again = succeed("commands", "up", "dev")
    assert "unchanged" in again
    assert not any(word in again for word in (" created", " updated", " replaced", " deleted"))
    succeed(*engine("preview", "--expect-no-changes"))


def test_requests_are_answered(mesh: Mesh) -> None:
    assert_well(mesh.ask_by_requests(), at_least=8)


def test_pilot_programs_mutual_tls_exemptions_and_routes(mesh: Mesh) -> None:
    assert_well(mesh.ask_pilot(), at_least=6)


def test_citadel_certifies_the_applications(mesh: Mesh) -> None:
    assert_well(mesh.ask_for_certificates(), at_least=3)


def test_istioctl_finds_every_object_of_the_stack_valid(pulumi: Pulumi, istioctl: Path, tmp_path: Path) -> None:
    objects = [
        {key: resource["inputs"][key] for key in ("apiVersion", "kind", "metadata", "spec")}
        for resource in pulumi.resources()
        if "istio.io" in resource.get("inputs", {}).get("apiVersion", "")
    ]
    assert {"MeshPolicy", "DestinationRule", "Gateway", "VirtualService"} <= {found["kind"] for found in objects}
    assert validate(istioctl, tmp_path, objects) == 0
    gateway = next(found for found in objects if found["kind"] == "Gateway")
    gateway["spec"]["servers"][0]["port"]["number"] = 99999
    assert validate(istioctl, tmp_path, [gateway]) != 0


def test_the_passwords_are_nowhere_in_clear(pulumi: Pulumi, outputs: dict[str, Any]) -> None:
    passwords = [login["password"] for login in outputs["logins"].values()]
    assert len(set(passwords)) == 2
    assert all(len(password) >= 20 for password in passwords)
    printed = succeed("commands", "up", "dev") + succeed("commands", "status", "dev") + succeed("commands", "preview", "dev")
    kept = "".join(path.read_text() for path in (PROJECT / ".mesh").rglob("*.json*"))
    assert "ciphertext" in kept
    for password in passwords:
        for text in (password, base64.b64encode(password.encode()).decode()):
            assert text not in printed
            assert text not in kept


def test_verify_prints_every_answer_and_names_the_stand_ins(pulumi: Pulumi) -> None:
    printed = succeed("commands", "verify", "dev")
    assert "hello world !!!" in printed
    assert "NOT OK" not in printed
    assert "istio/proxyv2:1.5.10: tells Pilot that it has what it was sent, but lets traffic pass as it is" in printed


def test_a_lab_that_is_well_is_left_as_it_is(pulumi: Pulumi, api: client.ApiClient) -> None:
    def uid() -> str:
        return client.CoreV1Api(api).read_namespace("kube-system").metadata.uid or ""

    before = uid()
    succeed("lab", "up")
    assert uid() == before


def test_another_checkout_is_told_whose_the_lab_is(lab: None, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(PROJECT, other, ignore=shutil.ignore_patterns(".venv", ".mesh", ".git", "__pycache__"))
    for command in ("up", "down"):
        code, output = run("lab", command, project=other)
        assert code == 1
        assert f"already running on this machine, started by the checkout {PROJECT}" in output
        assert "Traceback" not in output


def test_the_lab_keeps_its_keys_to_root(lab: None) -> None:
    readable = stat.S_IRWXG | stat.S_IRWXO
    kept = [paths.KUBECONFIG, paths.OWNER, *paths.PKI.iterdir(), *paths.LOGS.iterdir()]
    assert len(kept) > 20
    assert not [path for path in kept if path.stat().st_mode & readable]


def test_the_kubelet_refuses_strangers(lab: None) -> None:
    with urllib3.PoolManager(cert_reqs="CERT_NONE") as pool, pytest.warns(urllib3.exceptions.InsecureRequestWarning):
        assert pool.request("GET", f"https://{addresses.NODE_ADDRESS}:10250/pods").status == 401


def assert_well(answers: list[Answer], at_least: int) -> None:
    assert len(answers) >= at_least
    assert not [answer for answer in answers if not answer.well]


def validate(istioctl: Path, directory: Path, objects: list[dict[str, Any]]) -> int:
    file = directory / "objects.yaml"
    file.write_text(yaml.safe_dump_all(json.loads(json.dumps(objects))))
    return subprocess.run([istioctl, "validate", "-f", file], check=False, capture_output=True).returncode
