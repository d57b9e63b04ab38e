"""Whether the names that the gateway serves resolve to it, and whose records they are."""

import ipaddress
import re
import time
from collections.abc import Iterable
from typing import Any

import dns.exception
import dns.resolver

from components.dns_providers import NONE
from components.external_dns import TXT_PREFIX
from components.settings import LAB
from lab import dns as lab
from verify.answer import Answer

PATIENCE = 90
"""Seconds that a change may take until it can be asked for: a sync of external-dns, and what caches it."""

_OWNER = re.compile(r"external-dns/owner=([^,\"]+)")


def asked(outputs: dict[str, Any], patience: float = PATIENCE) -> list[Answer]:
    """One answer for each of the stack's hosts, once all are well or `patience` is over; none for a stack without a DNS provider."""
    settings = outputs.get("dns") or {"provider": NONE}
    if settings["provider"] == NONE:
        return []
    resolver = _resolver(settings["provider"])
    deadline = time.monotonic() + patience
    while True:
        wanted = _addresses_of_gateway(resolver, outputs["gateway"]["addresses"])
        answers = [
            answer(host, _addresses(resolver, host), wanted, _owners(resolver, host), settings["ownerId"])
            for host in outputs["hosts"].values()
        ]
        if all(each.well for each in answers) or time.monotonic() > deadline:
            return answers
        time.sleep(1)


def answer(host: str, found: set[str], wanted: set[str], owners: set[str], owner: str) -> Answer:
    """Whether a host leads to the gateway and is ours. found, wanted: addresses of both. owners: those whom its TXT records name."""
    said = f"{', '.join(sorted(found)) or 'no address'}; owner {', '.join(sorted(owners)) or 'unknown'}"
    return Answer("DNS", f"where {host} is, and whose record", said, bool(found) and found <= wanted and owners == {owner})


def owners(texts: Iterable[str]) -> set[str]:
    """Whom external-dns' TXT records name."""
    return {found[1] for text in texts if (found := _OWNER.search(text))}


def _resolver(provider: str) -> dns.resolver.Resolver:
    """The lab's DNS server itself, or whatever this machine asks."""
    resolver = dns.resolver.Resolver(configure=provider != LAB)
    resolver.lifetime = 5
    if provider == LAB:
        resolver.nameservers, resolver.port = [lab.ADDRESS], lab.PORT
    return resolver


def _addresses_of_gateway(resolver: dns.resolver.Resolver, addresses: Iterable[str]) -> set[str]:
    """A load balancer may have a name instead of an address."""
    return {found for address in addresses for found in ({address} if _is_address(address) else _addresses(resolver, address))}


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _addresses(resolver: dns.resolver.Resolver, host: str) -> set[str]:
    return set(_ask(resolver, host, "A"))


def _owners(resolver: dns.resolver.Resolver, host: str) -> set[str]:
    return owners(_ask(resolver, f"{TXT_PREFIX}{host}", "TXT"))


def _ask(resolver: dns.resolver.Resolver, name: str, kind: str) -> list[str]:
    try:
        return [record.to_text() for record in resolver.resolve(f"{name}.", kind)]
    except dns.exception.DNSException:
        return []
