"""The whole program: what it registers, in which order, with which options."""

import re
from typing import Any

import pytest

from components.mutual_tls import Phase, client_mode
from components.releases import RELEASES
from tests.unit.conftest import KEY, LAB_KEY, PASSWORD, SECRET_MARK, Registrations, run, settings

NAMESPACES = {"istio-system", "ns1", "ns2", "mailhog", "legacy"}


def without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        return {} if SECRET_MARK in value else {key: without_secrets(inner) for key, inner in value.items()}
    return [without_secrets(inner) for inner in value] if isinstance(value, list) else value


def release(stack: Registrations, chart: str) -> Any:
    return stack.named(chart, ":Release")


def ours(stack: Registrations) -> list[Any]:
    """The Kubernetes objects that are the project's own."""
    return [row for row in stack.resources if row.type.startswith("kubernetes:") and not row.type.endswith(":Release")]


def test_every_kubernetes_resource_uses_the_stacks_own_provider(dev: Registrations) -> None:
    provider = dev.named("cluster")
    assert provider.inputs["clusterIdentifier"] == "the lab"
    for row in [row for row in dev.resources if row.type.startswith("kubernetes:")]:
        assert row.provider.startswith(provider.urn), row.name


def test_the_provider_names_its_context_and_never_takes_the_current_one() -> None:
    provider = run(settings(cluster="somewhere")).named("cluster")
    assert (provider.inputs["context"], provider.inputs["clusterIdentifier"]) == ("somewhere", "the cluster somewhere")
    assert "kubeconfig" not in provider.inputs


def test_every_resource_has_a_parent_and_every_component_has_children(dev: Registrations) -> None:
    parents = {row.parent for row in dev.resources}
    for row in dev.resources:
        assert row.parent or row.type == "pulumi:pulumi:Stack", row.name
        assert row.urn in parents or not row.type.startswith("mesh:"), row.name


def test_the_mesh_comes_up_from_the_ground_and_goes_down_the_other_way(dev: Registrations) -> None:
    namespaces = {row.urn for row in dev.of("Namespace")}
    init, istio = release(dev, "istio-init").urn, release(dev, "istio").urn
    rules = {row.urn for row in dev.resources if row.name.startswith("mutual-tls-")}
    logins = {row.urn for row in dev.of("Secret") if row.name.startswith("dashboards-")}
    apps = {row.urn for row in ours(dev) if re.search("HelloWorld|MailHog|PublishedDashboards", row.urn)}
    assert len(apps) > 8
    assert {row.inputs["metadata"]["name"] for row in dev.of("Namespace")} == NAMESPACES
    assert namespaces <= dev.comes_after(init)
    assert logins
    assert logins <= dev.comes_after(istio), "Grafana does not start without its Secret"
    assert init in dev.comes_after(istio)
    for rule in rules:
        assert {istio, *namespaces} <= dev.comes_after(rule)
    for row in ours(dev):
        if row.urn not in namespaces | logins:
            assert istio in dev.comes_after(row.urn), row.name
        if row.urn in apps:
            assert rules <= dev.comes_after(row.urn), row.name


def test_a_route_comes_after_its_gateway_and_its_subset(dev: Registrations) -> None:
    before = dev.comes_after(dev.named("helloworld-route").urn)
    assert {dev.named("ingress-https").urn, dev.named("helloworld-gateway").urn, dev.named("helloworld-rule").urn} <= before


def test_the_charts_are_fixed_in_name_version_hub_and_tag(dev: Registrations) -> None:
    for chart in ("istio-init", "istio"):
        inputs = release(dev, chart).inputs
        assert (inputs["name"], inputs["version"], inputs["namespace"]) == (chart, "1.5.10", "istio-system")
        images = inputs["values"]["global"]
        assert (images["hub"], images["tag"]) == ("docker.io/istio", "1.5.10")


def test_no_object_is_left_to_a_hook(dev: Registrations) -> None:
    for chart in ("istio-init", "istio"):
        inputs = release(dev, chart).inputs
        assert (inputs["disableWebhooks"], inputs["disableCRDHooks"]) == (True, True)
    assert release(dev, "istio").inputs["values"]["security"] == {"createMeshPolicy": False}


def test_istio_init_is_done_when_its_jobs_are_and_is_replaced_when_they_change(dev: Registrations) -> None:
    init = release(dev, "istio-init")
    assert (init.inputs["waitForJobs"], init.inputs["atomic"], init.inputs["timeout"]) == (True, True, 120)
    assert init.options["replaceOnChanges"] == ["*"]
    assert init.options["deleteBeforeReplace"] is True


def test_kialis_random_key_is_no_change_of_the_istio_release(dev: Registrations) -> None:
    assert release(dev, "istio").options["ignoreChanges"] == ["checksum"]


@pytest.mark.parametrize("sds", [True, False])
def test_sds_is_one_switch_for_workloads_and_node_agent_and_always_on_for_the_gateway(sds: bool) -> None:
    values = release(run(settings(sds=sds)), "istio").inputs["values"]
    assert values["global"]["sds"]["enabled"] is sds
    assert bool(values["global"]["sds"]["udsPath"]) is sds
    assert values["nodeagent"]["enabled"] is sds
    assert values["gateways"]["istio-ingressgateway"]["sds"]["enabled"] is True


def test_the_dashboards_can_be_left_out() -> None:
    stack = run(settings(dashboards=False))
    values = release(stack, "istio").inputs["values"]
    assert not any(values[name]["enabled"] for name in ("kiali", "grafana", "tracing", "prometheus"))
    assert not {"kiali", "grafana"} & {row.inputs["metadata"]["name"] for row in stack.of("Secret")}
    assert not {"logins", "dashboards"} & stack.outputs.keys()


def test_no_dashboard_has_a_default_password_or_a_way_in_of_its_own(dev: Registrations) -> None:
    values = release(dev, "istio").inputs["values"]
    assert values["kiali"] == {"enabled": True, "createDemoSecret": False}
    assert values["grafana"] == {"enabled": True, "security": {"enabled": True}, "service": {"type": "ClusterIP"}}
    assert {row.inputs["metadata"]["name"] for row in dev.of("Secret")} >= {"kiali", "grafana"}


def test_dashboards_are_published_when_asked_for_with_a_log_in_and_never_in_plaintext(dev: Registrations) -> None:
    assert {row.inputs["metadata"]["name"] for row in run(settings()).of("VirtualService")} == {"hello-tls", "mailhog"}
    published = {row.inputs["metadata"]["name"] for row in dev.of("VirtualService")} - {"hello-tls", "mailhog"}
    assert published == {"kiali", "grafana"}, "Jaeger and Prometheus have no log-in"
    stack = run(settings(publishDashboards=True, httpsRedirect=False))
    for name in published:
        assert stack.object("Gateway", "istio-system", f"{name}-gateway")["servers"][0]["tls"] == {"httpsRedirect": True}
        route = stack.object("VirtualService", "istio-system", name)
        assert route["hosts"] == [stack.outputs["hosts"][name]] == [f"{name}.example.com"]


def test_generated_passwords_and_keys_are_secrets_wherever_they_go(dev: Registrations) -> None:
    assert "logins" in dev.secrets
    assert dev.outputs["logins"]["kiali"] == {"username": "admin", "password": PASSWORD}
    everything = [[row.inputs for row in dev.resources], [row.options for row in dev.resources]]
    for secret in (PASSWORD, KEY, LAB_KEY):
        assert secret in str(everything)
        assert secret not in str(without_secrets(everything))


def test_a_small_footprint_shrinks_requests_and_keeps_everything_else() -> None:
    standard, small = (release(run(settings(footprint=name)), "istio").inputs["values"] for name in ("standard", "small"))
    assert "resources" not in standard.get("pilot", {})
    assert small["pilot"]["resources"]["requests"] == {"cpu": "10m", "memory": "128Mi"}
    assert small["gateways"]["istio-ingressgateway"]["type"] == "LoadBalancer"
    assert small["mixer"]["policy"] == {"enabled": False}
    assert small["global"]["sds"] == standard["global"]["sds"]


@pytest.mark.parametrize("phase", Phase)
def test_each_phase_reaches_the_servers_the_clients_and_the_rule_of_hello(phase: Phase) -> None:
    stack = run(settings(mutualTls=phase.value))
    tls = {"tls": {"mode": client_mode(phase).value}}
    assert stack.object("DestinationRule", "istio-system", "default") == {"host": "*.local", "trafficPolicy": tls}
    assert stack.object("DestinationRule", "ns1", "hello")["trafficPolicy"] == tls
    assert stack.object("DestinationRule", "istio-system", "api-server")["trafficPolicy"] == {"tls": {"mode": "DISABLE"}}
    assert bool(stack.object("MeshPolicy", None, "default")) is (phase is not Phase.OFF)
    assert stack.outputs["mutualTls"] == phase.value


def test_further_namespaces_without_sidecars_get_a_rule_each() -> None:
    stack = run(settings(sidecarlessNamespaces=["legacy", "old"]))
    rule = stack.object("DestinationRule", "istio-system", "no-sidecars-old")
    assert rule == {"host": "*.old.svc.cluster.local", "trafficPolicy": {"tls": {"mode": "DISABLE"}}}


@pytest.mark.parametrize("version", RELEASES)
def test_another_release_is_one_setting(version: str) -> None:
    stack = run(settings(release=version))
    for chart in RELEASES[version].charts:
        inputs = release(stack, chart.name).inputs
        assert inputs["version"] == inputs["values"]["global"]["tag"] == version
        assert inputs["repositoryOpts"]["repo"] == chart.repository
    assert stack.outputs["release"] == version


def test_the_chain_says_hello_world_and_ends_outside_of_the_mesh(dev: Registrations) -> None:
    chain = {"hello": ("ns1", "world.ns2:8080"), "world": ("ns2", "end.legacy:8080"), "end": ("legacy", None)}
    texts = []
    for name, (namespace, following) in chain.items():
        inputs = dev.named(f"{name}-deployment").inputs
        (container,) = inputs["spec"]["template"]["spec"]["containers"]
        env = {entry["name"]: entry["value"] for entry in container["env"]}
        assert inputs["metadata"]["namespace"] == namespace
        assert env.get("NEXT") == following
        texts.append(env["TEXT"])
    assert texts == ["hello", "world", "!!!"]


def test_sidecars_come_by_the_namespaces_label_and_mailhog_asks_for_its_own(dev: Registrations) -> None:
    labels = {row.inputs["metadata"]["name"]: row.inputs["metadata"]["labels"] for row in dev.of("Namespace")}
    enabled = {name for name, label in labels.items() if label == {"istio-injection": "enabled"}}
    assert enabled == {"ns1", "ns2", "mailhog"}
    annotations = {row.name: row.inputs["spec"]["template"]["metadata"].get("annotations") or {} for row in dev.of("Deployment")}
    assert annotations.pop("mailhog-deployment") == {"sidecar.istio.io/inject": "true"}
    assert not any(annotations.values())


def test_the_gateway_serves_hello_by_its_subset_and_mailhog(dev: Registrations) -> None:
    hello = dev.object("VirtualService", "ns1", "hello-tls")
    destination = hello["http"][0]["route"][0]["destination"]
    subset = dev.object("DestinationRule", "ns1", "hello")["subsets"][0]
    pods = dev.named("hello-deployment").inputs["spec"]["template"]["metadata"]["labels"]
    assert (hello["hosts"], hello["gateways"]) == (["hello-tls.example.com"], ["helloworld-gateway", "istio-system/https"])
    assert (destination["host"], destination["subset"]) == ("hello.ns1.svc.cluster.local", subset["name"])
    assert subset == {"name": "v1-tls", "labels": {"version": "v1-tls"}}
    assert subset["labels"].items() <= pods.items()
    mailhog = dev.object("VirtualService", "mailhog", "mailhog")
    assert mailhog["hosts"] == ["mailhog.example.com"]
    assert mailhog["http"][0]["route"][0]["destination"]["host"] == "mailhog.mailhog.svc.cluster.local"
    for namespace, name, host in (
        ("ns1", "helloworld-gateway", "hello-tls.example.com"),
        ("mailhog", "mailhog-gateway", "mailhog.example.com"),
    ):
        gateway = dev.object("Gateway", namespace, name)
        assert [server["hosts"] for server in gateway["servers"]] == [[host]]
        assert gateway["selector"] == {"istio": "ingressgateway"}


def test_mailhogs_ports_tell_istio_their_protocols(dev: Registrations) -> None:
    ports = dev.object("Service", "mailhog", "mailhog")["ports"]
    assert {port["name"]: port["port"] for port in ports} == {"tcp-smtp": 1025, "http": 8025}


def test_our_pods_are_not_root_and_have_probes_requests_and_an_identity_of_their_own(dev: Registrations) -> None:
    deployments = [row for row in dev.of("Deployment") if row.name != "sidecar-by-annotation-deployment"]
    assert len(deployments) == 4
    for row in deployments:
        pod = row.inputs["spec"]["template"]["spec"]
        (container,) = pod["containers"]
        security = container["securityContext"]
        assert "securityContext" not in pod, "it would hold for Istio's init container too, which is root"
        assert security["runAsNonRoot"] is True
        assert security["runAsUser"] > 0
        assert security["allowPrivilegeEscalation"] is False
        assert security["capabilities"] == {"drop": ["ALL"]}
        assert security["seccompProfile"] == {"type": "RuntimeDefault"}
        assert {"readinessProbe", "livenessProbe"} <= container.keys()
        assert container["resources"]["requests"]
        assert container["imagePullPolicy"] == "IfNotPresent"
        assert pod["serviceAccountName"] == row.inputs["metadata"]["name"]
        assert row.options["customTimeouts"]["create"] == "2m"


def test_no_old_replica_set_is_there_to_be_used_again(dev: Registrations) -> None:
    assert {row.inputs["spec"]["revisionHistoryLimit"] for row in dev.of("Deployment")} == {0}


def test_kubernetes_before_1_19_is_not_given_a_field_that_it_does_not_know() -> None:
    stack = run(settings(), minor=18)
    assert "seccompProfile" not in str([row.inputs for row in stack.resources])


def test_the_images_of_the_applications_are_settings() -> None:
    stack = run(settings(echoImage="registry.example.com/echo:1", mailhogImage="registry.example.com/mail:2"))
    images = {row.name: row.inputs["spec"]["template"]["spec"]["containers"][0]["image"] for row in stack.of("Deployment")}
    assert images == {
        "hello-deployment": "registry.example.com/echo:1",
        "world-deployment": "registry.example.com/echo:1",
        "end-deployment": "registry.example.com/echo:1",
        "mailhog-deployment": "registry.example.com/mail:2",
    }


def test_the_outputs_say_where_things_are(dev: Registrations) -> None:
    assert dev.outputs["gateway"] == {
        "addresses": ["10.200.0.2"],
        "ports": {"http2": {"port": 80, "nodePort": 31380}, "https": {"port": 443}},
    }
    assert run(settings()).outputs["gateway"]["addresses"] == ["192.0.2.7"], "the load balancer's"
    assert run(settings()).outputs["hosts"] == {"hello": "hello-tls.example.com", "mailhog": "mailhog.example.com"}
    assert dev.outputs["clusterUid"] == "uid-of-kube-system"
    assert dev.secrets == {"logins"}
