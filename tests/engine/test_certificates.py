"""The gateway's certificate: the stack's own in the real engine's state, and what the charts bring for cert-manager."""

from pathlib import Path

import pytest
import yaml

from tests.engine.project import Project
from tools.build import ensure
from tools.engine import PROJECT


@pytest.fixture
def stack(project: Project, tmp_path: Path) -> Project:
    """A project with the mesh's components."""
    for name in ("components", "lab", "tools"):
        (tmp_path / name).symlink_to(PROJECT / name)
    return project


def test_the_stacks_own_certificate_is_kept_renewed_and_its_keys_are_encrypted(stack: Project) -> None:
    own = (
        "from components.self_signed import SelfSigned",
        "made = SelfSigned('it', ['*.example.com'], {days})",
        "[pulumi.export(name, getattr(made, name)) for name in ('authority', 'certificate', 'key')]",
    )
    stack.program(*(line.format(days=90) for line in own))
    stack.run("up", "--yes")
    first = stack.outputs()
    assert "PRIVATE KEY" in first["key"]
    assert "PRIVATE KEY" not in stack.state()

    stack.run("up", "--yes", "--expect-no-changes")
    assert stack.outputs() == first

    stack.program(*(line.format(days=30) for line in own))
    stack.run("up", "--yes")
    second = stack.outputs()
    assert second["authority"] == first["authority"]
    assert second["certificate"] != first["certificate"]

    stack.run("destroy", "--yes")
    assert "SelfSigned" not in stack.state()


def test_the_charts_bring_cert_manager_and_an_issuer_with_the_accounts_address(stack: Project, tmp_path: Path) -> None:
    charts = ensure(["istio-1.5.10"])["istio-1.5.10"] / "charts"
    stack.program(
        "from components import certificate",
        "files = k8s.Provider('files', render_yaml_to_directory='manifests')",
        "values = certificate.chart_values(certificate.CERT_MANAGER, 'you@example.com')",
        f"options = k8s.helm.v3.LocalChartOpts(path='{charts}/istio', namespace='istio-system', values=values)",
        "k8s.helm.v3.Chart('istio', options, pulumi.ResourceOptions(provider=files))",
    )

    stack.run("up", "--yes")

    rendered = [yaml.safe_load(file.read_text()) for file in (tmp_path / "manifests").rglob("*.yaml")]
    issuers = {each["metadata"]["name"]: each["spec"]["acme"]["email"] for each in rendered if each["kind"] == "ClusterIssuer"}
    assert issuers == {"letsencrypt": "you@example.com", "letsencrypt-staging": "you@example.com"}
    assert [each for each in rendered if (each["kind"], each["metadata"]["name"]) == ("Deployment", "certmanager")]
