"""A certificate authority of the stack's own, and the certificate that it signs: kept in the stack's state, renewed by `up`."""

import datetime
from collections.abc import Mapping
from typing import Any

import pulumi
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider, UpdateResult

_AUTHORITY_LIFE = datetime.timedelta(days=3650)
_CLOCKS_APART = datetime.timedelta(hours=1)
"""How far back a certificate begins, for clients whose clock is behind."""

Pair = tuple[x509.Certificate, ec.EllipticCurvePrivateKey]


def issue(hosts: list[str], days: float, now: datetime.datetime, authority: Pair | None = None) -> dict[str, str]:
    """A certificate for `hosts` and `days`, signed by `authority`, or by a new one where there is none that lives long enough.

    All are PEM: `authority`, `authority_key`, `certificate` (without the authority), `key`.
    """
    life = datetime.timedelta(days)
    if authority is None or due(authority[0], now) or authority[0].not_valid_after_utc < now + life:
        authority = _sign("mesh", [], now, _AUTHORITY_LIFE, None)
    leaf = _sign(hosts[0], hosts, now, life, authority)
    return {
        "authority": _certificate_pem(authority[0]),
        "authority_key": _key_pem(authority[1]),
        "certificate": _certificate_pem(leaf[0]),
        "key": _key_pem(leaf[1]),
    }


def due(certificate: x509.Certificate, now: datetime.datetime) -> bool:
    """Whether less than a third of its life is left."""
    life = certificate.not_valid_after_utc - certificate.not_valid_before_utc
    return certificate.not_valid_after_utc - now < life / 3


def _sign(name: str, hosts: list[str], now: datetime.datetime, life: datetime.timedelta, authority: Pair | None) -> Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])
    signer, signing_key = (authority[0].subject, authority[1]) if authority else (subject, key)
    usage = {"content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only"}
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(signer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCKS_APART)
        .not_valid_after(now + life)
        .add_extension(x509.BasicConstraints(ca=not authority, path_length=None if authority else 0), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=bool(authority), key_cert_sign=not authority, crl_sign=not authority, **dict.fromkeys(usage, False)
            ),
            critical=True,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key.public_key()), critical=False)
    )
    if authority:
        certificate = certificate.add_extension(x509.SubjectAlternativeName(map(x509.DNSName, hosts)), critical=False).add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False
        )
    return certificate.sign(signing_key, hashes.SHA256()), key


def _certificate_pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _key_pem(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()  # the state and the Secret encrypt it


def _pair(state: Mapping[str, Any]) -> Pair:
    key = serialization.load_pem_private_key(state["authority_key"].encode(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey), "it was made by `issue`"
    return x509.load_pem_x509_certificate(state["authority"].encode()), key


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


class _Provider(ResourceProvider):
    """Pickled by its name, so that a change of this code is no change of the resource."""

    serialize_as_secret_always = False

    def create(self, props: dict[str, Any]) -> CreateResult:
        return CreateResult(props["hosts"][0], _inputs(props) | issue(props["hosts"], props["days"], _now()))

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        return DiffResult(changes=_inputs(_olds) != _inputs(_news) or due(_leaf(_olds), _now()))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        return UpdateResult(_inputs(_news) | issue(_news["hosts"], _news["days"], _now(), _pair(_olds)))


def _inputs(state: Mapping[str, Any]) -> dict[str, Any]:
    return {key: state[key] for key in ("hosts", "days")}


def _leaf(state: Mapping[str, Any]) -> x509.Certificate:
    return x509.load_pem_x509_certificate(state["certificate"].encode())


class SelfSigned(Resource, module="mesh", name="SelfSigned"):
    """A certificate for `hosts` and `days`, and the authority that signed it. Both keys are secrets.

    When less than a third of its life is left, or the hosts are others, the next `up` makes a new one, by the same authority.
    """

    authority: pulumi.Output[str]
    authority_key: pulumi.Output[str]
    certificate: pulumi.Output[str]
    key: pulumi.Output[str]

    def __init__(self, name: str, hosts: list[str], days: int, opts: pulumi.ResourceOptions | None = None) -> None:
        secret = pulumi.ResourceOptions(additional_secret_outputs=["authority_key", "key"])
        outputs = dict.fromkeys(("authority", "authority_key", "certificate", "key"))
        super().__init__(_Provider(), name, {"hosts": hosts, "days": days, **outputs}, pulumi.ResourceOptions.merge(opts, secret))
