"""How external-dns itself is."""

import time
from dataclasses import dataclass

from kubernetes import client
from kubernetes.client.exceptions import ApiException
from urllib3.exceptions import HTTPError

from components.dns_sync import ExternalDns, Syncs
from components.external_dns import NAME
from components.namespaces import SYSTEM

_SLACK = 60
"""Seconds that a sync may be late."""


@dataclass(frozen=True)
class State:
    """In words, and whether it is as it should be."""

    said: str
    well: bool


def state(api: client.ApiClient, interval: int) -> State:
    """When it last brought the records up to date, or why not. interval: seconds between two syncs."""
    external_dns = ExternalDns(api, NAME, SYSTEM)
    try:
        (pod,) = external_dns.pods()[:1] or [None]
        if not pod:
            return State("external-dns has no pod", well=False)
        name = pod.metadata.name or ""
        found = judge(external_dns.syncs(name), interval, time.time())
        complaint = "" if found.well else external_dns.complaint(name)
    except (ApiException, HTTPError) as error:
        return State(f"external-dns does not answer ({getattr(error, 'reason', None) or error})", well=False)
    return State(f"{found.said}; {complaint}" if complaint else found.said, found.well)


def judge(syncs: Syncs, interval: int, now: float) -> State:
    """A sync that has begun and not ended may still be at work; one that is late has failed."""
    if not syncs.ended:
        return State("no sync has succeeded yet", well=False)
    return State(f"last sync {now - syncs.ended:.0f} s ago", well=now - syncs.ended < interval + _SLACK)
