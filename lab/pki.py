"""Certificates, keys and kubeconfigs of a lab: made anew for each, readable by root alone."""

import base64
import json

import trustme

from lab import paths
from lab.addresses import NODE_ADDRESS
from lab.private import write_private

API_SERVER = f"https://{NODE_ADDRESS}:6443"
SERVICE_IP = "10.96.0.1"
"""The first address of the service range: the API server's name inside the cluster."""

SERVERS = {
    "apiserver": ("kubernetes.default.svc", "kubernetes.default", "kubernetes", SERVICE_IP, NODE_ADDRESS, "127.0.0.1"),
    "etcd": ("localhost", "127.0.0.1"),
    "kubelet-server": ("lab", NODE_ADDRESS),
}
CLIENTS = {
    # file: (user, group), as Kubernetes' built-in roles know them
    "admin": ("kubernetes-admin", "system:masters"),
    "apiserver-kubelet-client": ("kube-apiserver-kubelet-client", "system:masters"),
    "kube-controller-manager": ("system:kube-controller-manager", "system:kube-controller-manager"),
    "kube-scheduler": ("system:kube-scheduler", "system:kube-scheduler"),
    "kube-proxy": ("system:kube-proxy", "system:node-proxier"),
    "kubelet": ("system:node:lab", "system:nodes"),
}


def kubeconfig(ca: bytes, certificate: bytes, key: bytes) -> bytes:
    """A kubeconfig (JSON, which is YAML) with its certificates inside."""

    def inline(data: bytes) -> str:
        return base64.b64encode(data).decode()

    name = paths.CONTEXT
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": name, "cluster": {"server": API_SERVER, "certificate-authority-data": inline(ca)}}],
            "users": [{"name": name, "user": {"client-certificate-data": inline(certificate), "client-key-data": inline(key)}}],
            "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
            "current-context": name,
        },
        indent=1,
    ).encode()


def create() -> None:
    """Fill `paths.PKI` with the authority, the servers' pairs, the clients' pairs and kubeconfigs, the service accounts' key."""
    paths.PKI.mkdir(mode=0o700)
    authority = trustme.CA()
    ca = authority.cert_pem.bytes()

    def pair(name: str, certificate: trustme.LeafCert) -> tuple[bytes, bytes]:
        chain, key = certificate.cert_chain_pems[0].bytes(), certificate.private_key_pem.bytes()
        write_private(paths.PKI / f"{name}.crt", chain)
        write_private(paths.PKI / f"{name}.key", key)
        return chain, key

    write_private(paths.PKI / "ca.crt", ca)
    for name, identities in SERVERS.items():
        pair(name, authority.issue_cert(*identities, common_name=name))
    for name, (user, group) in CLIENTS.items():
        # trustme wants a subject alternative name; Kubernetes reads user and group from the subject.
        chain, key = pair(name, authority.issue_cert(f"{name}.invalid", common_name=user, organization_name=group))
        write_private(paths.PKI / f"{name}.kubeconfig", kubeconfig(ca, chain, key))
    pair("service-accounts", authority.issue_cert("service-accounts.invalid"))
    write_private(paths.KUBECONFIG, (paths.PKI / "admin.kubeconfig").read_bytes())
