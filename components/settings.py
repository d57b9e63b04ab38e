"""What a stack may say, parsed and checked once, with every mistake reported at the same time.

Pulumi.yaml owns the defaults and the descriptions; this file owns what a value may be.
"""

import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import pulumi
from pydantic import BaseModel, ConfigDict, StrictStr, ValidationError, ValidationInfo, field_validator
from pydantic.alias_generators import to_camel
from pydantic_core import ErrorDetails

from components import certificate, dns_providers, namespaces
from components import setting_types as kind
from components.charts import ChartSource, Directory, Published
from components.dashboards import WITH_LOGIN
from components.errors import UserError
from components.mutual_tls import Phase
from components.releases import RELEASES, Release
from components.setting_types import problem
from lab import dns as lab_dns
from lab import paths as lab
from lab.errors import LabError

LAB = "lab"
"""What `cluster`, `charts` and `dnsProvider` say when they mean the lab of this machine."""


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


class Settings(BaseModel):
    """The settings of a stack, by their Python names."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True, arbitrary_types_allowed=True)

    cluster: Annotated[StrictStr, kind.matching(r"\S+", "use lab, or the name of a context of your kubeconfig")]
    release: Release
    domain: kind.Domain
    dns_provider: StrictStr
    dns_policy: dns_providers.Policy
    dns_owner_id: Annotated[StrictStr, kind.matching(r"[\w.-]*", "use letters, digits, dots, hyphens")]
    dns_domain_filters: kind.Domains
    dns_interval: kind.Duration
    dns_values: kind.Object
    dns_credentials: kind.Variables
    charts: ChartSource
    hub: kind.Hub
    gateway_service_type: ServiceType
    gateway_addresses: kind.Addresses
    certificate: kind.Subdomain
    cert_manager_email: kind.Email
    https_redirect: kind.Switch
    mutual_tls: Phase
    sds: kind.Switch
    sidecar_by_annotation: kind.Switch
    sidecarless_namespaces: kind.Names
    dashboards: kind.Switch
    publish_dashboards: kind.Switch
    footprint: Footprint
    echo_image: kind.Image
    mailhog_image: kind.Image

    @property
    def hosts(self) -> dict[str, str]:
        """What the ingress gateway serves: host names by application and dashboard."""
        names = {"hello": "hello-tls", "mailhog": "mailhog"}
        if self.publish_dashboards:
            names |= {name: name for name in WITH_LOGIN}
        return {key: f"{name}.{self.domain}" for key, name in names.items()}

    @field_validator("release", mode="plain")
    @classmethod
    def _known_release(cls, value: str) -> Release:
        if value not in RELEASES:
            raise problem(f"Istio {value} is not supported", f"use {' or '.join(RELEASES)}")
        return RELEASES[value]

    @field_validator("dns_provider")
    @classmethod
    def _known_dns_provider(cls, value: str, info: ValidationInfo) -> str:
        if value == LAB:
            if info.data.get("cluster") != LAB:
                raise problem("the lab's DNS server answers the lab only", "name a provider of external-dns, or none")
            domain = info.data.get("domain")
            if domain and not any(f".{domain}".endswith(f".{zone}") for zone in lab_dns.ZONES):
                raise problem(f"the lab's DNS server has no zone for {domain}", f"use a mesh:domain in {', '.join(lab_dns.ZONES)}")
            try:
                lab_dns.secret()
            except LabError as error:
                what, _, remedy = str(error).partition(": ")
                raise problem(what, remedy) from None
        elif value not in (dns_providers.NONE, *dns_providers.PROVIDERS):
            guess = get_close_matches(value, dns_providers.PROVIDERS, n=1)
            raise problem(f"external-dns has no provider {value}", f"did you mean {guess[0]}?" if guess else "its documentation lists them")
        return value

    @field_validator("dns_values")
    @classmethod
    def _values_that_are_neither_ours_nor_secret(cls, value: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
        if "dnsValues" in _secrets(info):
            raise problem("these are not kept secret further on", "store what is secret in dnsCredentials, and the rest in clear")
        dns_providers.check_values(value)
        return value

    @field_validator("dns_credentials")
    @classmethod
    def _credentials_that_are_kept_secret(cls, value: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        if value and "dnsCredentials" not in _secrets(info):
            remedy = "store each with: pulumi config set --secret --path dnsCredentials.NAME (it asks for the value)"
            raise problem("these would lie in the stack's file in clear", remedy)
        return value

    @field_validator("charts", mode="plain")
    @classmethod
    def _charts_that_exist(cls, value: str, info: ValidationInfo) -> ChartSource:
        release = info.data.get("release")
        if release is None:
            # The release itself is wrong, and is reported; which charts it needs cannot be known.
            return Directory(Path(value))
        if value == "repository":
            return Published()
        if re.match(r"https?://", value):
            return Published(mirror=value)
        directory = lab.CHARTS / release.version if value == LAB else Path(value)
        remedy = "start the lab with make up, or use repository" if value == LAB else "mend the path, or use repository"
        dns = [] if info.data.get("dns_provider") == dns_providers.NONE else [release.external_dns]
        for chart in (*release.charts, *dns):
            if not (directory / chart.name / "Chart.yaml").is_file():
                raise problem(f"there is no chart {chart.name} of Istio {release.version} in {directory}", remedy)
        return Directory(directory)

    @field_validator("gateway_service_type")
    @classmethod
    def _service_type_that_the_lab_has(cls, value: ServiceType, info: ValidationInfo) -> ServiceType:
        if value is ServiceType.LOAD_BALANCER and info.data.get("cluster") == LAB:
            raise problem("the lab has no load balancers, so the gateway would wait for ever", "use NodePort")
        return value

    @field_validator("gateway_addresses")
    @classmethod
    def _addresses_for_the_records(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        elsewhere = info.data.get("cluster") == LAB or info.data.get("gateway_service_type") is ServiceType.LOAD_BALANCER
        if not value and not elsewhere and info.data.get("dns_provider", dns_providers.NONE) != dns_providers.NONE:
            raise problem("without a load balancer, records have nothing to point to", "write the addresses that are routed to the nodes")
        return value

    @field_validator("certificate")
    @classmethod
    def _secret_that_the_gateway_may_read(cls, value: str) -> str:
        if value in certificate.OURS or value.startswith(certificate.PASSED_OVER):
            taken = "is the stack's own" if value in certificate.OURS else "is one that the gateway passes over by its name"
            raise problem(f"the Secret {value} {taken}", "give yours another name")
        return value

    @field_validator("https_redirect")
    @classmethod
    def _http_for_lets_encrypt(cls, value: bool, info: ValidationInfo) -> bool:
        if value and info.data.get("certificate") == certificate.CERT_MANAGER:
            raise problem("Let's Encrypt asks cert-manager's answers by HTTP", "set this to false")
        return value

    @field_validator("cert_manager_email")
    @classmethod
    def _email_where_it_is_needed(cls, value: str, info: ValidationInfo) -> str:
        if not value and info.data.get("certificate") == certificate.CERT_MANAGER:
            raise problem("cert-manager's issuer needs an address for its account", "set it, such as you@example.com")
        return value

    @field_validator("publish_dashboards")
    @classmethod
    def _dashboards_to_publish(cls, value: bool, info: ValidationInfo) -> bool:
        if value and info.data.get("dashboards") is False:
            raise problem("there are no dashboards to publish", "set mesh:dashboards to true, or this to false")
        return value

    @field_validator("sidecarless_namespaces")
    @classmethod
    def _namespaces_without_meshed_pods(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            if name in namespaces.MESHED:
                raise problem(f"{name} has applications with sidecars", "take it off the list")
        if namespaces.LEGACY not in value:
            raise problem(f"{namespaces.LEGACY} is missing, where the application end has no sidecar", "add it")
        return tuple(dict.fromkeys(value))


def _secrets(info: ValidationInfo) -> Collection[str]:
    """The keys of the settings that are encrypted in the stack's file."""
    return (info.context or {}).get("secrets", ())


def parse(config: Mapping[str, Any], project: str = "mesh", secrets: Collection[str] = ()) -> Settings:
    """The settings in `config`, which has texts by camel-case keys without the project's name; `secrets` are the encrypted ones.

    Raises SettingsError.
    """
    try:
        return Settings.model_validate(config, context={"secrets": secrets})
    except ValidationError as error:
        lines = [f"{project}:{_explain(problem)}" for problem in error.errors()]
        raise SettingsError("\n".join(["The settings of this stack cannot be used:", *lines])) from None


def load() -> Settings:
    """The settings of the stack that runs. Raises SettingsError."""
    project = pulumi.get_project()
    prefix = f"{project}:"
    # pulumi.Config can look up a key but not list them, and unknown keys are to be refused.
    config = pulumi.runtime.config.CONFIG.get()
    own = {key.removeprefix(prefix): value for key, value in config.items() if key.startswith(prefix)}
    return parse(own, project, secrets=[key for key in own if pulumi.runtime.config.is_config_secret(f"{prefix}{key}")])


def _explain(error: ErrorDetails) -> str:
    key, *place = error["loc"]
    value = error["input"]
    match error["type"]:
        case "problem":
            text = error["msg"]
        case _ if key == "dnsCredentials":
            text = "is not an object of texts; set each with: pulumi config set --secret --path dnsCredentials.NAME"
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
        case "dict_type":
            text = f"{value!r} is not an object; write one, such as {{key: value}}"
        case _:
            text = f"{value!r} cannot be used: {error['msg']}; see its description in Pulumi.yaml"
    return f"{key}{''.join(f'[{index}]' for index in place)}: {text}"
