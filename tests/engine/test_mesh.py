"""The mesh's own program in the real engine, as far as it comes without a cluster."""

import shutil
from pathlib import Path

import pytest
import yaml

from tests.engine.project import Project
from tools.engine import PROJECT

CHARTS = ("istio-init", "istio")


@pytest.fixture
def mesh(project: Project, tmp_path: Path) -> Project:
    """The mesh's program, with a kubeconfig whose cluster is away and a directory that looks like charts."""
    for name in ("__main__.py", "components", "lab", "tools"):
        (tmp_path / name).symlink_to(PROJECT / name)
    shutil.copy(PROJECT / "Pulumi.yaml", tmp_path)
    (tmp_path / ".venv").symlink_to(PROJECT / ".venv")
    for chart in CHARTS:
        (tmp_path / "charts" / chart).mkdir(parents=True)
        (tmp_path / "charts" / chart / "Chart.yaml").write_text(f"name: {chart}\nversion: 1.5.10\n")
    away = {
        "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:1"}}],
        "users": [{"name": "u", "user": {}}],
        "contexts": [{"name": "away", "context": {"cluster": "c", "user": "u"}}],
        "current-context": "away",
    }
    (tmp_path / "kubeconfig").write_text(yaml.safe_dump(away))
    project.environment["KUBECONFIG"] = str(tmp_path / "kubeconfig")
    return project


def refused(mesh: Project, **settings: object) -> str:
    """What a preview with these settings says, and that it says it to a person."""
    mesh.settings(yaml.safe_dump({"config": {f"mesh:{key}": value for key, value in settings.items()}}))
    output = mesh.run("preview", succeeds=False)
    assert "Traceback" not in output
    assert "unhandled" not in output
    assert "kubernetes:" not in output, "something was registered"
    return output


def test_all_wrong_settings_are_told_at_once(mesh: Project) -> None:
    output = refused(mesh, cluster="away", charts="charts", mutualTls="maybe", relase="1.5.10", domain="no_domain")
    for line in ("mesh:mutualTls: 'maybe'", "mesh:relase: no such setting; did you mean release?", "mesh:domain: 'no_domain'"):
        assert line in output


def test_a_missing_directory_of_charts_is_named(mesh: Project) -> None:
    assert "there is no chart istio-init of Istio 1.5.10 in nowhere" in refused(mesh, cluster="away", charts="nowhere")


def test_a_cluster_that_is_away_is_named(mesh: Project) -> None:
    assert "the cluster away does not answer (Connection refused)" in refused(mesh, cluster="away", charts="charts")


def test_a_context_that_does_not_exist_is_named(mesh: Project) -> None:
    assert "no usable context 'elsewhere'" in refused(mesh, cluster="elsewhere", charts="charts")


def test_credentials_are_refused_in_clear_and_taken_encrypted(mesh: Project, tmp_path: Path) -> None:
    (tmp_path / "charts/external-dns").mkdir()
    (tmp_path / "charts/external-dns/Chart.yaml").write_text("name: external-dns\nversion: 1.14.4\n")
    given = {"cluster": "away", "charts": "charts", "dnsProvider": "cloudflare"}
    output = refused(mesh, **given, dnsCredentials={"CF_API_TOKEN": "hunter2"})
    assert "mesh:dnsCredentials: these would lie in the stack's file in clear" in output
    assert "hunter2" not in output

    mesh.settings(yaml.safe_dump({"config": {f"mesh:{key}": value for key, value in given.items()}}))
    mesh.plain("config", "set", "--secret", "--path", "mesh:dnsCredentials.CF_API_TOKEN", "hunter2", "--stack", "dev")

    assert "hunter2" not in (tmp_path / "Pulumi.dev.yaml").read_text()
    output = mesh.run("preview", succeeds=False)
    assert "the cluster away does not answer" in output, "the settings were taken"
    assert "hunter2" not in output
