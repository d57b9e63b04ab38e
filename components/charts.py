"""Installs a chart of a release of Istio as a Helm release."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi
from pulumi_kubernetes.helm.v3 import Release, RepositoryOptsArgs


@dataclass(frozen=True)
class Repository:
    """A chart repository, and the exact version to take from it."""

    url: str
    version: str


@dataclass(frozen=True)
class Directory:
    """A directory with one folder for each chart; a relative one is relative to the project."""

    path: Path


ChartSource = Repository | Directory


def install(
    chart: str,
    source: ChartSource,
    *,
    namespace: pulumi.Input[str],
    values: Mapping[str, Any],
    timeout: int,
    opts: pulumi.ResourceOptions,
    atomic: bool = False,
) -> Release:
    """Installs `chart` as the Helm release of the same name, and waits up to `timeout` seconds for its pods and Jobs.

    No hook runs: what a hook makes is seen by no preview and left behind by every destroy. An `atomic` release that
    fails at its first try is taken away again, so that the next try starts afresh.
    """
    if isinstance(source, Repository):
        where: dict[str, Any] = {
            "chart": chart,
            "version": source.version,
            "repository_opts": RepositoryOptsArgs(repo=source.url),
        }
    else:
        where = {"chart": str(source.path / chart)}
    return Release(
        chart,
        **where,
        name=chart,
        namespace=namespace,
        values=dict(values),
        timeout=timeout,
        wait_for_jobs=True,
        atomic=atomic,
        # The provider reads the first at a release's creation, and the second at its updates.
        disable_webhooks=True,
        disable_crd_hooks=True,
        opts=opts,
    )
