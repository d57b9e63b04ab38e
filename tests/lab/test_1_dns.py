"""The names of the mesh resolve, as the lab's BIND tells them."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any

import dns.exception
import dns.message
import dns.query
import dns.rcode
import dns.update
import pytest
from kubernetes import client

from commands.pulumi import Pulumi
from components.pod_watch import Watch
from lab import dns as lab_dns
from tests.lab import external_dns
from tests.lab.commandline import engine, run, succeed
from tests.lab.waiting import eventually
from tests.lab.zones import made_by_stacks, records

SECONDS = 90
"""For a sync, and for a pod that starts anew after it failed."""


def test_every_host_has_the_gateways_address_and_no_other_name_has(outputs: dict[str, Any]) -> None:
    hosts = outputs["hosts"]
    assert set(hosts) == {"hello", "mailhog", "kiali", "grafana"}
    eventually(lambda: {host: address(host) for host in hosts.values()} == dict.fromkeys(hosts.values(), lab_dns.ADDRESS), SECONDS)
    assert address("prometheus.example.com") is None
    assert outputs["gateway"]["addresses"] == [lab_dns.ADDRESS]


def test_the_records_are_the_stacks_own(outputs: dict[str, Any]) -> None:
    texts = [value for name, kind, value in records("example.com") if kind == "TXT" and "hello-tls" in name]
    assert texts
    assert all(f"external-dns/owner={outputs['dns']['ownerId']}" in text for text in texts)
    assert outputs["dns"]["ownerId"] == "mesh-dev"


def test_nobody_else_may_change_or_list_the_zone(lab: None) -> None:
    update = dns.update.Update("example.com")
    update.add("intruder", 60, "A", "192.0.2.1")
    assert dns.query.tcp(update, lab_dns.ADDRESS, port=lab_dns.PORT, timeout=5).rcode() == dns.rcode.REFUSED
    listing = dns.query.tcp(dns.message.make_query("example.com", "AXFR"), lab_dns.ADDRESS, port=lab_dns.PORT, timeout=5)
    assert listing.rcode() == dns.rcode.REFUSED


def test_another_domain_moves_the_records_and_back(pulumi: Pulumi) -> None:
    succeed(*engine("up", "--yes", "--skip-preview", "-c", "mesh:domain=mesh.test"))
    eventually(lambda: address("hello-tls.mesh.test") == lab_dns.ADDRESS and not made_by_stacks("example.com"), SECONDS)
    succeed("commands", "up", "dev")
    eventually(lambda: address("hello-tls.example.com") == lab_dns.ADDRESS and not made_by_stacks("test"), SECONDS)


@pytest.mark.parametrize(("trouble", "words"), [(external_dns.wrong_key, "bad authentication"), (external_dns.no_server, "refused")])
def test_a_dns_server_that_cannot_be_used_is_told_by_status_and_does_not_break_up(
    trouble: Callable[[client.ApiClient], AbstractContextManager[None]], words: str, pulumi: Pulumi, api: client.ApiClient
) -> None:
    watch = Watch(client.CoreV1Api(api), [external_dns.NAMESPACE])
    with trouble(api):
        eventually(lambda: [fault for fault in watch.faults(datetime.now(UTC)) if "external-dns" in fault.pod and fault.certain], SECONDS)
        code, status = run("commands", "status", "dev")
        succeed(*engine("up", "--yes", "--skip-preview", "--expect-no-changes"))
    assert code == 1
    assert "external-dns" in status
    assert words in status
    eventually(lambda: address("hello-tls.example.com") is not None, SECONDS)


def address(host: str) -> str | None:
    """The address that BIND has for `host`; None also while it does not answer."""
    try:
        answer = dns.query.udp(dns.message.make_query(host, "A"), lab_dns.ADDRESS, port=lab_dns.PORT, timeout=1)
    except dns.exception.Timeout:
        return None
    return next((str(item) for found in answer.answer for item in found), None)
