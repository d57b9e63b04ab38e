"""Names the pods that are not up, and why, while the engine waits for them.

The engine itself says no more of a Helm release than that its time is over.
"""

import atexit
import contextvars
import itertools
import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pulumi
from kubernetes import client
from kubernetes.client.exceptions import ApiException
from urllib3.exceptions import HTTPError

from components.cluster import Cluster

_PERIOD = 5
"""Seconds between two looks, and for the API server to answer one."""

_GRACE = timedelta(seconds=20)
"""How long a fault must last before it is told: an image pull may succeed at its second try."""

_SLOW_START = timedelta(seconds=45)
"""How long the volumes of a pod, or the readiness of a container, may take."""

_CRASHES = 2
"""How often a container may end and start again: some of Istio's do, until those that they ask are there."""

_LOG_LINES = 400
_LAST_WORDS = 5
_HALF_LINE = 150
_NEVER = datetime.min.replace(tzinfo=UTC)
_IMAGE = {"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "ErrImageInspect"}
_CREATE = {"CreateContainerConfigError", "CreateContainerError", "RunContainerError"}


@dataclass(frozen=True)
class Fault:
    """Why a pod does not come up. A `certain` one that is new need not last to be told."""

    namespace: str
    pod: str
    container: str
    reason: str
    message: str = ""
    certain: bool = False
    crashed: bool = False

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What makes it the same fault at the next look; the reasons for a missing image alternate."""
        reason = "image" if self.reason in _IMAGE else self.reason
        return self.namespace, self.pod, self.container, reason

    def __str__(self) -> str:
        place = f"{self.namespace}/{self.pod}" + (f", container {self.container}" if self.container else "")
        return f"Pod {place} is not up: {self.reason}" + (f": {_shortened(self.message)}" if self.message else "")


def fault(pod: client.V1Pod, now: datetime) -> Fault | None:
    """The fault of `pod`, as far as its status tells at the time `now`."""
    metadata, status = pod.metadata, pod.status
    if not metadata or not status or metadata.deletion_timestamp or status.phase == "Succeeded":
        return None
    namespace, name = metadata.namespace or "", metadata.name or ""
    if status.phase == "Failed" and status.reason:
        return Fault(namespace, name, "", status.reason, status.message or "", certain=True)
    for condition in status.conditions or []:
        if condition.type == "PodScheduled" and condition.reason == "Unschedulable":
            return Fault(namespace, name, "", condition.reason, condition.message or "")
    for container in [*(status.init_container_statuses or []), *(status.container_statuses or [])]:
        if found := _container_fault(namespace, name, container, status.start_time, now):
            return found
    return None


def _container_fault(
    namespace: str, pod: str, container: client.V1ContainerStatus, pod_start: datetime | None, now: datetime
) -> Fault | None:
    state = container.state or client.V1ContainerState()
    waiting, running = state.waiting, state.running
    last = container.last_state and container.last_state.terminated
    reason = (waiting and waiting.reason) or ""
    if waiting and reason in _IMAGE | _CREATE:
        return Fault(namespace, pod, container.name, reason, waiting.message or "")
    if reason == "CrashLoopBackOff" and container.restart_count >= _CRASHES:
        ending = f"its process ended {container.restart_count} times"
        if last:
            ending += f", code {last.exit_code}" + (f", {last.message}" if last.message else "")
        return Fault(namespace, pod, container.name, reason, ending, certain=True, crashed=True)
    if reason == "ContainerCreating" and pod_start and now - pod_start > _SLOW_START:
        return Fault(namespace, pod, container.name, reason)
    if running and running.started_at and not container.ready and now - running.started_at > _SLOW_START:
        return Fault(namespace, pod, container.name, "NotReady")
    return None


class Watch:
    """Looks at the pods of some namespaces, and tells each fault once."""

    def __init__(self, core: client.CoreV1Api, namespaces: Sequence[str]) -> None:
        self._core = core
        self._namespaces = namespaces
        self._since: dict[tuple[str, ...], datetime] = {}
        # The faults of the first look may be what this very up mends.
        self._before: Collection[tuple[str, ...]] | None = None
        self._told: set[tuple[str, ...]] = set()

    def look(self, now: datetime) -> list[str]:
        """What there is to tell, at the time `now`, that was not told before: faults that have lasted a while."""
        faults = {found.key: found for found in self.faults(now)}
        if self._before is None:
            self._before = faults.keys()
        self._since = {key: self._since.get(key, now) for key in faults}
        due = [
            found
            for key, found in faults.items()
            if key not in self._told and (now - self._since[key] >= _GRACE or (found.certain and key not in self._before))
        ]
        self._told |= {found.key for found in due}
        return [self.describe(found) for found in due]

    def faults(self, now: datetime) -> list[Fault]:
        """Every fault that there is at the time `now`."""
        pods = [pod for namespace in self._namespaces for pod in self._core.list_namespaced_pod(namespace, _request_timeout=_PERIOD).items]
        return [found for pod in pods if (found := fault(pod, now))]

    def describe(self, found: Fault) -> str:
        """The fault with, as far as they can be had, the last warning about its pod, or its container's last words."""
        try:
            if not found.crashed:
                return str(replace(found, message=self._last_warning(found) or found.message))
            return "\n".join([str(found), *(f"    {_shortened(line)}" for line in self._last_words(found))])
        except (ApiException, HTTPError):
            return str(found)

    def _last_words(self, found: Fault) -> list[str]:
        text: str = self._core.read_namespaced_pod_log(
            found.pod,
            found.namespace,
            container=found.container,
            previous=True,
            tail_lines=_LOG_LINES,
            _request_timeout=_PERIOD,
        )
        # What a Go program says when it dies stands before its stacks.
        said = itertools.takewhile(lambda line: not line.startswith("goroutine "), text.splitlines())
        return [line for line in said if line][-_LAST_WORDS:]

    def _last_warning(self, found: Fault) -> str:
        selector = f"involvedObject.name={found.pod},type=Warning"
        events = self._core.list_namespaced_event(found.namespace, field_selector=selector, _request_timeout=_PERIOD)
        # A failed pull gives two messages, of which one only repeats the reason.
        telling = [event for event in events.items if event.message and not event.message.startswith("Error: ")]
        newest = max(telling, key=lambda event: event.last_timestamp or event.event_time or _NEVER, default=None)
        return (newest and newest.message) or ""


def _shortened(line: str) -> str:
    """The line with both its ends: what was tried comes first in an error, and why it failed comes last."""
    return line if len(line) <= 2 * _HALF_LINE else f"{line[:_HALF_LINE]} … {line[-_HALF_LINE:]}"


def start(cluster: Cluster, namespaces: Sequence[str]) -> None:
    """Watches from a thread of its own until the program ends; does nothing in a preview."""
    if pulumi.runtime.is_dry_run():
        return
    stop = threading.Event()
    # Pulumi's connection to the engine is a context variable, and threads begin without those.
    context = contextvars.copy_context()
    thread = threading.Thread(target=context.run, args=(_run, cluster, namespaces, stop), name="pod-watch", daemon=True)

    def end() -> None:
        stop.set()
        # A thread that is within gRPC or TLS while the interpreter ends would take the process down with a signal.
        thread.join(2 * _PERIOD)

    atexit.register(end)
    thread.start()


def _run(cluster: Cluster, namespaces: Sequence[str], stop: threading.Event) -> None:
    with cluster.connect() as api:
        watch = Watch(client.CoreV1Api(api), namespaces)
        while not stop.wait(_PERIOD):
            try:
                # Line by line, for without a terminal the engine shows the first of each message only, until the end. Not as
                # an error: the pod may yet come up, and then so does the stack.
                for line in "\n".join(watch.look(datetime.now(UTC))).splitlines():
                    pulumi.log.warn(line)
            except Exception as error:  # whatever happens here, the stack's own work goes on
                pulumi.log.debug(f"pod watch: {error}")
