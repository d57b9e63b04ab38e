"""A pod that asks from inside the mesh, and goes when the questions are over."""

import secrets
import shlex
from types import TracebackType
from typing import Any, Self, cast

from kubernetes import client, watch
from kubernetes.stream import stream

from tools import ToolError

IMAGE = "docker.io/curlimages/curl:8.10.1"
SECONDS = 60


class ProbeError(ToolError):
    """The probe pod did not come up, or a command in it could not be run."""


class Probe:
    """A pod with curl in `namespace`, with a sidecar where that namespace has them."""

    def __init__(self, api: client.ApiClient, namespace: str) -> None:
        self._core = client.CoreV1Api(api)
        # `stream` turns its client's requests into web sockets for as long as it runs, so exec has a client of its own.
        self._exec = client.CoreV1Api(client.ApiClient(api.configuration))
        self._namespace = namespace
        self._name = f"mesh-verify-{secrets.token_hex(3)}"

    def __enter__(self) -> Self:
        self._core.create_namespaced_pod(self._namespace, self._pod())
        try:
            self._wait_until_ready()
        except BaseException:
            self._delete()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._delete()

    def run(self, *command: str, stdin: str = "") -> str:
        """What `command` prints on standard output and standard error, whether it succeeds or not."""
        script = f"{shlex.join(command)} 2>&1"
        if stdin:
            # The exec protocol cannot close a standard input, so `head` ends it; as an argument it would be seen in process lists.
            script = f"head -c {len(stdin.encode())} | {script}"
        session = stream(
            self._exec.connect_get_namespaced_pod_exec,
            self._name,
            self._namespace,
            container="probe",
            command=["sh", "-c", script],
            stdin=bool(stdin),
            stdout=True,
            stderr=True,
            tty=False,
            _preload_content=False,
        )
        if stdin:
            session.write_stdin(stdin)
        session.run_forever(timeout=SECONDS)
        output = session.read_all()
        session.close()
        return output

    def get(self, url: str, *options: str) -> str:
        """The body of a GET, or curl's one-line error."""
        return self.run("curl", "--silent", "--show-error", "--max-time", "10", *options, url)

    def _pod(self) -> client.V1Pod:
        security = client.V1SecurityContext(
            run_as_non_root=True, run_as_user=100, allow_privilege_escalation=False, capabilities=client.V1Capabilities(drop=["ALL"])
        )
        container = client.V1Container(
            name="probe",
            image=IMAGE,
            image_pull_policy="IfNotPresent",
            command=["sleep", "600"],
            security_context=security,
            resources=client.V1ResourceRequirements(requests={"cpu": "10m", "memory": "16Mi"}, limits={"memory": "64Mi"}),
        )
        metadata = client.V1ObjectMeta(name=self._name, labels={"app": "mesh-verify"})
        spec = client.V1PodSpec(containers=[container], restart_policy="Never", termination_grace_period_seconds=1)
        return client.V1Pod(metadata=metadata, spec=spec)

    def _wait_until_ready(self) -> None:
        pod: client.V1Pod | None = None
        selector = f"metadata.name={self._name}"
        events: Any = watch.Watch().stream(
            self._core.list_namespaced_pod, self._namespace, field_selector=selector, timeout_seconds=SECONDS
        )
        for event in events:
            pod = cast(client.V1Pod, event["object"])
            if any(condition.type == "Ready" and condition.status == "True" for condition in pod.status.conditions or []):
                return
        phase = pod.status.phase if pod else "unknown"
        raise ProbeError(f"the pod {self._namespace}/{self._name} is not ready after {SECONDS} s ({phase})")

    def _delete(self) -> None:
        self._core.delete_namespaced_pod(self._name, self._namespace, grace_period_seconds=0)
