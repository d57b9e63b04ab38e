"""The Kubernetes provider renders manifests without a cluster."""

from pathlib import Path

import yaml

from tests.engine.project import Project


def test_a_config_map_is_rendered_into_a_directory(project: Project, tmp_path: Path) -> None:
    project.program(
        "files = k8s.Provider('files', render_yaml_to_directory='manifests')",
        "k8s.core.v1.ConfigMap('it', metadata={'name': 'it', 'namespace': 'here'}, data={'key': 'value'},",
        "                      opts=pulumi.ResourceOptions(provider=files))",
    )

    project.run("up", "--yes")

    [manifest] = [yaml.safe_load(file.read_text()) for file in (tmp_path / "manifests").rglob("*.yaml")]
    assert manifest["kind"] == "ConfigMap"
    assert (manifest["metadata"]["namespace"], manifest["metadata"]["name"]) == ("here", "it")
    assert manifest["data"] == {"key": "value"}
