"""What external-dns 0.14.2 knows: providers and policies."""

from enum import StrEnum

NONE = "none"
"""The provider of a stack without external-dns."""

PROVIDERS = (
    "akamai", "alibabacloud", "aws", "aws-sd", "azure", "azure-dns", "azure-private-dns", "bluecat", "civo", "cloudflare",
    "coredns", "designate", "digitalocean", "dnsimple", "dyn", "exoscale", "gandi", "godaddy", "google", "ibmcloud", "infoblox",
    "inmemory", "linode", "ns1", "oci", "ovh", "pdns", "pihole", "plural", "rcodezero", "rdns", "rfc2136", "safedns", "scaleway",
    "skydns", "tencentcloud", "transip", "ultradns", "vinyldns", "vultr", "webhook",
)  # fmt: skip


class Policy(StrEnum):
    """What it may do with records: everything; all but delete them; create them only."""

    SYNC = "sync"
    UPSERT_ONLY = "upsert-only"
    CREATE_ONLY = "create-only"


OURS = {
    "provider", "sources", "policy", "registry", "txtOwnerId", "txtPrefix", "domainFilters", "interval", "triggerLoopOnEvent",
    "rbac", "nameOverride", "fullnameOverride", "namespaced",
}  # fmt: skip
"""The chart's values that follow from other settings than `dnsValues`."""
