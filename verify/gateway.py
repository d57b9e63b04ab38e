"""What Pilot tells the ingress gateway: what it serves, by which certificate, and where it sends each host."""

from collections.abc import Iterator, Mapping
from typing import Any

from components.namespaces import SYSTEM
from verify.answer import Answer

_WHO = "Pilot, as the gateway"
_APPLICATIONS = {
    "hello": "outbound|8080|v1-tls|hello.ns1.svc.cluster.local",
    "mailhog": "outbound|8025||mailhog.mailhog.svc.cluster.local",
}


def asked(program: dict[str, Any], outputs: Mapping[str, Any]) -> list[Answer]:
    """Every answer about the gateway. program: pilot-query's document of a gateway's pod; outputs: the stack's."""
    hosts = {outputs["hosts"][name]: cluster for name, cluster in _APPLICATIONS.items()}
    answers = [_goes(program, "http", host, cluster) for host, cluster in hosts.items()]
    if certificate := outputs.get("certificate"):
        answers.append(_serves(program, certificate))
        answers += [_goes(program, "https", host, cluster) for host, cluster in hosts.items()]
    # A dashboard's log-in is nothing for plaintext, whatever the stack does with its applications.
    redirected = [host for name, host in outputs["hosts"].items() if outputs.get("httpsRedirect") or name not in _APPLICATIONS]
    return [*answers, *(_redirects(program, host) for host in redirected), *_dashboards(program, outputs)]


def _goes(program: dict[str, Any], scheme: str, host: str, cluster: str) -> Answer:
    found = [
        target["name"]
        for served in _served(program, scheme)
        if host in served["domains"]
        for rule in served["routes"]
        for target in rule.get("clusters", [])
    ]
    return Answer(_WHO, f"where {scheme}://{host} goes", ", ".join(found) or "nowhere", found == [cluster])


def _serves(program: dict[str, Any], certificate: Mapping[str, Any]) -> Answer:
    # Other Gateways, of somebody else's, may have certificates of their own.
    chains = [chain for chain in _chains(program) if certificate["host"] in (chain["match"].get("sni") or [])]
    said = [f"{', '.join(chain.get('secrets') or ['none'])} by SDS, {chain.get('min_tls') or 'any version'} at least" for chain in chains]
    well = bool(chains) and all((chain.get("secrets"), chain.get("min_tls")) == ([certificate["secret"]], "TLSv1_2") for chain in chains)
    return Answer(_WHO, "its certificate and least version of TLS", "; ".join(said) or "no HTTPS", well)


def _redirects(program: dict[str, Any], host: str) -> Answer:
    found = [served.get("require_tls") for served in _served(program, "http") if host in served["domains"]]
    well = bool(found) and set(found) == {"ALL"}
    return Answer(_WHO, f"what it answers to http://{host}", "go to https" if well else "no redirect", well)


def _dashboards(program: dict[str, Any], outputs: Mapping[str, Any]) -> list[Answer]:
    """Those with a log-in are served if the stack says so; the others have none of their own, and never are."""
    answers = []
    for name in outputs.get("dashboards", {}):
        found = {
            domain
            for scheme in ("http", "https")
            for served in _served(program, scheme)
            for rule in served["routes"]
            for target in rule.get("clusters", [])
            if target["name"].endswith(f"||{name}.{SYSTEM}.svc.cluster.local")
            for domain in served["domains"]
            if ":" not in domain
        }
        published = outputs["hosts"].get(name) if name in outputs.get("logins", {}) else None
        wanted = {published} if published else set()
        answers.append(Answer(f"{name}.{SYSTEM}", "its name at the gateway", ", ".join(sorted(found)) or "internal only", found == wanted))
    return answers


def _served(program: dict[str, Any], scheme: str) -> Iterator[dict[str, Any]]:
    """The virtual hosts (domains, routes, require_tls) that are served by HTTP, or by HTTPS."""
    names = {chain.get("route") for chain in _chains(program) if (chain["tls"] == "plaintext") == (scheme == "http")}
    return (host for route in program["routes"] if route["name"] in names for host in route["virtual_hosts"])


def _chains(program: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return (chain for listener in program["listeners"] for chain in listener["filter_chains"])
