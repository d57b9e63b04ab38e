"""Installs a chart as a Helm release."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi
from pulumi_kubernetes.helm.v3 import Release, RepositoryOptsArgs


@dataclass(frozen=True)
class Chart:
    """A chart in one exact version, and the repository that publishes it."""

    name: str
    version: str
    repository: str


@dataclass(frozen=True)
class Published:
    """Each chart comes from the repository that publishes it; or all from the one at `mirror`."""

    mirror: str | None = None


@dataclass(frozen=True)
class Directory:
    """A directory with one folder for each chart; a relative one is relative to the project."""

    path: Path


ChartSource = Published | Directory


def install(
    chart: Chart,
    source: ChartSource,
    *,
    namespace: pulumi.Input[str],
    values: Mapping[str, Any],
    opts: pulumi.ResourceOptions,
    timeout: int | None = None,
    atomic: bool = False,
    skip_crds: bool = False,
) -> Release:
    """Installs `chart` as the Helm release of the same name, and waits up to `timeout` seconds for its pods and Jobs.

    Without a `timeout` it waits for nothing. No hook runs: what a hook makes is seen by no preview and left behind by every
    destroy. An `atomic` release that fails at its first try is taken away again, so that the next try starts afresh.
    """
    if isinstance(source, Published):
        where: dict[str, Any] = {
            "chart": chart.name,
            "version": chart.version,
            "repository_opts": RepositoryOptsArgs(repo=source.mirror or chart.repository),
        }
    else:
        where = {"chart": str(source.path / chart.name)}
    return Release(
        chart.name,
        **where,
        name=chart.name,
        namespace=namespace,
        values=dict(values),
        timeout=timeout,
        skip_await=timeout is None,
        wait_for_jobs=timeout is not None,
        atomic=atomic,
        skip_crds=skip_crds,
        # The provider reads the first at a release's creation, and the second at its updates.
        disable_webhooks=True,
        disable_crd_hooks=True,
        opts=opts,
    )
