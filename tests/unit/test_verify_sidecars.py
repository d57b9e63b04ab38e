"""Two pods compared, and istioctl's versions."""

from typing import Any

import pytest

from verify.istioctl import versions
from verify.sidecars import APART, comparable, differences, manifest

POD: dict[str, Any] = {
    "kind": "Pod",
    "metadata": {"uid": "1", "namespace": "ns1", "annotations": {"a": "1"}},
    "spec": {"containers": [{"name": "main", "image": "x"}, {"name": "istio-proxy", "env": [{"name": "A", "value": "1"}], "args": ["b"]}]},
    "status": {"phase": "Pending"},
}


def changed(**changes: Any) -> dict[str, Any]:
    return POD | changes


def compared(other: dict[str, Any]) -> list[str]:
    return differences(comparable(POD), comparable(other))


def test_pods_that_differ_in_what_makes_each_its_own_are_the_same() -> None:
    assert not compared(changed(kind=None, status={}, metadata={"uid": "2", "namespace": "legacy", "annotations": {"a": "1"}}))


def test_the_order_of_named_things_says_nothing() -> None:
    assert not compared(changed(spec={"containers": POD["spec"]["containers"][::-1]}))


@pytest.mark.parametrize(
    ("proxy", "places"),
    [
        ({"name": "istio-proxy", "env": [{"name": "A", "value": "2"}], "args": ["b"]}, ["spec.containers.istio-proxy.env.A.value"]),
        ({"name": "istio-proxy", "env": [], "args": ["b"]}, ["spec.containers.istio-proxy.env.A"]),
        ({"name": "istio-proxy", "env": [{"name": "A", "value": "1"}], "args": ["c"]}, ["spec.containers.istio-proxy.args.0"]),
    ],
)
def test_a_difference_is_named_by_its_place(proxy: dict[str, Any], places: list[str]) -> None:
    assert compared(changed(spec={"containers": [POD["spec"]["containers"][0], proxy]})) == places


def test_what_only_one_of_both_writes_down_is_left_out() -> None:
    assert not compared(changed(metadata={"annotations": {"a": "1"} | dict.fromkeys(APART, "x"), "labels": dict.fromkeys(APART, "x")}))


def test_another_annotation_is_a_difference() -> None:
    assert compared(changed(metadata={"annotations": {"a": "1", "b": "2"}})) == ["metadata.annotations.b"]


def test_the_pods_that_ask_the_webhook_never_start() -> None:
    assert manifest("it", {})["spec"]["schedulerName"] not in ("", "default-scheduler")


def told(client: str, **parts: str) -> dict[str, Any]:
    return {"clientVersion": {"version": client}, "meshVersion": [{"Component": k, "Info": {"version": v}} for k, v in parts.items()]}


def test_istioctl_and_the_control_plane_are_of_the_release() -> None:
    assert versions(told("1.5.10", pilot="1.5.10", galley="1.5.10", nodeagent=""), "1.5.10").well


@pytest.mark.parametrize("wrong", [told("1.5.9", pilot="1.5.10"), told("1.5.10", pilot="1.5.9"), told("1.5.10")])
def test_another_version_or_no_control_plane_is_not_well(wrong: dict[str, Any]) -> None:
    assert not versions(wrong, "1.5.10").well


def test_versions_are_told_with_whose_they_are() -> None:
    assert versions(told("1.5.10", pilot="1.5.9"), "1.5.10").said == "1.5.10: client; 1.5.9: pilot"
