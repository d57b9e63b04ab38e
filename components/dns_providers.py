"""What external-dns 0.14.2 knows: providers (but for those in a container of their own, by webhook) and policies."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from components.setting_types import problem

NONE = "none"
"""The provider of a stack without external-dns."""

PROVIDERS = (
    "akamai", "alibabacloud", "aws", "aws-sd", "azure", "azure-dns", "azure-private-dns", "bluecat", "civo", "cloudflare",
    "coredns", "designate", "digitalocean", "dnsimple", "dyn", "exoscale", "gandi", "godaddy", "google", "ibmcloud", "infoblox",
    "inmemory", "linode", "ns1", "oci", "ovh", "pdns", "pihole", "plural", "rcodezero", "rdns", "rfc2136", "safedns", "scaleway",
    "skydns", "tencentcloud", "transip", "ultradns", "vinyldns", "vultr",
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

_SHAPES = {"env": list, "extraArgs": list, "image": dict, "podAnnotations": dict, "serviceAccount": dict}
"""Of the values that are joined with ours."""

_SECRET = re.compile(r"SECRET|TOKEN|PASSWORD|PASSPHRASE|(^|_)KEY$", re.IGNORECASE)


def check_values(values: Mapping[str, Any]) -> None:
    """Raises a problem for `values` of the chart that are ours, of another shape than the chart's, or secret by their names."""
    if ours := sorted(values.keys() & OURS):
        raise problem(f"{', '.join(ours)} follow from other settings", "take them out (mesh:dnsPolicy and its like say them)")
    for key, shape in _SHAPES.items():
        if not isinstance(values.get(key, shape()), shape):
            raise problem(f"{key} is not {'a list' if shape is list else 'an object'}", "write it as the chart's values have it")
    if "name" in values.get("serviceAccount", {}):
        raise problem("the service account's name is fixed, since its rights go with it", "take serviceAccount.name out")
    for entry in values.get("env", []):
        if isinstance(entry, dict) and "value" in entry and _SECRET.search(str(entry.get("name"))):
            raise problem(f"{entry['name']} would lie in the stack's file in clear", "store it in dnsCredentials, as a secret")
