"""How external-dns itself is."""

import time

from kubernetes import client
from kubernetes.client.exceptions import ApiException
from urllib3.exceptions import HTTPError

from components.dns_syncs import syncs
from components.external_dns import NAME
from components.namespaces import SYSTEM


def state(api: client.ApiClient) -> str:
    """When it last brought the records up to date, in words."""
    try:
        last = syncs(client.CoreV1Api(api), NAME, SYSTEM).ended
    except (ApiException, HTTPError) as error:
        return f"external-dns does not answer ({getattr(error, 'reason', None) or error})"
    return f"last sync {time.time() - last:.0f} s ago" if last else "no sync has succeeded yet"
