"""What the ingress gateway is told to serve, and with which certificate."""

from tests.unit.conftest import Registrations, run, settings


def test_https_is_one_gateway_for_all_hosts_with_the_certificate_by_sds(dev: Registrations) -> None:
    (server,) = dev.object("Gateway", "istio-system", "https")["servers"]
    assert (server["port"], server["hosts"]) == ({"number": 443, "name": "https", "protocol": "HTTPS"}, ["*.example.com"])
    assert server["tls"] == {"mode": "SIMPLE", "credentialName": "ingress-certificate", "minProtocolVersion": "TLSV1_2"}
    assert [row.inputs["spec"]["gateways"][1] for row in dev.of("VirtualService")] == ["istio-system/https"] * 4
    values = dev.named("istio", ":Release").inputs["values"]
    assert values["gateways"]["istio-ingressgateway"]["sds"]["enabled"] is True


def test_no_record_is_made_for_every_name_of_the_domain(dev: Registrations) -> None:
    annotations = dev.named("ingress-https").inputs["metadata"]["annotations"]
    assert annotations == {"external-dns.alpha.kubernetes.io/controller": "none"}


def test_http_is_redirected_when_the_setting_says_so() -> None:
    for redirect in (True, False):
        (server,) = run(settings(httpsRedirect=redirect)).object("Gateway", "ns1", "helloworld-gateway")["servers"]
        assert server.get("tls") == ({"httpsRedirect": True} if redirect else None)


def test_the_stacks_own_certificate_lies_in_a_tls_secret_that_the_gateway_may_read(dev: Registrations) -> None:
    secret = dev.named("certificate-secret").inputs
    assert secret["type"] == "kubernetes.io/tls"
    assert secret["metadata"] == {"name": "ingress-certificate", "namespace": "istio-system"}
    assert dev.named("certificate-self-signed").options["additionalSecretOutputs"] == ["authority_key", "key"]
    assert dev.outputs["certificate"] == {"secret": "ingress-certificate", "host": "*.example.com", "authority": "CA"}


def test_a_secret_that_is_there_is_served_and_not_touched() -> None:
    stack = run(settings(certificate="wildcard"))
    assert stack.object("Gateway", "istio-system", "https")["servers"][0]["tls"]["credentialName"] == "wildcard"
    assert not [row for row in stack.resources if row.name.startswith("certificate-")]
    assert stack.outputs["certificate"] == {"secret": "wildcard", "host": "*.example.com", "authority": None}


def test_cert_manager_is_the_charts_own_and_is_asked_for_each_host() -> None:
    stack = run(settings(certificate="cert-manager", certManagerEmail="you@example.com", httpsRedirect=False))
    for chart in ("istio-init", "istio"):
        values = stack.named(chart, ":Release").inputs["values"]
        assert values["certmanager"] == {"enabled": True, "email": "you@example.com"}
    assert stack.named("istio", ":Release").inputs["values"]["global"]["k8sIngress"] == {"enabled": True}, "it answers by an Ingress"
    request = stack.object("Certificate", "istio-system", "ingress-certificate-by-cert-manager")
    assert request["dnsNames"] == ["hello-tls.example.com", "mailhog.example.com"]
    assert request["issuerRef"] == {"kind": "ClusterIssuer", "name": "letsencrypt"}
    assert stack.object("Gateway", "istio-system", "https")["servers"][0]["tls"]["credentialName"] == request["secretName"]


def test_the_gateway_answers_at_the_addresses_that_are_routed_to_the_cluster() -> None:
    stack = run(settings(gatewayAddresses=["192.0.2.10"]))
    values = stack.named("istio", ":Release").inputs["values"]
    assert values["gateways"]["istio-ingressgateway"]["externalIPs"] == stack.outputs["gateway"]["addresses"] == ["192.0.2.10"]
