"""Kinds of values that settings have, and how a wrong one is told."""

import ipaddress
import json
import re
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, StrictBool, StrictStr
from pydantic_core import PydanticCustomError

_LABEL = r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
_HUB = r"[a-z0-9]+([.-][a-z0-9]+)*(:[0-9]+)?(/[a-z0-9]+([._-]+[a-z0-9]+)*)*"
_IMAGE = rf"{_HUB}(:[\w.-]+)?(@sha256:[0-9a-f]{{64}})?"


def problem(what: str, remedy: str) -> PydanticCustomError:
    """What a validator raises: one line, with what to do instead."""
    return PydanticCustomError("problem", "{text}", {"text": f"{what}; {remedy}"})


def matching(pattern: str, remedy: str) -> AfterValidator:
    """Accepts texts that match as a whole."""

    def check(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise problem(f"{value!r} cannot be used", remedy)
        return value

    return AfterValidator(check)


def _from_json(value: object) -> object:
    """The engine hands every setting over as text, that of booleans, lists and objects as JSON."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except json.JSONDecodeError:
        return value


def _address(value: str) -> str:
    try:
        return str(ipaddress.ip_address(value))
    except ValueError:
        raise problem(f"{value!r} is no IP address", "write one such as 192.0.2.10") from None


_FROM_JSON = BeforeValidator(_from_json)

Text = Annotated[StrictStr, matching(r"\S+", "use a text without blanks")]
Switch = Annotated[StrictBool, _FROM_JSON]
Object = Annotated[dict[str, Any], _FROM_JSON]
Image = Annotated[StrictStr, matching(_IMAGE, "use an image such as registry.example.com/app:1.0")]
Hub = Annotated[StrictStr, matching(_HUB, "use a registry and a path, without https:// and without a last slash")]
Domain = Annotated[StrictStr, matching(rf"({_LABEL}\.)+{_LABEL}", "use a DNS domain such as example.com, without a last dot")]
Domains = Annotated[tuple[Domain, ...], _FROM_JSON]
Name = Annotated[StrictStr, matching(_LABEL, "use a name as Kubernetes has them: lower-case letters, digits, hyphens")]
Subdomain = Annotated[
    StrictStr, matching(rf"({_LABEL}\.)*{_LABEL}", "use a name as Kubernetes has them: lower-case letters, digits, hyphens, dots")
]
Names = Annotated[tuple[Name, ...], _FROM_JSON]
Addresses = Annotated[tuple[Annotated[StrictStr, AfterValidator(_address)], ...], _FROM_JSON]
Duration = Annotated[StrictStr, matching(r"[1-9][0-9]*[smh]", "use a number and a unit, such as 30s or 1m")]
Email = Annotated[StrictStr, matching(r"(\S+@\S+)?", "use an address such as you@example.com")]
Variables = Annotated[dict[Annotated[str, matching(r"[A-Z_][A-Z0-9_]*", "use capitals, as in CF_API_TOKEN")], StrictStr], _FROM_JSON]
"""Environment variables and their values."""
