"""Runs the whole program against mocks, and records what it registers, with the options that mocks hide."""

import asyncio
import contextvars
import json
import runpy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pulumi
import pytest
import yaml
from google.protobuf.json_format import MessageToDict
from pulumi.runtime import get_root_resource, mocks
from pulumi.runtime.stack import Stack, run_pulumi_func

from components import cluster, errors
from components.releases import Release
from lab import dns

PROJECT = Path(__file__).parents[2]
PASSWORD = "generated-by-the-mock"  # noqa: S105
KEY = "private-key-of-the-mock"
LAB_KEY = "key-of-the-labs-dns-server"
SECRET_MARK = "4dabf18193072939515e22adb298388d"  # noqa: S105
"""The key by which Pulumi marks secrets on their way to the engine."""


@dataclass(frozen=True)
class Registered:
    """One resource as the engine would see it: inputs and options in the words of the engine."""

    urn: str
    type: str
    name: str
    parent: str
    dependencies: frozenset[str]
    provider: str
    inputs: dict[str, Any]
    options: dict[str, Any]


@dataclass
class Registrations:
    """What one run of the program registered and exported."""

    resources: list[Registered] = field(default_factory=list)
    outputs: dict[str, Any] = field(default_factory=dict)
    secrets: set[str] = field(default_factory=set)

    def named(self, name: str, kind: str = "") -> Registered:
        """The one resource of that name, whose type ends with `kind`."""
        (found,) = [row for row in self.resources if row.name == name and row.type.endswith(kind)]
        return found

    def of(self, kind: str) -> list[Registered]:
        """The Kubernetes objects of that kind."""
        return [row for row in self.resources if row.inputs.get("kind") == kind]

    def object(self, kind: str, namespace: str | None, name: str) -> dict[str, Any]:
        """The spec of a Kubernetes object."""
        wanted = {"name": name} if namespace is None else {"name": name, "namespace": namespace}
        (found,) = [row for row in self.of(kind) if {key: row.inputs["metadata"].get(key) for key in wanted} == wanted]
        return found.inputs["spec"]

    def comes_after(self, urn: str) -> set[str]:
        """All that the engine finishes before `urn`, and deletes after it: dependencies and parents, and theirs."""
        rows = {row.urn: row for row in self.resources}
        seen: set[str] = set()
        waiting = [urn]
        while waiting:
            row = rows.get(waiting.pop())
            for before in {*row.dependencies, row.parent} - seen if row else ():
                seen.add(before)
                waiting.append(before)
        return seen


class _Monitor(mocks.MockMonitor):
    def __init__(self, into: Registrations) -> None:
        super().__init__(_Mocks())
        self._into = into

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802
        response = super().RegisterResource(request)
        options = MessageToDict(request)
        self._into.resources.append(
            Registered(
                urn=response.urn,
                type=request.type,
                name=request.name,
                parent=request.parent,
                dependencies=frozenset(request.dependencies),
                provider=request.provider or ",".join(request.providers.values()),
                inputs=options.pop("object", {}),
                options=options,
            )
        )
        return response


class _Mocks(mocks.Mocks):
    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Any], None]:
        raise AssertionError(f"the program calls {args.token}")

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        state = dict(args.inputs)
        if args.typ.endswith(":RandomPassword"):
            state["result"] = pulumi.Output.secret(PASSWORD)
        if args.typ.endswith(":Release"):
            state["status"] = {"namespace": state["namespace"], "name": state["name"], "status": "deployed"}
        if args.typ.endswith("/mesh:SelfSigned"):
            state |= {"authority": "CA", "authority_key": KEY, "certificate": "LEAF", "key": KEY}
        if args.typ.endswith("/mesh:DnsDomains"):
            state["domains"] = [state["domain"], "former.example.org"]
        if args.resource_id == "istio-system/istio-sidecar-injector":
            state["data"] = {"config": "policy: enabled\ntemplate: |-\n  policy: x\n", "values": "{}"}
        if args.resource_id == "istio-system/istio-ingressgateway":
            state |= {
                "spec": {
                    "ports": [
                        {"name": "http2", "port": 80, "nodePort": 31380},
                        {"name": "https", "port": 443},
                        {"name": "tls", "port": 15443},
                    ]
                },
                "status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.7"}]}},
            }
        return args.resource_id or f"{args.name}-id", state


def settings(**changes: Any) -> dict[str, Any]:
    """The settings of a stack in some cluster: Pulumi.yaml's, with `changes`."""
    described = yaml.safe_load((PROJECT / "Pulumi.yaml").read_text())["config"]
    defaults = {key: value["default"] for key, value in described.items() if "default" in value}
    return defaults | {"cluster": "a-context"} | changes


def as_texts(values: Mapping[str, Any]) -> dict[str, str]:
    """Settings the way the engine hands them to the program."""
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in values.items()}


def run(values: Mapping[str, Any], minor: int = 21, into: Registrations | None = None, secrets: Sequence[str] = ()) -> Registrations:
    """Runs `__main__.py` with the settings `values`, of which `secrets` are encrypted, on a cluster of Kubernetes 1.`minor`.

    `into` is filled as far as the program comes.
    """
    into = into or Registrations()

    def check(_: cluster.Cluster, release: Release) -> cluster.Facts:
        return cluster.Facts(minor, "uid-of-kube-system")

    def execute() -> None:
        runpy.run_path(str(PROJECT / "__main__.py"))

    async def program() -> Registrations:
        mocks.set_mocks(_Mocks(), project="mesh", stack="test", preview=True, monitor=_Monitor(into))
        config = {f"mesh:{key}": value for key, value in as_texts(values).items()}
        pulumi.runtime.set_all_config(config, [f"mesh:{key}" for key in secrets])
        await run_pulumi_func(execute)
        for name, value in cast(Stack, get_root_resource()).outputs.items():
            output = pulumi.Output.from_input(value)
            into.outputs[name] = await output.future()
            if await output.is_secret():
                into.secrets.add(name)
        return into

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cluster, "check", check)
        patch.setattr(dns, "secret", lambda: LAB_KEY)
        # An interrupt is for pytest here.
        patch.setattr(errors, "end_quietly", lambda: None)
        # Mocks are context variables, so a context of its own keeps the runs apart.
        return contextvars.copy_context().run(asyncio.run, program())


@pytest.fixture(scope="session")
def dev() -> Registrations:
    """What the stack `dev` registers."""
    own = yaml.safe_load((PROJECT / "Pulumi.dev.yaml").read_text())["config"]
    changes = {key.removeprefix("mesh:"): value for key, value in own.items()}
    # The lab's charts need not be there.
    return run(settings(**changes | {"charts": "repository"}))
