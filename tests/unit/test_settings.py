"""What a stack may say, and what it is told when it says something else."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from components import settings as parser
from components.charts import Directory, Published
from components.mutual_tls import Phase
from components.releases import RELEASES
from components.settings import Settings, SettingsError
from lab import dns as lab_dns
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


def charts_in(directory: Path, release: str = "1.5.10", *, dns: bool = False) -> Path:
    for chart in [*RELEASES[release].charts, *([RELEASES[release].external_dns] if dns else [])]:
        (directory / chart.name).mkdir(parents=True)
        (directory / chart.name / "Chart.yaml").touch()
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
    types = {str: "string", bool: "boolean", tuple: "array", dict: "object"}
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
    monkeypatch.setattr(lab_dns, "secret", lambda: "key")
    charts_in(tmp_path / settings(**own)["release"], settings(**own)["release"], dns=True)
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
        ({"gatewayAddresses": ["192.0.2.300"]}, "mesh:gatewayAddresses[0]: '192.0.2.300' is no IP address; "),
        ({"dnsProvider": "cloudfare"}, "mesh:dnsProvider: external-dns has no provider cloudfare; did you mean cloudflare?"),
        ({"dnsProvider": "lab"}, "mesh:dnsProvider: the lab's DNS server answers the lab only; "),
        (
            {"dnsProvider": "lab", "cluster": "lab", "gatewayServiceType": "NodePort", "domain": "mesh.dev"},
            "mesh:dnsProvider: the lab's DNS server has no zone for mesh.dev; use a mesh:domain in example.com, ",
        ),
        (
            {"dnsProvider": "lab", "cluster": "lab", "gatewayServiceType": "NodePort"},
            "mesh:dnsProvider: there is no key of the lab's DNS server in /nowhere; ",
        ),
        ({"dnsPolicy": "all"}, "mesh:dnsPolicy: 'all' is not known; use 'sync', 'upsert-only' or 'create-only'"),
        ({"dnsInterval": "60"}, "mesh:dnsInterval: '60' cannot be used; use a number and a unit, such as 30s or 1m"),
        ({"dnsValues": {"policy": "sync", "rbac": {}}}, "mesh:dnsValues: policy, rbac follow from other settings; "),
        ({"dnsValues": ["x"]}, "mesh:dnsValues: ['x'] is not an object; "),
        ({"certificate": "cert-manager", "httpsRedirect": False}, "mesh:certManagerEmail: cert-manager's issuer needs an address "),
        ({"certificate": "cert-manager", "certManagerEmail": "a@b.c"}, "mesh:httpsRedirect: Let's Encrypt asks "),
        ({"certificate": "ingress-certificate"}, "mesh:certificate: the Secret ingress-certificate is the stack's own; "),
        ({"certificate": "istio-tls"}, "mesh:certificate: the Secret istio-tls is one that the gateway passes over by its name; "),
        ({"dnsProvider": "aws", "gatewayServiceType": "NodePort"}, "mesh:gatewayAddresses: without a load balancer, records have nothing "),
        ({"dnsOwnerId": "a, b"}, "mesh:dnsOwnerId: 'a, b' cannot be used; "),
        ({"certificate": "My Secret"}, "mesh:certificate: 'My Secret' cannot be used; "),
        ({"dashboards": False, "publishDashboards": True}, "mesh:publishDashboards: there are no dashboards to publish; "),
        ({"footprint": "tiny"}, "mesh:footprint: 'tiny' is not known; use 'standard' or 'small'"),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(value),
)
def test_a_wrong_value_is_refused(changes: dict[str, Any], problem: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lab_dns, "KEY_FILE", Path("/nowhere"))
    (line,) = problems(**changes)
    assert line.startswith(problem)


def test_a_setting_without_a_value_says_how_to_give_it_one() -> None:
    without = as_texts(settings())
    del without["cluster"]
    with pytest.raises(SettingsError, match="mesh:cluster: is not set; set it with: pulumi config set cluster VALUE"):
        parser.parse(without)


def test_the_value_of_an_unknown_setting_is_not_repeated_for_it_may_be_a_secret() -> None:
    assert "hunter2" not in "".join(problems(grafanaPassword="hunter2"))


def test_credentials_that_are_not_encrypted_are_refused_and_never_repeated() -> None:
    (clear,) = problems(dnsCredentials={"CF_API_TOKEN": "hunter2"})
    assert clear.startswith(
        "mesh:dnsCredentials: these would lie in the stack's file in clear; store each with: pulumi config set --secret"
    )
    secret = as_texts(settings(dnsCredentials={"CF_API_TOKEN": "hunter2"}))
    assert parser.parse(secret, secrets=["dnsCredentials"]).dns_credentials == {"CF_API_TOKEN": "hunter2"}
    assert "hunter2" not in "".join([clear, *problems(dnsCredentials="hunter2"), *problems(dnsCredentials={"token": "hunter2"})])


def test_the_chart_of_external_dns_is_looked_for_where_it_is_wanted(tmp_path: Path) -> None:
    charts_in(tmp_path)
    (line,) = problems(charts=str(tmp_path), dnsProvider="aws")
    assert line.startswith("mesh:charts: there is no chart external-dns of Istio 1.5.10 in ")


def test_charts_come_from_the_releases_own_repository_unless_told_otherwise(tmp_path: Path) -> None:
    assert parse().charts == Published()
    assert parse(charts="https://charts.example.com/istio").charts == Published(mirror="https://charts.example.com/istio")
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
