"""The lab's DNS server: a BIND in the node that is the authority for a few zones; the holder of the lab's key may change and list them."""

import base64
import re
import secrets

from lab import paths
from lab.addresses import NODE_ADDRESS
from lab.errors import LabError
from lab.private import write_private

ADDRESS = NODE_ADDRESS
PORT = 53
ZONES = ("example.com", "example.net", "example.org", "test")
"""Domains that are reserved for documentation and tests: nobody's names are hidden from the lab's pods."""
KEY = "mesh-lab"
ALGORITHM = "hmac-sha256"

KEY_FILE = paths.DNS / "key.conf"
"""In the form that `dig -k` and `nsupdate -k` read too."""

# The names of the server and of the zone's keeper are asked for by nobody, but a zone must have them.
_EMPTY_ZONE = """\
$TTL 60
@ SOA ns.lab.invalid. root.lab.invalid. 1 3600 600 86400 5
@ NS ns.lab.invalid.
"""


def create() -> None:
    """Fill `paths.DNS` with a new key, the zones and their configuration; lab/node/named.conf includes it."""
    paths.DNS.mkdir(mode=0o700)
    secret = base64.b64encode(secrets.token_bytes(32)).decode()
    write_private(KEY_FILE, f'key "{KEY}" {{ algorithm {ALGORITHM}; secret "{secret}"; }};\n'.encode())
    (paths.DNS / "zones.conf").write_text(f"acl node {{ {ADDRESS}; }};\n" + "".join(map(_statement, ZONES)))
    for zone in ZONES:
        (paths.DNS / f"{zone}.zone").write_text(_EMPTY_ZONE)


def secret() -> str:
    """The running lab's key, in base64; LabError where there is no lab."""
    try:
        found = re.search(r'secret "(.+)"', KEY_FILE.read_text())
    except FileNotFoundError:
        found = None
    if not found:
        raise LabError(f"there is no key of the lab's DNS server in {KEY_FILE}: `python -m lab up` makes a lab that has one")
    return found[1]


def _statement(zone: str) -> str:
    return (
        f'zone "{zone}" {{ type primary; file "{zone}.zone"; update-policy {{ grant {KEY} zonesub ANY; }}; '
        f"allow-transfer {{ key {KEY}; }}; }};\n"
    )
