"""The stack's own certificates: what they are good for, and when they are renewed."""

import datetime

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.verification import PolicyBuilder, Store
from hypothesis import given
from hypothesis import strategies as st

from components.self_signed import _Provider, due, issue

NOW = datetime.datetime(2026, 11, 22, tzinfo=datetime.UTC)
HOSTS = ["*.example.com", "example.com"]


def certificate(pem: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pem.encode())


def verifies(state: dict[str, str], host: str, at: datetime.datetime) -> bool:
    """Whether a careful client takes the certificate for `host`."""
    client = PolicyBuilder().store(Store([certificate(state["authority"])])).time(at).build_server_verifier(x509.DNSName(host))
    try:
        return bool(client.verify(certificate(state["certificate"]), []))
    except x509.verification.VerificationError:
        return False


def test_a_careful_client_takes_it_for_the_hosts_of_the_domain_and_for_no_other() -> None:
    state = issue(HOSTS, 90, NOW)
    assert all(verifies(state, host, NOW) for host in ("hello-tls.example.com", "example.com"))
    assert not any(verifies(state, host, NOW) for host in ("a.b.example.com", "example.org"))
    assert not verifies(state, "example.com", NOW + datetime.timedelta(days=91))


def test_the_keys_belong_to_the_certificates() -> None:
    state = issue(HOSTS, 90, NOW)
    for pem, key in (("certificate", "key"), ("authority", "authority_key")):
        private = serialization.load_pem_private_key(state[key].encode(), None)
        assert private.public_key() == certificate(state[pem]).public_key()


@given(days=st.integers(1, 3650), part=st.floats(0, 1))
def test_it_is_renewed_in_the_last_third_of_its_life_and_not_before(days: int, part: float) -> None:
    leaf = certificate(_one_for(days)["certificate"])
    life = leaf.not_valid_after_utc - leaf.not_valid_before_utc
    assert due(leaf, leaf.not_valid_before_utc + life * part) == (life - life * part < life / 3)


_MADE: dict[int, dict[str, str]] = {}


def _one_for(days: int) -> dict[str, str]:
    return _MADE.setdefault(days, issue(HOSTS, days, NOW))


def test_a_renewed_certificate_has_the_same_authority_and_another_key() -> None:
    provider = _Provider()
    first = provider.create({"hosts": HOSTS, "days": 90}).outs or {}
    second = provider.update("", first, {"hosts": HOSTS, "days": 90}).outs or {}
    assert second["authority"] == first["authority"]
    assert second["key"] != first["key"]
    assert verifies(second, "example.com", datetime.datetime.now(datetime.UTC))


def test_other_hosts_and_an_old_age_are_a_change_and_nothing_else_is() -> None:
    provider = _Provider()
    inputs = {"hosts": HOSTS, "days": 90}
    fresh = provider.create(inputs).outs or {}
    old = inputs | issue(HOSTS, 90, datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=61))
    assert provider.diff("", fresh, inputs).changes is False
    assert provider.diff("", old, inputs).changes is True
    assert provider.diff("", fresh, inputs | {"hosts": ["*.example.org"]}).changes is True


def test_an_authority_in_its_last_third_signs_no_more() -> None:
    state = issue(HOSTS, 90, NOW)
    authority = certificate(state["authority"])
    key = serialization.load_pem_private_key(state["authority_key"].encode(), None)
    later = NOW + datetime.timedelta(days=2500)
    assert issue(HOSTS, 90, later, (authority, key))["authority"] != state["authority"]  # type: ignore[arg-type]
