"""What a stack may say, and what it is told when it says something else."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from components import settings as parser
from components.charts import Directory, Repository
from components.mutual_tls import Phase
from components.releases import RELEASES
from components.settings import Settings, SettingsError
from lab import paths
from tests.unit.conftest import PROJECT, Registrations, as_texts, run, settings

ENVIRONMENTS = sorted(PROJECT.glob("Pulumi.*.yaml"))


def parse(**changes: Any) -> Settings:
    return parser.parse(as_texts(settings(**changes)))


def problems(**changes: Any) -> list[str]:
    """The lines that a user is shown, less the first."""
    with pytest.raises(SettingsError) as error:
        parse(**changes)
    return str(error.value).splitlines()[1:]


def charts_in(directory: Path, release: str = "1.5.10") -> Path:
    for chart in RELEASES[release].charts:
        (directory / chart).mkdir(parents=True)
        (directory / chart / "Chart.yaml").touch()
    return directory


def described() -> dict[str, dict[str, Any]]:
    return yaml.safe_load((PROJECT / "Pulumi.yaml").read_text())["config"]


def test_pulumi_yaml_describes_exactly_the_settings_that_the_parser_knows() -> None:
    assert set(described()) == {field.alias for field in Settings.model_fields.values()}


def test_every_setting_has_a_type_and_a_description_and_all_but_the_cluster_a_default() -> None:
    assert all(setting["type"] and setting["description"] for setting in described().values())
    assert {key for key, setting in described().items() if "default" not in setting} == {"cluster"}


def test_the_types_of_pulumi_yaml_are_those_of_the_parser() -> None:
    parsed = parse()
    types = {str: "string", bool: "boolean", tuple: "array"}
    for name, field in Settings.model_fields.items():
        expected = types.get(type(getattr(parsed, name)), "string")
        assert described()[field.alias or name]["type"] == expected, name


def test_the_defaults_are_a_working_stack() -> None:
    parsed = parse()
    assert parsed.release is RELEASES["1.5.10"]
    assert parsed.mutual_tls is Phase.PERMISSIVE


@pytest.mark.parametrize("file", ENVIRONMENTS, ids=lambda file: file.name)
def test_the_settings_of_every_environment_are_accepted(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = {key.removeprefix("mesh:"): value for key, value in yaml.safe_load(file.read_text())["config"].items()}
    monkeypatch.setattr(paths, "CHARTS", tmp_path)
    charts_in(tmp_path / settings(**own)["release"], settings(**own)["release"])
    parse(**own)


def test_all_mistakes_are_told_at_once_each_with_its_key_and_its_remedy() -> None:
    assert problems(
        release="1.6.0",
        mutualTls="on",
        sds="maybe",
        domain="example.com.",
        gatewayServiceType="LB",
        dashbords=True,
        sidecarlessNamespaces=["legacy", "ns1"],
    ) == [
        "mesh:release: Istio 1.6.0 is not supported; use 1.4.10 or 1.5.10",
        "mesh:domain: 'example.com.' cannot be used; use a DNS domain such as example.com, without a last dot",
        "mesh:gatewayServiceType: 'LB' is not known; use 'LoadBalancer', 'NodePort' or 'ClusterIP'",
        "mesh:mutualTls: 'on' is not known; use 'off', 'permissive', 'mutual' or 'strict'",
        "mesh:sds: 'maybe' is neither true nor false; use one of them",
        "mesh:sidecarlessNamespaces: ns1 has applications with sidecars; take it off the list",
        "mesh:dashbords: no such setting; did you mean dashboards?",
    ]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"cluster": ""}, "mesh:cluster: '' cannot be used; use lab, or the name of a context of your kubeconfig"),
        ({"zzz": 1}, "mesh:zzz: no such setting; Pulumi.yaml lists them all"),
        ({"hub": "https://registry.example.com/istio"}, "mesh:hub: 'https://registry.example.com/istio' cannot be used; "),
        ({"echoImage": "UPPER:latest"}, "mesh:echoImage: 'UPPER:latest' cannot be used; "),
        ({"sidecarlessNamespaces": "legacy"}, "mesh:sidecarlessNamespaces: 'legacy' is not a list; "),
        ({"sidecarlessNamespaces": ["legacy", 5]}, "mesh:sidecarlessNamespaces[1]: 5 cannot be used: "),
        ({"sidecarlessNamespaces": []}, "mesh:sidecarlessNamespaces: legacy is missing, "),
        ({"cluster": "lab"}, "mesh:gatewayServiceType: the lab has no load balancers, "),
        ({"charts": "./nowhere"}, "mesh:charts: there is no chart istio-init of Istio 1.5.10 in nowhere; "),
        ({"footprint": "tiny"}, "mesh:footprint: 'tiny' is not known; use 'standard' or 'small'"),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(value),
)
def test_a_wrong_value_is_refused(changes: dict[str, Any], problem: str) -> None:
    (line,) = problems(**changes)
    assert line.startswith(problem)


def test_a_setting_without_a_value_says_how_to_give_it_one() -> None:
    without = as_texts(settings())
    del without["cluster"]
    with pytest.raises(SettingsError, match="mesh:cluster: is not set; set it with: pulumi config set cluster VALUE"):
        parser.parse(without)


def test_the_value_of_an_unknown_setting_is_not_repeated_for_it_may_be_a_secret() -> None:
    assert "hunter2" not in "".join(problems(grafanaPassword="hunter2"))


def test_charts_come_from_the_releases_own_repository_unless_told_otherwise(tmp_path: Path) -> None:
    assert parse().charts == Repository(RELEASES["1.5.10"].repository, "1.5.10")
    assert parse(charts="https://charts.example.com/istio") == parse(charts="https://charts.example.com/istio")
    assert parse(charts="https://charts.example.com/istio").charts == Repository("https://charts.example.com/istio", "1.5.10")
    assert parse(charts=str(charts_in(tmp_path))).charts == Directory(tmp_path)


def test_the_labs_charts_are_those_of_the_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "CHARTS", tmp_path)
    charts_in(tmp_path / "1.5.10")
    assert parse(charts="lab").charts == Directory(tmp_path / "1.5.10")
    (line,) = problems(charts="lab", release="1.4.10")
    assert line.endswith(f"in {tmp_path / '1.4.10'}; start the lab with make up, or use repository")


def test_a_wrong_setting_ends_the_program_with_its_message_before_anything_is_registered(
    caplog: pytest.LogCaptureFixture,
) -> None:
    reached = Registrations()
    with pytest.raises(SystemExit) as end:
        run(settings(mutualTls="on"), into=reached)
    assert end.value.code
    assert "mesh:mutualTls: 'on' is not known" in caplog.text
    assert {row.type for row in reached.resources} <= {"pulumi:pulumi:Stack"}
