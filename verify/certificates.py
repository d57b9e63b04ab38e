"""The certificates that Citadel issued for the applications' service accounts."""

import base64
import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from kubernetes import client

from components.namespaces import SYSTEM
from verify.answer import Answer

AUTHORITY = (SYSTEM, "istio-ca-secret")
"""Citadel's own Secret: `ca-cert.pem` is the root of the mesh."""


def workload(api: client.ApiClient, namespace: str, account: str) -> Answer:
    """Whether the certificate of a service account chains to Citadel's root and carries its SPIFFE identity."""
    core = client.CoreV1Api(api)
    identity = f"spiffe://cluster.local/ns/{namespace}/sa/{account}"
    question = "a certificate of Citadel's with its identity"
    try:
        root = _certificate(core, *AUTHORITY, "ca-cert.pem")
        leaf = _certificate(core, namespace, f"istio.{account}", "cert-chain.pem")
        leaf.verify_directly_issued_by(root)
    except client.ApiException as error:
        return Answer(f"{account}.{namespace}", question, f"{error.reason}", well=False)
    except (ValueError, TypeError, InvalidSignature) as error:
        return Answer(f"{account}.{namespace}", question, f"not of this root: {error}", well=False)
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    identities = names.get_values_for_type(x509.UniformResourceIdentifier)
    now = datetime.datetime.now(datetime.UTC)
    valid = leaf.not_valid_before_utc <= now <= leaf.not_valid_after_utc
    said = f"{', '.join(identities)} until {leaf.not_valid_after_utc:%Y-%m-%d}"
    return Answer(f"{account}.{namespace}", question, said, valid and identities == [identity])


def _certificate(core: client.CoreV1Api, namespace: str, secret: str, key: str) -> x509.Certificate:
    data = core.read_namespaced_secret(secret, namespace).data or {}
    return x509.load_pem_x509_certificate(base64.b64decode(data.get(key, "")))
