"""The mesh, as one stack: settings, cluster, control plane, mutual TLS, applications, outputs."""

import pulumi
from pulumi import ResourceOptions

from components import cluster, dashboards, errors, namespaces, pod_watch, settings
from components.control_plane import ControlPlane
from components.dashboards import DashboardLogins
from components.hello_world import HelloWorld
from components.mailhog import MailHog
from components.mutual_tls import MutualTls
from components.namespaces import Namespaces

errors.end_quietly()
with errors.told():
    wanted = settings.load()
    target = cluster.named(wanted.cluster, is_lab=wanted.cluster == settings.LAB)
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

control_plane = ControlPlane("istio", settings=wanted, namespace=system, opts=ResourceOptions(provider=provider, depends_on=before))
mutual_tls = MutualTls(
    "mutual-tls",
    phase=wanted.mutual_tls,
    sidecarless=wanted.sidecarless_namespaces,
    kind=wanted.release.policy,
    root_namespace=system,
    opts=ResourceOptions(provider=provider, depends_on=[control_plane]),
)
in_the_mesh = ResourceOptions(provider=provider, depends_on=[mutual_tls])
hello = HelloWorld("helloworld", settings=wanted, homes=homes, kubernetes_minor=facts.minor, opts=in_the_mesh)
mailhog = MailHog("mailhog", settings=wanted, homes=homes, kubernetes_minor=facts.minor, opts=in_the_mesh)

pulumi.export("cluster", wanted.cluster)
pulumi.export("release", wanted.release.version)
pulumi.export("mutualTls", mutual_tls.phase)
pulumi.export("gateway", {"addresses": control_plane.gateway_addresses, "ports": control_plane.gateway_ports})
pulumi.export("hosts", {"hello": hello.host, "mailhog": mailhog.host})
pulumi.export("clusterUid", facts.uid)
