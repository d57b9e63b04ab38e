"""The second injector, for pods that ask for a sidecar where no label does."""

import pytest

from components.sidecar_by_annotation import with_other_policy
from tests.unit.conftest import Registrations, run, settings


def test_it_is_there_when_the_setting_says_so() -> None:
    assert not run(settings()).of("MutatingWebhookConfiguration")
    assert run(settings(sidecarByAnnotation=True)).of("MutatingWebhookConfiguration")


def test_it_sees_namespaces_without_the_label_only_and_never_holds_a_pod_up(dev: Registrations) -> None:
    (webhook,) = dev.named("sidecar-by-annotation-webhook").inputs["webhooks"]
    assert webhook["namespaceSelector"] == {"matchExpressions": [{"key": "istio-injection", "operator": "DoesNotExist"}]}
    assert webhook["failurePolicy"] == "Ignore"


def test_it_has_the_charts_template_and_the_other_policy(dev: Registrations) -> None:
    config = dev.named("sidecar-by-annotation-config").inputs["data"]
    assert config == {"config": "policy: disabled\ntemplate: |-\n  policy: x\n", "values": "{}"}


@pytest.mark.parametrize("config", ["", "policy: enabled\npolicy: enabled\n", "policies: enabled\n"])
def test_a_chart_without_one_policy_is_refused_for_every_pod_would_get_a_sidecar(config: str) -> None:
    with pytest.raises(ValueError, match="policies, not one"):
        with_other_policy({"config": config, "values": "{}"})


def test_it_is_the_releases_own_injector_with_a_certificate_for_its_service(dev: Registrations) -> None:
    pod = dev.named("sidecar-by-annotation-deployment").inputs["spec"]["template"]["spec"]
    assert pod["containers"][0]["image"] == "docker.io/istio/sidecar_injector:1.5.10"
    assert pod["serviceAccountName"] == "sidecar-by-annotation"
    service = dev.named("sidecar-by-annotation-service").inputs["metadata"]
    assert dev.named("sidecar-by-annotation-certificate").inputs["hosts"] == [f"{service['name']}.{service['namespace']}.svc"]


def test_applications_come_after_it(dev: Registrations) -> None:
    webhook = dev.named("sidecar-by-annotation-webhook").urn
    assert all(webhook in dev.comes_after(dev.named(f"{name}-deployment").urn) for name in ("hello", "world", "mailhog"))
