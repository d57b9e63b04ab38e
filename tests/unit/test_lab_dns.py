"""The lab's DNS server: its key, its zones, and the files that name its address."""

import base64
import stat
from pathlib import Path

import dns.zone
import pytest
import yaml

from lab import addresses, paths
from lab import dns as lab_dns
from lab.errors import LabError
from lab.node import FILES


@pytest.fixture
def created(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(paths, "DNS", tmp_path / "dns")
    monkeypatch.setattr(lab_dns, "KEY_FILE", tmp_path / "dns/key.conf")
    lab_dns.create()
    return tmp_path / "dns"


def test_the_key_is_new_for_each_lab_and_readable_by_its_owner_alone(
    created: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = lab_dns.secret()
    assert len(base64.b64decode(first, validate=True)) == 32
    assert stat.S_IMODE(lab_dns.KEY_FILE.stat().st_mode) == 0o600
    assert all(first not in file.read_text() for file in created.iterdir() if file != lab_dns.KEY_FILE)
    monkeypatch.setattr(paths, "DNS", tmp_path / "another")
    monkeypatch.setattr(lab_dns, "KEY_FILE", tmp_path / "another/key.conf")
    lab_dns.create()
    assert lab_dns.secret() != first


def test_without_a_lab_there_is_no_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lab_dns, "KEY_FILE", tmp_path / "key.conf")
    with pytest.raises(LabError, match=r"no key of the lab's DNS server in .*key\.conf: `python -m lab up`"):
        lab_dns.secret()


def test_every_zone_has_a_statement_that_asks_for_the_key_and_a_file_that_parses(created: Path) -> None:
    statements = [line for line in (created / "zones.conf").read_text().splitlines() if line.startswith("zone ")]
    assert len(statements) == len(lab_dns.ZONES)
    for zone, statement in zip(lab_dns.ZONES, statements, strict=True):
        assert statement.startswith(f'zone "{zone}" {{ type primary; file "{zone}.zone"; ')
        assert f"update-policy {{ grant {lab_dns.KEY} zonesub ANY; }};" in statement
        assert f"allow-transfer {{ key {lab_dns.KEY}; }};" in statement
        parsed = dns.zone.from_file(str(created / f"{zone}.zone"), origin=zone)  # refuses a zone without SOA or NS
        assert len(parsed.nodes) == 1


def test_the_server_listens_on_the_nodes_address_and_the_pods_resolver_asks_it(created: Path) -> None:
    assert f"acl node {{ {addresses.NODE_ADDRESS}; }};" in (created / "zones.conf").read_text()
    assert "listen-on { node; };" in (FILES / "named.conf").read_text()
    lines = (FILES / "resolv.conf").read_text().splitlines()
    assert [line for line in lines if not line.startswith("#")] == [f"nameserver {lab_dns.ADDRESS}"]
    objects = yaml.safe_load_all((FILES / "coredns.yaml").read_text())
    (corefile,) = [found["data"]["Corefile"] for found in objects if found["kind"] == "ConfigMap"]
    assert "forward . /etc/resolv.conf" in corefile
