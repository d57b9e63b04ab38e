"""Records, and whose they are, read."""

from collections.abc import Iterator
from typing import Any

import pytest

from verify import records

HOST = "hello-tls.example.com"
OUTPUTS = {
    "dns": {"provider": "lab", "policy": "sync", "ownerId": "mesh-dev"},
    "gateway": {"addresses": ["10.200.0.2"]},
    "hosts": {"hello": HOST},
}
TEXT = '"heritage=external-dns,external-dns/owner=mesh-dev,external-dns/resource=virtualservice/ns1/hello-tls"'


@pytest.mark.parametrize(
    ("found", "owners", "well"),
    [
        ({"10.200.0.2"}, {"mesh-dev"}, True),
        (set(), {"mesh-dev"}, False),
        ({"10.200.0.2", "10.200.0.3"}, {"mesh-dev"}, False),
        ({"10.200.0.2"}, {"mesh-prod"}, False),
        ({"10.200.0.2"}, set(), False),
    ],
)
def test_a_host_leads_to_the_gateway_and_is_ours(found: set[str], owners: set[str], well: bool) -> None:
    assert records.answer(HOST, found, {"10.200.0.2"}, owners, "mesh-dev").well is well


def test_the_owner_is_read_from_external_dns_texts_alone() -> None:
    assert records.owners([TEXT, '"v=spf1 -all"']) == {"mesh-dev"}


def test_a_stack_without_a_provider_is_not_asked() -> None:
    assert records.asked({"hosts": {"hello": HOST}}) == []
    assert records.asked(OUTPUTS | {"dns": {"provider": "none"}}) == []


def served(replies: Iterator[dict[tuple[str, str], list[str]]]) -> Any:
    now: dict[tuple[str, str], list[str]] = {}

    def ask(_: object, name: str, kind: str) -> list[str]:
        nonlocal now
        if kind == "A":
            now = next(replies)
        return now.get((name, kind), [])

    return ask


COMPLETE = {(HOST, "A"): ["10.200.0.2"], (f"{records.TXT_PREFIX}{HOST}", "TXT"): [TEXT]}


def test_a_record_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    replies = iter([{}, {}, COMPLETE])
    monkeypatch.setattr(records, "_ask", served(replies))
    monkeypatch.setattr(records.time, "sleep", lambda _: None)
    assert [answer.well for answer in records.asked(OUTPUTS)] == [True]
    assert next(replies, None) is None


def test_the_wait_for_a_record_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "_ask", served(iter([{}, {}])))
    (answer,) = records.asked(OUTPUTS, patience=-1)
    assert (answer.well, answer.said) == (False, "no address; owner unknown")


def test_a_gateway_with_a_name_is_known_by_its_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    balancer = COMPLETE | {("lb.example.net", "A"): ["10.200.0.2"]}
    monkeypatch.setattr(records, "_ask", lambda _, name, kind: balancer.get((name, kind), []))
    (answer,) = records.asked(OUTPUTS | {"gateway": {"addresses": ["lb.example.net"]}}, patience=-1)
    assert answer.well
