"""What the lab is made of fits together, as far as that can be seen without a lab."""

import ipaddress
import stat
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from cryptography import x509

from components.releases import RELEASES
from lab import addresses, cluster, images, network, owner, paths, pki
from lab.errors import LabError
from lab.node import FILES, Node
from lab.readiness import ONCE, Readiness
from lab.versions import CHARTS, DEFAULT, VERSIONS, Version
from tools import modules
from tools.progress import Progress

EVERY = pytest.mark.parametrize("version", VERSIONS.values(), ids=list(VERSIONS))


@EVERY
def test_every_release_of_a_lab_is_one_that_runs_on_its_kubernetes(version: Version) -> None:
    assert DEFAULT in VERSIONS
    assert version.releases
    for release in version.releases:
        assert version.minor[1] in RELEASES[release].kubernetes


@EVERY
def test_every_image_is_there_once_and_made_from_modules_that_exist(version: Version) -> None:
    names = [image.name for image in images.images(version)]
    assert len(names) == len(set(names)) > 10
    assert all(":" in name for name in names)
    for module in images.modules(version):
        assert modules.find(module).folder.is_dir()


@EVERY
def test_every_release_of_a_lab_has_its_charts_once(version: Version) -> None:
    for release in version.releases:
        names = [name for module in CHARTS[release] for name in modules.find(module).facts["files"] if name.startswith("charts/")]
        assert sorted(names) == ["charts/external-dns", "charts/istio", "charts/istio-init"]
        assert set(CHARTS[release]) <= set(cluster.modules(version))


@EVERY
def test_the_proxy_that_cannot_be_had_says_that_it_stands_in(version: Version) -> None:
    proxies = [image for image in images.images(version) if "/proxyv2:" in image.name]
    assert all("nothing is encrypted" in image.stand_in for image in proxies)
    assert proxies


def test_every_process_waits_for_processes_that_exist_and_has_a_log_of_its_name() -> None:
    processes: dict[str, dict[str, Any]] = yaml.safe_load((FILES / "processes.yaml").read_text())["processes"]
    assert set(ONCE) <= processes.keys()
    for name, process in processes.items():
        assert process["log_location"] == f"{paths.LOGS}/{name}.log"
        assert process.get("depends_on", {}).keys() <= processes.keys()
        assert ("availability" not in process or process["availability"]["restart"] != "always") == (name in ONCE)


def test_the_addresses_in_the_nodes_files_are_services() -> None:
    services = ipaddress.ip_network(addresses.SERVICE_RANGE)
    dns = yaml.safe_load((FILES / "kubelet.yaml").read_text())["clusterDNS"]
    served = [
        found["spec"]["clusterIP"] for found in yaml.safe_load_all((FILES / "coredns.yaml").read_text()) if found["kind"] == "Service"
    ]
    assert dns == served
    assert all(ipaddress.ip_address(address) in services for address in (*dns, pki.SERVICE_IP))


def test_certificates_chain_to_the_labs_authority_and_are_for_root_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "PKI", tmp_path / "pki")
    monkeypatch.setattr(paths, "KUBECONFIG", tmp_path / "kubeconfig")
    pki.create()
    authority = x509.load_pem_x509_certificate((paths.PKI / "ca.crt").read_bytes())
    for name in (*pki.SERVERS, *pki.CLIENTS):
        x509.load_pem_x509_certificate((paths.PKI / f"{name}.crt").read_bytes()).verify_directly_issued_by(authority)
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in (paths.KUBECONFIG, *paths.PKI.iterdir()))
    config = yaml.safe_load(paths.KUBECONFIG.read_text())
    assert config["current-context"] == paths.CONTEXT
    assert config["clusters"][0]["cluster"]["server"] == f"https://{addresses.NODE_ADDRESS}:6443"


def test_a_kubelets_certificate_names_it_as_the_node_authorizer_wants(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "PKI", tmp_path / "pki")
    monkeypatch.setattr(paths, "KUBECONFIG", tmp_path / "kubeconfig")
    pki.create()
    subject = x509.load_pem_x509_certificate((paths.PKI / "kubelet.crt").read_bytes()).subject.rfc4514_string()
    assert "CN=system:node:lab" in subject
    assert "O=system:nodes" in subject


@pytest.mark.parametrize(("running", "checkout"), [(True, owner.CHECKOUT), (False, Path("/elsewhere")), (True, Path("/elsewhere"))])
def test_only_a_running_lab_of_another_checkout_is_refused(
    running: bool, checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    monkeypatch.setattr(paths, "OWNER", tmp_path / "owner.json")
    monkeypatch.setattr(paths, "LOCK", tmp_path / "lock")
    monkeypatch.setattr(cluster, "require_root", lambda: None)
    monkeypatch.setattr(Node, "running", running)
    monkeypatch.setattr(cluster, "_remove", lambda node: None)
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(owner, "CHECKOUT", checkout)
        owner.write(VERSIONS[DEFAULT], tmp_path, tmp_path)
    if running and checkout != owner.CHECKOUT:
        with pytest.raises(LabError, match="already running on this machine, started by the checkout /elsewhere"):
            cluster.down()
    assert cluster.down(force=running) is True


def test_without_root_the_lab_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    for command in (lambda: cluster.up(VERSIONS[DEFAULT], Progress()), cluster.down):
        with pytest.raises(LabError, match="needs root"):
            command()


def test_a_full_disk_is_told_before_anything_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=2e9))
    with pytest.raises(LabError, match=r"needs 3 GB in /var/lib, 2\.0 GB are free"):
        cluster._require_disk()


class FakeNode:
    """A node whose supervisor tells what it is given."""

    running = True

    def __init__(self, **process: Any) -> None:
        self._process = {"name": "etcd", "status": "Running", "exit_code": 0, "restarts": 0, "has_ready_probe": True, "is_ready": "Ready"}
        self._process |= process

    def processes(self) -> list[dict[str, Any]]:
        return [self._process]


@pytest.mark.parametrize("process", [{"restarts": 3}, {"status": "Error"}, {"name": "images", "status": "Completed", "exit_code": 1}])
def test_a_process_that_does_not_run_is_named_with_its_last_words(
    process: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths, "LOGS", tmp_path)
    name = process.get("name", "etcd")
    (tmp_path / f"{name}.log").write_text("no space left on device\n")
    with pytest.raises(LabError, match=f"(?s){name} does not run in the lab.*no space left on device"):
        Readiness(FakeNode(**process)).wait()  # type: ignore[arg-type]


def test_an_address_that_another_interface_has_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "HOST_ADDRESS", "127.0.0.1")
    with pytest.raises(LabError, match=r"127\.0\.0\.1 is already an address of this machine's interface lo"):
        network.require_free_addresses()
