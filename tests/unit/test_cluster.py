"""The check of the cluster, against an API server that says what a test wants, and against none."""

import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import yaml

from components import cluster
from components.cluster import Cluster, ClusterError
from components.releases import RELEASES
from lab import paths

RELEASE = RELEASES["1.5.10"]


@dataclass
class Api:
    """Answers the two questions of the check."""

    port: int = 0
    version: str = "v1.21.14"
    status: int = 200
    asked: list[str] = field(default_factory=list)


@pytest.fixture
def api() -> Iterator[Api]:
    said = Api()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            said.asked.append(self.path)
            answers = {
                "/version/": {"gitVersion": said.version}
                | dict.fromkeys(("buildDate", "compiler", "gitCommit", "gitTreeState", "goVersion", "major", "minor", "platform"), ""),
                "/api/v1/namespaces/kube-system": {"metadata": {"name": "kube-system", "uid": "the-uid"}},
            }
            self.send_response(said.status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(answers[self.path]).encode())

        def log_message(self, format: str, *args: object) -> None:
            """Is silent."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    said.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield said
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def kubeconfig(tmp_path: Path) -> Path:
    return tmp_path / "kubeconfig"


def write(kubeconfig: Path, port: int) -> None:
    kubeconfig.write_text(
        yaml.safe_dump(
            {
                "clusters": [{"name": "c", "cluster": {"server": f"http://127.0.0.1:{port}"}}],
                "users": [{"name": "u", "user": {}}],
                "contexts": [{"name": "here", "context": {"cluster": "c", "user": "u"}}],
                "current-context": "here",
            }
        )
    )


def target(kubeconfig: Path, context: str = "here") -> Cluster:
    return Cluster("the cluster here", context, kubeconfig, "do this")


@pytest.mark.parametrize(("version", "minor"), [("v1.16.0", 16), ("v1.21.14", 21), ("v1.21.5-eks-bc4871b", 21), ("v1.20.15+k3s1", 20)])
def test_a_cluster_in_the_releases_range_is_taken(api: Api, kubeconfig: Path, version: str, minor: int) -> None:
    api.version = version
    write(kubeconfig, api.port)
    assert cluster.check(target(kubeconfig), RELEASE) == cluster.Facts(minor, "the-uid")


@pytest.mark.parametrize("minor", [15, 22, 34])
def test_a_cluster_outside_of_the_releases_range_is_refused(api: Api, kubeconfig: Path, minor: int) -> None:
    api.version = f"v1.{minor}.1"
    write(kubeconfig, api.port)
    with pytest.raises(ClusterError) as error:
        cluster.check(target(kubeconfig), RELEASE)
    assert str(error.value) == (
        f"Istio 1.5.10 runs on Kubernetes 1.16 to 1.21, but the cluster here is Kubernetes 1.{minor}: "
        "name another cluster in mesh:cluster, or another mesh:release."
    )


def test_a_cluster_that_does_not_answer_is_asked_once_and_named(kubeconfig: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        port = reserved.getsockname()[1]
    write(kubeconfig, port)
    with pytest.raises(ClusterError) as error:
        cluster.check(target(kubeconfig), RELEASE)
    assert str(error.value) == "the cluster here does not answer (Connection refused): do this."


def test_a_cluster_that_refuses_the_user_is_named(api: Api, kubeconfig: Path) -> None:
    api.status = 403
    write(kubeconfig, api.port)
    with pytest.raises(ClusterError, match=r"the cluster here does not answer \(403 Forbidden\): do this\."):
        cluster.check(target(kubeconfig), RELEASE)
    assert len(api.asked) == 1


def test_an_unknown_context_is_named(api: Api, kubeconfig: Path) -> None:
    write(kubeconfig, api.port)
    with pytest.raises(ClusterError, match="no usable context 'elsewhere'"):
        cluster.check(target(kubeconfig, "elsewhere"), RELEASE)
    assert not api.asked


def test_without_a_lab_the_lab_is_said_not_to_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "KUBECONFIG", tmp_path / "none")
    with pytest.raises(ClusterError, match=r"the lab is not running: make up, or python -m lab up\."):
        cluster.check(cluster.named("lab"), RELEASE)


def test_a_context_that_is_called_like_the_labs_is_still_the_users_own() -> None:
    assert cluster.named(paths.CONTEXT).kubeconfig is None
