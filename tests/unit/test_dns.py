"""external-dns: what it is told, what it may do, and how long it stays."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from pydantic_core import PydanticCustomError

from components import dns_farewell
from components.dns_domains import _Provider as Domains
from components.dns_farewell import FarewellError, sync_once
from components.dns_providers import check_values
from components.dns_sync import Syncs, errors, parse
from lab import dns as lab_dns
from tests.unit.conftest import LAB_KEY, Registrations, run, settings
from verify import external_dns


def values(stack: Registrations) -> dict[str, object]:
    return stack.named("external-dns", ":Release").inputs["values"]


def test_without_a_provider_there_is_no_external_dns() -> None:
    stack = run(settings())
    assert not [row for row in stack.resources if "dns" in row.name]
    assert stack.outputs["dns"]["provider"] == "none"


def test_it_reads_istios_objects_and_knows_its_own_records_by_project_and_stack(dev: Registrations) -> None:
    given = values(dev)
    assert given["sources"] == ["istio-gateway", "istio-virtualservice"]
    assert (given["policy"], given["txtOwnerId"], given["triggerLoopOnEvent"]) == ("sync", "mesh-test", True)
    assert dev.outputs["dns"] == {"provider": "lab", "policy": "sync", "ownerId": "mesh-test", "interval": 10}


def test_the_safe_default_deletes_nothing_and_waits_for_no_farewell() -> None:
    stack = run(settings(dnsProvider="aws"))
    assert values(stack)["policy"] == "upsert-only"
    assert not [row for row in stack.resources if row.name == "external-dns-farewell"]


def test_its_chart_is_one_that_speaks_the_releases_api_and_is_not_waited_for(dev: Registrations) -> None:
    inputs = dev.named("external-dns", ":Release").inputs
    assert (inputs["version"], inputs["skipAwait"]) == ("1.14.4", True)
    assert "timeout" not in inputs


def test_it_may_read_what_it_needs_and_nothing_more(dev: Registrations) -> None:
    assert values(dev)["rbac"] == {"create": False}
    rules = dev.named("external-dns-role").inputs["rules"]
    assert {resource for rule in rules for resource in rule["resources"]} == {"services", "gateways", "virtualservices"}
    assert {verb for rule in rules for verb in rule["verbs"]} == {"get", "list", "watch"}
    (subject,) = dev.named("external-dns-binding").inputs["subjects"]
    assert (subject["kind"], subject["name"], subject["namespace"]) == ("ServiceAccount", "external-dns", "istio-system")


def test_the_labs_key_reaches_it_as_a_secret_and_never_as_an_argument(dev: Registrations) -> None:
    given = values(dev)
    assert given["provider"] == {"name": "rfc2136"}
    assert LAB_KEY not in str(given)
    (variable,) = given["env"]  # type: ignore[misc]
    assert variable["valueFrom"] == {"secretKeyRef": {"name": "external-dns", "key": "EXTERNAL_DNS_RFC2136_TSIG_SECRET"}}
    assert {f"--rfc2136-zone={zone}" for zone in lab_dns.ZONES} <= set(given["extraArgs"])  # type: ignore[call-overload]


def test_a_providers_values_pass_through_and_its_credentials_lie_in_a_secret() -> None:
    given = {"extraArgs": ["--cloudflare-proxied"], "serviceAccount": {"annotations": {"role": "dns"}}}
    stack = run(settings(dnsProvider="cloudflare", dnsValues=given, dnsCredentials={"CF_API_TOKEN": "a-token"}), secrets=["dnsCredentials"])
    assert given.items() <= values(stack).items()
    assert "a-token" not in str(values(stack))
    assert "a-token" in str(stack.named("external-dns-credentials").inputs["stringData"])


def test_another_credential_starts_the_pod_anew(dev: Registrations) -> None:
    assert "mesh/credentials" in values(dev)["podAnnotations"]  # type: ignore[operator]
    assert "podAnnotations" not in values(run(settings(dnsProvider="aws")))


def test_former_domains_stay_in_view_so_that_their_records_go(dev: Registrations) -> None:
    assert values(dev)["domainFilters"] == ["example.com", "former.example.org"]
    assert values(run(settings(dnsProvider="aws", dnsDomainFilters=["example.org"])))["domainFilters"] == ["example.org"]
    provider = Domains()
    state = provider.create({"domain": "a.test"}).outs or {}
    for domain in ("b.test", "a.test", "c.test"):
        assert provider.diff("", state, {"domain": domain}).changes is True
        state = provider.update("", state, {"domain": domain}).outs or {}
    assert state["domains"] == ["c.test", "a.test", "b.test"]
    assert provider.diff("", state, {"domain": "c.test"}).changes is False


def test_what_records_are_made_for_goes_before_the_farewell_and_that_before_external_dns(dev: Registrations) -> None:
    farewell = dev.named("external-dns-farewell")
    release = dev.named("external-dns", ":Release")
    assert {release.urn, dev.named("external-dns-binding").urn, dev.named("external-dns-credentials").urn} <= dev.comes_after(farewell.urn)
    sources = [row for kind in ("Gateway", "VirtualService") for row in dev.of(kind) if row.name != "ingress-https"]
    assert len(sources) == 8
    for row in sources:
        assert farewell.urn in dev.comes_after(row.urn), row.name
    route = {"namespace": "ns1", "name": "hello-tls"}
    assert "{namespace}/{name}".format(**route) == farewell.inputs["route"]
    assert route in [row.inputs["metadata"] for row in dev.of("VirtualService")]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[], float]:
    """Time that passes only in sleeps."""
    passed = [0.0]
    monkeypatch.setattr(dns_farewell.time, "monotonic", lambda: passed[0])
    monkeypatch.setattr(dns_farewell.time, "sleep", lambda seconds: passed.__setitem__(0, passed[0] + seconds))
    return lambda: passed[0]


@dataclass
class Told:
    """An external-dns whose first syncs come out as `tries` say: one list for each start, its last outcome told again and again."""

    tries: list[list[str | None]]
    starts: int = 0

    def start_anew(self) -> None:
        self.starts += 1

    def outcome(self) -> str | None:
        outcomes = self.tries[self.starts - 1]
        return outcomes.pop(0) if len(outcomes) > 1 else outcomes[0]


def test_the_farewell_ends_with_a_sync_that_began_after_the_routes_were_gone(clock: Callable[[], float]) -> None:
    told = Told([[None, None, ""]])
    sync_once(told)
    assert (told.starts, clock()) == (1, 2)


def test_a_sync_that_fails_is_tried_once_more(clock: Callable[[], float]) -> None:
    told = Told([[None, "connection refused"], [""]])
    sync_once(told)
    assert told.starts == 2


def test_it_gives_up_as_soon_as_it_knows_why(clock: Callable[[], float]) -> None:
    told = Told([["bad key"], [None, "Pod istio-system/external-dns-1: bad key"]])
    with pytest.raises(FarewellError, match=r"of this stack \(Pod .* bad key\): mend it .* MESH_LEAVE_DNS_RECORDS=true"):
        sync_once(told)
    assert clock() == 1


def test_it_gives_up_when_its_time_is_over(clock: Callable[[], float]) -> None:
    with pytest.raises(FarewellError, match="no sync within 60 s"):
        sync_once(Told([[None], [None]]))
    assert clock() == 120


def test_the_metrics_and_the_errors_are_read_from_what_external_dns_prints() -> None:
    text = "# HELP x\nexternal_dns_controller_last_sync_timestamp_seconds 1.7e+09\nexternal_dns_controller_no_op_runs_total 3\n"
    assert parse(text) == Syncs(begun=0, ended=1.7e9)
    log = 'time="x" level=info msg="up"\ntime="x" level=error msg="AXFR error: dns: bad authentication"\n{"level":"fatal","msg":"y"}'
    assert errors(log) == log.splitlines()[1:]


@pytest.mark.parametrize(("ended", "well"), [(0, False), (1000, True), (911, True), (909, False)])
def test_a_sync_that_is_late_is_not_well_whatever_the_pod_says(ended: float, well: bool) -> None:
    assert external_dns.judge(Syncs(begun=1000, ended=ended), interval=30, now=1000).well is well


def test_values_of_the_chart_that_are_ours_secret_or_of_another_shape_are_refused() -> None:
    for values, words in (
        ({"policy": "sync"}, "policy follow from other settings"),
        ({"env": {"A": "b"}}, "env is not a list"),
        ({"env": None}, "env is not a list"),
        ({"serviceAccount": {"name": "x"}}, "the service account's name is fixed"),
        ({"env": [{"name": "CF_API_TOKEN", "value": "x"}]}, "CF_API_TOKEN would lie in the stack's file in clear"),
    ):
        with pytest.raises(PydanticCustomError, match=words):
            check_values(values)
    check_values({"env": [{"name": "AWS_DEFAULT_REGION", "value": "eu-west-3"}], "serviceAccount": {"annotations": {}}})
