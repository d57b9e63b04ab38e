"""Which pods are said not to come up, why, and when."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from kubernetes import client
from kubernetes.client.exceptions import ApiException

from components import pod_watch
from components.pod_watch import Watch, fault

START = datetime(2024, 5, 1, tzinfo=UTC)


def pod(*containers: dict[str, Any], name: str = "hello-1", namespace: str = "ns1", **status: Any) -> client.V1Pod:
    """A pod as the API server describes it."""
    described = {
        "metadata": {"name": name, "namespace": namespace},
        "status": {"phase": "Pending", "startTime": START.isoformat(), "containerStatuses": list(containers)} | status,
    }
    return cast(client.V1Pod, client.V1Pod.from_dict(described))


def container(state: dict[str, Any], *, ready: bool = False, restarts: int = 0, **more: Any) -> dict[str, Any]:
    return {"name": "hello", "image": "i", "imageID": "", "ready": ready, "restartCount": restarts, "state": state} | more


def waiting(reason: str, message: str = "") -> dict[str, Any]:
    return {"waiting": {"reason": reason, "message": message}}


def running(since: datetime = START) -> dict[str, Any]:
    return {"running": {"startedAt": since.isoformat()}}


def after(seconds: int) -> datetime:
    return START + timedelta(seconds=seconds)


class Cluster:
    """The three questions that a watch asks."""

    def __init__(self, pods: list[client.V1Pod]) -> None:
        self.pods = pods
        self.asked: list[str] = []
        self.events = [("Failed to pull image: no such host", 2), ("Failed to pull image: time-out", 1), ("Error: ErrImagePull", 3)]

    def list_namespaced_pod(self, namespace: str, **_: Any) -> Any:
        self.asked.append(namespace)
        return SimpleNamespace(items=[pod for pod in self.pods if pod.metadata.namespace == namespace])  # pyright: ignore

    def list_namespaced_event(self, namespace: str, field_selector: str, **_: Any) -> Any:
        assert field_selector == "involvedObject.name=hello-1,type=Warning"
        events = [SimpleNamespace(message=text, last_timestamp=after(second), event_time=None) for text, second in self.events]
        return SimpleNamespace(items=events)

    def read_namespaced_pod_log(self, name: str, namespace: str, **options: Any) -> str:
        assert (name, namespace, options["container"], options["previous"]) == ("hello-1", "ns1", "hello", True)
        return "starting\npanic: no such file: keys.pem\n\ngoroutine 1 [running]:\nmain.main()\n"


def watch(*pods: client.V1Pod, namespaces: tuple[str, ...] = ("ns1",)) -> tuple[Watch, Cluster]:
    cluster = Cluster(list(pods))
    return Watch(cast(client.CoreV1Api, cluster), namespaces), cluster


@pytest.mark.parametrize(
    ("described", "reason"),
    [
        (pod(container(waiting("ImagePullBackOff"))), "ImagePullBackOff"),
        (pod(container(waiting("CreateContainerConfigError", 'secret "grafana" not found'))), "CreateContainerConfigError"),
        (pod(initContainerStatuses=[container(waiting("ErrImagePull"))]), "ErrImagePull"),
        (pod(container(waiting("CrashLoopBackOff"), restarts=2)), "CrashLoopBackOff"),
        (pod(container(waiting("ContainerCreating"))), "ContainerCreating"),
        (pod(container(running())), "NotReady"),
        (pod(phase="Failed", reason="Evicted", message="The node was low on resource: memory."), "Evicted"),
        (
            pod(conditions=[{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/1 nodes"}]),
            "Unschedulable",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_pod_that_does_not_come_up_has_a_fault(described: client.V1Pod, reason: str) -> None:
    found = fault(described, after(60))
    assert found is not None
    assert (found.reason, found.namespace, found.pod) == (reason, "ns1", "hello-1")


@pytest.mark.parametrize(
    "described",
    [
        pytest.param(pod(container(running(), ready=True), phase="Running"), id="ready"),
        pytest.param(pod(container(running(after(30)))), id="just started"),
        pytest.param(pod(container(waiting("CrashLoopBackOff"), restarts=1)), id="crashed once"),
        pytest.param(pod(container({"terminated": {"exitCode": 0}}), phase="Succeeded"), id="a job that is done"),
        pytest.param(pod(container(waiting("PodInitializing"))), id="waits for its init containers"),
    ],
)
def test_a_pod_that_is_well_or_on_its_way_has_none(described: client.V1Pod) -> None:
    assert fault(described, after(60)) is None


def test_a_pod_that_is_going_away_has_none() -> None:
    leaving = pod(container(waiting("ImagePullBackOff")))
    assert leaving.metadata is not None
    leaving.metadata.deletion_timestamp = START
    assert fault(leaving, after(60)) is None


def test_a_fault_is_told_when_it_lasts_and_only_once_with_the_last_warning_about_the_pod() -> None:
    watching, cluster = watch(pod(container(waiting("ErrImagePull", "not found"))))
    assert watching.look(after(0)) == []
    cluster.pods = [pod(container(waiting("ImagePullBackOff", 'Back-off pulling image "x"')))]
    assert watching.look(after(10)) == []
    assert watching.look(after(20)) == [
        "Pod ns1/hello-1, container hello is not up: ImagePullBackOff: Failed to pull image: no such host",
    ]
    assert watching.look(after(40)) == []


def test_a_fault_that_passes_is_not_told() -> None:
    watching, cluster = watch(pod(container(waiting("ErrImagePull"))))
    assert watching.look(after(0)) == []
    cluster.pods = [pod(container(running(after(5)), ready=True))]
    assert watching.look(after(10)) == []
    cluster.pods = [pod(container(waiting("ErrImagePull")))]
    assert watching.look(after(25)) == []


def test_a_crashing_container_is_told_at_once_with_its_last_words() -> None:
    crashing = container(waiting("CrashLoopBackOff"), restarts=3, lastState={"terminated": {"exitCode": 2}})
    watching, cluster = watch()
    assert watching.look(after(0)) == []
    cluster.pods = [pod(crashing)]
    assert watching.look(after(5)) == [
        "Pod ns1/hello-1, container hello is not up: CrashLoopBackOff: its process ended 3 times, code 2\n"
        "    starting\n"
        "    panic: no such file: keys.pem"
    ]


def test_a_fault_from_before_is_told_only_if_it_is_not_mended() -> None:
    crashing = pod(container(waiting("CrashLoopBackOff"), restarts=7))
    watching, cluster = watch(crashing)
    assert watching.look(after(0)) == []
    assert watching.look(after(10)) == []
    assert watching.look(after(20)) != []
    watching, cluster = watch(crashing)
    assert watching.look(after(0)) == []
    cluster.pods = [pod(container(running(after(2)), ready=True))]
    assert watching.look(after(30)) == []


def test_why_a_container_could_not_even_start_is_told() -> None:
    last = {"terminated": {"exitCode": 128, "message": '"istio-iptables": executable file not found in $PATH'}}
    found = fault(pod(container(waiting("CrashLoopBackOff"), restarts=2, lastState=last)), after(60))
    assert str(found).endswith('its process ended 2 times, code 128, "istio-iptables": executable file not found in $PATH')


def test_a_fault_is_told_even_if_nothing_more_can_be_learnt_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise ApiException(status=400, reason="Bad Request")

    watching, cluster = watch(pod(container(waiting("CrashLoopBackOff"), restarts=2)))
    monkeypatch.setattr(cluster, "read_namespaced_pod_log", refuse)
    assert [watching.describe(found) for found in watching.faults(after(5))] == [
        "Pod ns1/hello-1, container hello is not up: CrashLoopBackOff: its process ended 2 times",
    ]


def test_only_the_stacks_own_namespaces_are_looked_at() -> None:
    elsewhere = pod(container(waiting("CrashLoopBackOff"), restarts=3), namespace="elsewhere")
    watching, cluster = watch(elsewhere, namespaces=("ns1", "ns2"))
    assert watching.look(after(60)) == []
    assert cluster.asked == ["ns1", "ns2"]


def test_the_thread_has_ended_before_the_program_does(monkeypatch: pytest.MonkeyPatch) -> None:
    at_exit: list[Callable[[], None]] = []
    monkeypatch.setattr("pulumi.runtime.is_dry_run", lambda: False)
    monkeypatch.setattr("atexit.register", at_exit.append)
    monkeypatch.setattr(pod_watch, "_run", lambda _cluster, _namespaces, stop: stop.wait(60))
    pod_watch.start(cast(Any, None), [])
    assert "pod-watch" in {thread.name for thread in threading.enumerate()}
    at_exit[0]()
    assert "pod-watch" not in {thread.name for thread in threading.enumerate()}
