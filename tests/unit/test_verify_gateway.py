"""What Pilot tells the gateway, read; and the certificate that lies ready for it."""

import datetime
from copy import deepcopy
from typing import Any

import pytest
import trustme
from cryptography import x509

from verify import gateway, gateway_certificate
from verify.answer import Answer

HELLO, MAILHOG, KIALI = "hello-tls.example.com", "mailhog.example.com", "kiali.example.com"
OUTPUTS: dict[str, Any] = {
    "hosts": {"hello": HELLO, "mailhog": MAILHOG, "kiali": KIALI},
    "certificate": {"secret": "ingress-certificate", "host": "*.example.com", "authority": None},
    "httpsRedirect": True,
    "dashboards": {"kiali": 20001, "tracing": 80},
    "logins": {"kiali": {}},
}


def virtual_host(host: str, cluster: str, **more: Any) -> dict[str, Any]:
    return {"domains": [host, f"{host}:80"], "routes": [{"clusters": [{"name": cluster, "weight": 100}]}], **more}


def hosts(**more: Any) -> list[dict[str, Any]]:
    return [
        virtual_host(HELLO, "outbound|8080|v1-tls|hello.ns1.svc.cluster.local", **more),
        virtual_host(MAILHOG, "outbound|8025||mailhog.mailhog.svc.cluster.local", **more),
        virtual_host(KIALI, "outbound|20001||kiali.istio-system.svc.cluster.local", **more),
    ]


@pytest.fixture
def program() -> dict[str, Any]:
    """A gateway as the stack wants it."""
    https = {
        "match": {"sni": ["*.example.com"]},
        "tls": "simple",
        "secrets": ["ingress-certificate"],
        "min_tls": "TLSv1_2",
        "route": "https.443",
    }
    return {
        "listeners": [{"filter_chains": [{"match": {}, "tls": "plaintext", "route": "http.80"}]}, {"filter_chains": [https]}],
        "routes": [{"name": "http.80", "virtual_hosts": hosts(require_tls="ALL")}, {"name": "https.443", "virtual_hosts": hosts()}],
    }


def wrong(program: dict[str, Any], **changes: Any) -> list[str]:
    return [answer.question for answer in gateway.asked(program, OUTPUTS | changes) if not answer.well]


def test_a_gateway_as_the_stack_wants_it_is_well(program: dict[str, Any]) -> None:
    assert not wrong(program)
    assert len(gateway.asked(program, OUTPUTS)) == 10


def test_a_stack_without_certificate_dashboards_and_redirect_is_asked_for_http_only(program: dict[str, Any]) -> None:
    plain = {"hosts": {"hello": HELLO, "mailhog": MAILHOG}}
    assert [answer.question for answer in gateway.asked(program, plain)] == [f"where http://{host} goes" for host in (HELLO, MAILHOG)]


@pytest.mark.parametrize(("key", "value"), [("min_tls", ""), ("min_tls", "TLSv1_1"), ("secrets", ["other"]), ("secrets", None)])
def test_another_secret_or_an_older_tls_is_wrong(program: dict[str, Any], key: str, value: object) -> None:
    program["listeners"][1]["filter_chains"][0][key] = value
    assert wrong(program) == ["its certificate and least version of TLS"]


def test_a_host_that_is_served_by_http_only_is_wrong(program: dict[str, Any]) -> None:
    del program["routes"][1]["virtual_hosts"][0]
    assert wrong(program) == [f"where https://{HELLO} goes"]


def test_a_host_without_the_redirect_is_wrong(program: dict[str, Any]) -> None:
    del program["routes"][0]["virtual_hosts"][1]["require_tls"]
    assert wrong(program) == [f"what it answers to http://{MAILHOG}"]
    assert not wrong(program, httpsRedirect=False)


def test_a_dashboard_is_redirected_in_any_case(program: dict[str, Any]) -> None:
    del program["routes"][0]["virtual_hosts"][2]["require_tls"]
    assert wrong(program, httpsRedirect=False) == [f"what it answers to http://{KIALI}"]


def test_a_dashboard_without_a_log_in_must_not_be_served(program: dict[str, Any]) -> None:
    served = virtual_host("jaeger.example.com", "outbound|80||tracing.istio-system.svc.cluster.local")
    program["routes"][0]["virtual_hosts"].append(served)
    found = [answer for answer in gateway.asked(program, OUTPUTS) if not answer.well]
    assert [(answer.subject, answer.said) for answer in found] == [("tracing.istio-system", "jaeger.example.com")]


def test_a_dashboard_is_internal_unless_the_stack_publishes_it(program: dict[str, Any]) -> None:
    unpublished = {name: host for name, host in OUTPUTS["hosts"].items() if name != "kiali"}
    assert wrong(program, hosts=unpublished) == ["its name at the gateway"]
    internal = deepcopy(program)
    for route in internal["routes"]:
        del route["virtual_hosts"][2]
    assert not wrong(internal, hosts=unpublished)
    assert "its name at the gateway" in wrong(internal)


AUTHORITY = trustme.CA()
NOW = datetime.datetime.now(datetime.UTC)


def judged(authority: trustme.CA | None, now: datetime.datetime = NOW, *hosts: str) -> Answer:
    leaf = x509.load_pem_x509_certificate(AUTHORITY.issue_cert("*.example.com", "example.com").cert_chain_pems[0].bytes())
    pem = authority.cert_pem.bytes().decode() if authority else None
    return gateway_certificate.answer("it", leaf, pem, hosts or (HELLO, MAILHOG), now)


def test_a_certificate_of_the_stacks_authority_is_good() -> None:
    assert judged(AUTHORITY).well
    assert judged(None).well


def test_a_certificate_of_another_authority_is_not() -> None:
    assert "not of the stack's authority" in judged(trustme.CA()).said
    assert not judged(trustme.CA()).well


def test_a_certificate_that_is_over_is_not_good() -> None:
    assert "not valid today" in judged(AUTHORITY, NOW.replace(year=3001)).said
    assert not judged(AUTHORITY, NOW.replace(year=3001)).well


def test_a_certificate_without_a_host_is_not_good() -> None:
    answer = judged(AUTHORITY, NOW, HELLO, "a.b.example.com")
    assert not answer.well
    assert "not for a.b.example.com" in answer.said
