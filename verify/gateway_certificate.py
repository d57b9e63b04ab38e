"""The certificate that lies ready for the ingress gateway."""

import base64
import datetime
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from kubernetes import client

from components.namespaces import SYSTEM
from verify.answer import Answer

_QUESTION = "a certificate for every host, valid, of its authority"


def lies_ready(api: client.ApiClient, certificate: Mapping[str, Any], hosts: Collection[str]) -> Answer:
    """certificate: the stack's output of that name."""
    name = certificate["secret"]
    try:
        data = client.CoreV1Api(api).read_namespaced_secret(name, SYSTEM).data or {}
        chain = x509.load_pem_x509_certificates(base64.b64decode(data.get("tls.crt", "")))
    except client.ApiException as error:
        return Answer(f"Secret {name}", _QUESTION, f"{error.reason}", well=False)
    except ValueError:
        return Answer(f"Secret {name}", _QUESTION, "no certificate in it", well=False)
    return answer(name, chain[0], certificate["authority"], hosts, datetime.datetime.now(datetime.UTC))


def answer(name: str, leaf: x509.Certificate, authority: str | None, hosts: Collection[str], now: datetime.datetime) -> Answer:
    """Whether `leaf` is good for `hosts` at the time `now`. authority: PEM, or None where only the outside world can judge it."""
    try:
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(x509.DNSName)
    except x509.ExtensionNotFound:
        names = []
    missing = [host for host in hosts if not covers(names, host)]
    faults = [f"not for {', '.join(missing)}"] if missing else []
    if not leaf.not_valid_before_utc <= now <= leaf.not_valid_after_utc:
        faults.append("not valid today")
    if authority:
        try:
            leaf.verify_directly_issued_by(x509.load_pem_x509_certificate(authority.encode()))
        except (ValueError, TypeError, InvalidSignature):
            faults.append("not of the stack's authority")
    said = "; ".join([f"{', '.join(names) or 'no host'} until {leaf.not_valid_after_utc:%Y-%m-%d}", *faults])
    return Answer(f"Secret {name}", _QUESTION, said, not faults)


def covers(names: Iterable[str], host: str) -> bool:
    """Whether one of a certificate's DNS names is `host`, or has `*` for its first label."""
    return bool({host, f"*.{host.partition('.')[2]}"} & set(names))
