"""What the lab's DNS server holds, as the holder of its key sees it."""

import dns.name
import dns.query
import dns.rdatatype
import dns.tsigkeyring
import dns.xfr
import dns.zone

from lab import dns as lab_dns


def records(zone: str) -> list[tuple[str, str, str]]:
    """Every record of `zone`: name within it, type, value."""
    found = dns.zone.Zone(zone)
    keys = dns.tsigkeyring.from_text({lab_dns.KEY: (lab_dns.ALGORITHM, lab_dns.secret())})
    query, _ = dns.xfr.make_query(found, keyring=keys, keyname=dns.name.from_text(lab_dns.KEY), keyalgorithm=lab_dns.ALGORITHM)
    dns.query.inbound_xfr(lab_dns.ADDRESS, found, query, port=lab_dns.PORT, timeout=5)
    return [(str(name), dns.rdatatype.to_text(each.rdtype), str(each)) for name, _, each in found.iterate_rdatas()]


def made_by_stacks(zone: str) -> list[tuple[str, str, str]]:
    """The records beside those that the lab made the zone with."""
    return [record for record in records(zone) if record[1] not in ("SOA", "NS")]
