"""Remembers every domain that the stack ever had: external-dns takes away the old one's records only if it may still look there."""

from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider, UpdateResult


class _Provider(ResourceProvider):
    serialize_as_secret_always = False

    def create(self, props: dict[str, Any]) -> CreateResult:
        return CreateResult("domains", {"domain": props["domain"], "domains": [props["domain"]]})

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        return DiffResult(changes=_olds["domain"] != _news["domain"])

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        domains = dict.fromkeys([_news["domain"], *_olds["domains"]])
        return UpdateResult({"domain": _news["domain"], "domains": list(domains)})


class DnsDomains(Resource, module="mesh", name="DnsDomains"):
    """`domains`: the stack's `domain`, then its former ones."""

    domains: pulumi.Output[list[str]]

    def __init__(self, name: str, domain: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(_Provider(), name, {"domain": domain, "domains": None}, opts)
