"""The mesh, as one stack: settings, cluster, control plane, mutual TLS, DNS, way in, applications, outputs."""

import pulumi
from pulumi import ResourceOptions

from components import cluster, dashboards, dns_providers, errors, external_dns, namespaces, pod_watch, settings
from components.certificate import Certificate
from components.control_plane import ControlPlane
from components.dashboards import DashboardLogins, PublishedDashboards
from components.external_dns import ExternalDns
from components.hello_world import HelloWorld
from components.ingress import Ingress
from components.mailhog import MailHog
from components.mutual_tls import MutualTls
from components.namespaces import Namespaces
from components.sidecar_by_annotation import SidecarByAnnotation

errors.end_quietly()
with errors.told():
    wanted = settings.load()
    target = cluster.named(wanted.cluster)
    facts = cluster.check(target, wanted.release)
pod_watch.start(target, namespaces.ALL)

provider = target.provider("cluster")
homes = Namespaces("namespaces", ResourceOptions(provider=provider))
system = homes.names[namespaces.SYSTEM]

before: list[pulumi.Resource] = [homes]
if wanted.dashboards:
    logins = DashboardLogins("dashboards", system, ResourceOptions(provider=provider))
    before.append(logins)
    pulumi.export("logins", logins.logins)
    pulumi.export("dashboards", dashboards.SERVICES)

control_plane = ControlPlane(
    "istio",
    settings=wanted,
    addresses=wanted.gateway_addresses or target.addresses,
    namespace=system,
    opts=ResourceOptions(provider=provider, depends_on=before),
)
on_istio = ResourceOptions(provider=provider, depends_on=[control_plane])
mutual_tls = MutualTls(
    "mutual-tls",
    phase=wanted.mutual_tls,
    sidecarless=wanted.sidecarless_namespaces,
    kind=wanted.release.policy,
    root_namespace=system,
    opts=on_istio,
)
certificate = Certificate(
    "certificate", source=wanted.certificate, domain=wanted.domain, hosts=wanted.hosts, namespace=system, opts=on_istio
)
ingress = Ingress(
    "ingress",
    domain=wanted.domain,
    certificate=certificate.secret,
    redirect=wanted.https_redirect,
    namespace=system,
    opts=on_istio,
)

in_the_mesh: list[pulumi.Resource] = [mutual_tls, ingress]
if wanted.dns_provider != dns_providers.NONE:
    in_the_mesh.append(ExternalDns("external-dns", settings=wanted, cluster=target, namespace=system, opts=on_istio))
if wanted.sidecar_by_annotation:
    by_annotation = SidecarByAnnotation(
        "sidecar-by-annotation", settings=wanted, namespace=system, istio=control_plane.namespace, opts=on_istio
    )
    in_the_mesh.append(by_annotation)

app = ResourceOptions(provider=provider, depends_on=in_the_mesh)
HelloWorld("helloworld", settings=wanted, host=wanted.hosts["hello"], ingress=ingress, homes=homes, kubernetes_minor=facts.minor, opts=app)
MailHog("mailhog", settings=wanted, host=wanted.hosts["mailhog"], ingress=ingress, homes=homes, kubernetes_minor=facts.minor, opts=app)
if wanted.publish_dashboards:
    PublishedDashboards("published", hosts=wanted.hosts, ingress=ingress, namespace=system, opts=app)

pulumi.export("cluster", wanted.cluster)
pulumi.export("release", wanted.release.version)
pulumi.export("mutualTls", mutual_tls.phase)
pulumi.export("gateway", {"addresses": control_plane.gateway_addresses, "ports": control_plane.gateway_ports})
pulumi.export("hosts", wanted.hosts)
pulumi.export("httpsRedirect", wanted.https_redirect)
pulumi.export("certificate", {"secret": certificate.secret, "host": f"*.{wanted.domain}", "authority": certificate.authority})
pulumi.export("dns", external_dns.summary(wanted))
pulumi.export("sidecarByAnnotation", wanted.sidecar_by_annotation)
pulumi.export("clusterUid", facts.uid)
