"""What a stack may say, parsed and checked once, with every mistake reported at the same time.

Pulumi.yaml owns the defaults and the descriptions; this file owns what a value may be.
"""

import json
import re
from collections.abc import Mapping
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import pulumi
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StrictBool,
    StrictStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic.alias_generators import to_camel
from pydantic_core import ErrorDetails, PydanticCustomError

from components import namespaces
from components.charts import ChartSource, Directory, Repository
from components.errors import UserError
from components.mutual_tls import Phase
from components.releases import RELEASES, Release
from lab import paths as lab

LAB = "lab"
"""What `cluster` and `charts` say when they mean the lab of this machine."""

_LABEL = r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
_HUB = r"[a-z0-9]+([.-][a-z0-9]+)*(:[0-9]+)?(/[a-z0-9]+([._-]+[a-z0-9]+)*)*"
_IMAGE = rf"{_HUB}(:[\w.-]+)?(@sha256:[0-9a-f]{{64}})?"


class Footprint(StrEnum):
    """What the control plane asks of the nodes."""

    STANDARD = "standard"
    SMALL = "small"


class ServiceType(StrEnum):
    """How the ingress gateway is reached."""

    LOAD_BALANCER = "LoadBalancer"
    NODE_PORT = "NodePort"
    CLUSTER_IP = "ClusterIP"


class SettingsError(UserError):
    """The settings of the stack cannot be used; the message has one line for each mistake."""


def _problem(what: str, remedy: str) -> PydanticCustomError:
    return PydanticCustomError("problem", "{text}", {"text": f"{what}; {remedy}"})


def _from_json(value: object) -> object:
    """The engine hands every setting over as text, that of booleans and lists as JSON."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except json.JSONDecodeError:
        return value


def _matching(pattern: str, remedy: str) -> AfterValidator:
    def check(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise _problem(f"{value!r} cannot be used", remedy)
        return value

    return AfterValidator(check)


_Image = Annotated[StrictStr, _matching(_IMAGE, "use an image such as registry.example.com/app:1.0")]
_Namespace = Annotated[StrictStr, _matching(_LABEL, "use the name of a namespace: lower-case letters, digits, hyphens")]


class Settings(BaseModel):
    """The settings of a stack, by their Python names."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True, arbitrary_types_allowed=True)

    cluster: Annotated[StrictStr, _matching(r"\S+", "use lab, or the name of a context of your kubeconfig")]
    release: Release
    charts: ChartSource
    hub: Annotated[StrictStr, _matching(_HUB, "use a registry and a path, without https:// and without a last slash")]
    domain: Annotated[StrictStr, _matching(rf"({_LABEL}\.)+{_LABEL}", "use a DNS domain such as example.com, without a last dot")]
    gateway_service_type: ServiceType
    mutual_tls: Phase
    sds: Annotated[StrictBool, BeforeValidator(_from_json)]
    sidecarless_namespaces: Annotated[tuple[_Namespace, ...], BeforeValidator(_from_json)]
    dashboards: Annotated[StrictBool, BeforeValidator(_from_json)]
    footprint: Footprint
    echo_image: _Image
    mailhog_image: _Image

    @field_validator("release", mode="plain")
    @classmethod
    def _known_release(cls, value: str) -> Release:
        if value not in RELEASES:
            raise _problem(f"Istio {value} is not supported", f"use {' or '.join(RELEASES)}")
        return RELEASES[value]

    @field_validator("charts", mode="plain")
    @classmethod
    def _charts_that_exist(cls, value: str, info: ValidationInfo) -> ChartSource:
        release = info.data.get("release")
        if release is None:
            # The release itself is wrong, and is reported; which charts it needs cannot be known.
            return Directory(Path(value))
        if value == "repository":
            return Repository(release.repository, release.version)
        if re.match(r"https?://", value):
            return Repository(value, release.version)
        directory = lab.CHARTS / release.version if value == LAB else Path(value)
        remedy = "start the lab with make up, or use repository" if value == LAB else "mend the path, or use repository"
        for chart in release.charts:
            if not (directory / chart / "Chart.yaml").is_file():
                raise _problem(f"there is no chart {chart} of Istio {release.version} in {directory}", remedy)
        return Directory(directory)

    @field_validator("gateway_service_type")
    @classmethod
    def _service_type_that_the_lab_has(cls, value: ServiceType, info: ValidationInfo) -> ServiceType:
        if value is ServiceType.LOAD_BALANCER and info.data.get("cluster") == LAB:
            raise _problem("the lab has no load balancers, so the gateway would wait for ever", "use NodePort")
        return value

    @field_validator("sidecarless_namespaces")
    @classmethod
    def _namespaces_without_meshed_pods(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            if name in namespaces.MESHED:
                raise _problem(f"{name} has applications with sidecars", "take it off the list")
        if namespaces.LEGACY not in value:
            raise _problem(f"{namespaces.LEGACY} is missing, where the application end has no sidecar", "add it")
        return tuple(dict.fromkeys(value))


def parse(config: Mapping[str, Any], project: str = "mesh") -> Settings:
    """The settings in `config`, which has texts by camel-case keys without the project's name.

    Raises SettingsError.
    """
    try:
        return Settings.model_validate(config)
    except ValidationError as error:
        lines = [f"{project}:{_explain(problem)}" for problem in error.errors()]
        raise SettingsError("\n".join(["The settings of this stack cannot be used:", *lines])) from None


def load() -> Settings:
    """The settings of the stack that runs. Raises SettingsError."""
    project = pulumi.get_project()
    prefix = f"{project}:"
    # pulumi.Config can look up a key but not list them, and unknown keys are to be refused.
    config = pulumi.runtime.config.CONFIG.get()
    return parse({key.removeprefix(prefix): value for key, value in config.items() if key.startswith(prefix)}, project)


def _explain(error: ErrorDetails) -> str:
    key, *place = error["loc"]
    value = error["input"]
    match error["type"]:
        case "problem":
            text = error["msg"]
        case "extra_forbidden":
            known = [field.alias or name for name, field in Settings.model_fields.items()]
            guess = get_close_matches(str(key), known, n=1)
            text = f"no such setting; {f'did you mean {guess[0]}?' if guess else 'Pulumi.yaml lists them all'}"
        case "missing":
            text = f"is not set; set it with: pulumi config set {key} VALUE"
        case "enum":
            text = f"{value!r} is not known; use {error.get('ctx', {})['expected']}"
        case "bool_type":
            text = f"{value!r} is neither true nor false; use one of them"
        case "tuple_type":
            text = f"{value!r} is not a list; write one, such as [legacy]"
        case _:
            text = f"{value!r} cannot be used: {error['msg']}; see its description in Pulumi.yaml"
    return f"{key}{''.join(f'[{index}]' for index in place)}: {text}"
