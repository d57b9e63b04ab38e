"""The cluster that a stack names: how it is reached, and whether it can run the release."""

from dataclasses import dataclass
from pathlib import Path

import pulumi_kubernetes as k8s
from kubernetes import client, config
from kubernetes.client.exceptions import ApiException
from kubernetes.config.config_exception import ConfigException
from urllib3.exceptions import HTTPError

from components.errors import UserError
from components.releases import Release
from components.settings import LAB
from lab import paths as lab
from lab.addresses import NODE_ADDRESS

_TIMEOUT = 5
"""Seconds to wait for an answer of the API server."""


class ClusterError(UserError):
    """The cluster cannot be used; the message is one sentence, and what to do."""


@dataclass(frozen=True)
class Cluster:
    """A cluster by its kubeconfig context; `kubeconfig` None means the user's own, as kubectl finds it."""

    name: str
    context: str
    kubeconfig: Path | None
    hint: str
    """What to do when it does not answer."""

    addresses: tuple[str, ...] = ()
    """Those of its nodes, where they are known to reach it from outside."""

    def connect(self) -> client.ApiClient:
        """A client of its API that tries each call once. Raises ClusterError."""
        if self.kubeconfig and not self.kubeconfig.is_file():
            raise ClusterError(f"{self.name} is not running: {self.hint}.")
        settings = client.Configuration()
        settings.retries = False
        path = str(self.kubeconfig) if self.kubeconfig else None
        try:
            config.load_kube_config(path, self.context, client_configuration=settings)
        except ConfigException as error:
            raise ClusterError(f"The kubeconfig has no usable context {self.context!r} ({error}): {self.hint}.") from None
        return client.ApiClient(settings)

    def provider(self, name: str) -> k8s.Provider:
        """The provider of every Kubernetes resource of the stack."""
        return k8s.Provider(
            name,
            kubeconfig=str(self.kubeconfig) if self.kubeconfig else None,
            context=self.context,
            # Else the provider guesses from the kubeconfig's text, and replaces everything when that changes.
            cluster_identifier=self.name,
            suppress_deprecation_warnings=True,
            # Else a changed one is replaced, and under a fixed name that is: deleted first.
            enable_secret_mutable=True,
            enable_config_map_mutable=True,
        )


@dataclass(frozen=True)
class Facts:
    """What the cluster says of itself. `uid` is that of its namespace kube-system: another one is another cluster."""

    minor: int
    uid: str


def named(name: str) -> Cluster:
    """The cluster that the setting `cluster` names: the lab, or a context of the user's kubeconfig."""
    if name == LAB:
        return Cluster("the lab", lab.CONTEXT, lab.KUBECONFIG, "make up, or python -m lab up", (NODE_ADDRESS,))
    return Cluster(f"the cluster {name}", name, None, "look at kubectl config get-contexts, and set mesh:cluster")


def check(cluster: Cluster, release: Release) -> Facts:
    """Asks the cluster, within seconds, who it is and whether `release` runs there. Raises ClusterError."""
    with cluster.connect() as api:
        try:
            version = client.VersionApi(api).get_code(_request_timeout=_TIMEOUT)
            system = client.CoreV1Api(api).read_namespace("kube-system", _request_timeout=_TIMEOUT)
        except (HTTPError, ApiException) as error:
            raise ClusterError(f"{cluster.name} does not answer ({_reason(error)}): {cluster.hint}.") from None
    # The fields major and minor are not for numbers: some distributions write 21+, and some builds nothing at all.
    minor = int(version.git_version.split(".")[1])
    if minor not in release.kubernetes:
        raise ClusterError(
            f"Istio {release.version} runs on Kubernetes {release.kubernetes_range}, but {cluster.name} is "
            f"Kubernetes 1.{minor}: name another cluster in mesh:cluster, or another mesh:release."
        )
    return Facts(minor, (system.metadata and system.metadata.uid) or "")


def _reason(error: HTTPError | ApiException) -> str:
    """The innermost cause, without the addresses of Python objects that urllib3 puts around it."""
    if isinstance(error, ApiException):
        # Without a status it is an error of TLS, whose kind comes first and on a line of its own.
        return f"{error.status} {error.reason}" if error.status else str(error.reason).splitlines()[-1]
    cause: BaseException = getattr(error, "reason", None) or error
    while isinstance(cause.__cause__, OSError):
        cause = cause.__cause__
    return cause.strerror if isinstance(cause, OSError) and cause.strerror else str(cause).split(": ", 1)[-1]
