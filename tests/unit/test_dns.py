"""external-dns: what it is told, what it may do, and how long it stays."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from components import dns_farewell
from components.dns_domains import _Provider as Domains
from components.dns_farewell import FarewellError, wait_for_sync
from components.dns_syncs import Syncs, parse
from lab import dns as lab_dns
from tests.unit.conftest import LAB_KEY, Registrations, run, settings


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
    assert dev.outputs["dns"] == {"provider": "lab", "policy": "sync", "ownerId": "mesh-test"}


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


def test_another_credential_starts_the_pod_anew() -> None:
    def annotation(token: str) -> object:
        return values(run(settings(dnsProvider="ovh", dnsCredentials={"TOKEN": token}), secrets=["dnsCredentials"]))["podAnnotations"]

    assert annotation("one") != annotation("two")


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


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[], float]:
    """Time that passes only in sleeps."""
    passed = [0.0]
    monkeypatch.setattr(dns_farewell.time, "monotonic", lambda: passed[0])
    monkeypatch.setattr(dns_farewell.time, "sleep", lambda seconds: passed.__setitem__(0, passed[0] + seconds))
    return lambda: passed[0]


@dataclass
class Told:
    """An external-dns that answers with one of `answers` after another, and then with the last one again."""

    answers: list[Syncs | None]
    troubles: list[str] = field(default_factory=lambda: [""])
    complaints: list[str] = field(default_factory=lambda: [""])

    def syncs(self) -> Syncs | None:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def trouble(self) -> str:
        return self.troubles.pop(0) if len(self.troubles) > 1 else self.troubles[0]

    def complaint(self) -> str:
        return self.complaints[0]


def test_a_sync_that_began_before_is_not_taken_for_the_last_one(clock: Callable[[], float]) -> None:
    wait_for_sync(Told([Syncs(100, 90), Syncs(100, 101), Syncs(110, 101), Syncs(110, 112)]), 60)
    assert clock() == 3


def test_a_pod_that_starts_anew_is_waited_for(clock: Callable[[], float]) -> None:
    wait_for_sync(Told([Syncs(100, 90), None, Syncs(0, 0), Syncs(120, 121)]), 60)
    assert clock() == 3


def test_it_gives_up_as_soon_as_it_knows_why(clock: Callable[[], float]) -> None:
    told = Told([None], troubles=["", "", "Pod external-dns is not up: bad key"])
    with pytest.raises(FarewellError, match=r"of this stack \(Pod .* bad key\): mend it .* MESH_LEAVE_DNS_RECORDS=true"):
        wait_for_sync(told, 60)
    assert clock() == 2


def test_a_sync_that_could_not_list_the_zone_is_no_sync(clock: Callable[[], float]) -> None:
    told = Told([Syncs(100, 90), Syncs(110, 112)], complaints=["AXFR error: bad authentication"])
    with pytest.raises(FarewellError, match="AXFR error"):
        wait_for_sync(told, 60)


def test_it_gives_up_when_its_time_is_over(clock: Callable[[], float]) -> None:
    with pytest.raises(FarewellError, match="no sync within 60 s"):
        wait_for_sync(Told([Syncs(100, 90)]), 60)
    assert clock() == 60


def test_the_metrics_are_read_from_what_external_dns_prints() -> None:
    text = "# HELP x\nexternal_dns_controller_last_sync_timestamp_seconds 1.7e+09\nexternal_dns_controller_no_op_runs_total 3\n"
    assert parse(text) == Syncs(begun=0, ended=1.7e9)
