"""Requests that are really sent, from a pod in the mesh."""

import base64
import json
import secrets

from verify.answer import Answer
from verify.probe import Probe

GREETING = "hello world !!!"


def hello(probe: Probe) -> Answer:
    """hello asks world, world asks end: only the body tells whether all three answered (docs: http-echo says 200 in any case)."""
    body = probe.get("http://hello.ns1:8080/").strip()
    return Answer("hello.ns1:8080", "GET /, answered by hello, world and end", body, body == GREETING)


def mail(probe: Probe) -> Answer:
    """A mail sent by SMTP is read back from MailHog's API."""
    mark = secrets.token_hex(8)
    letter = f"From: mesh@example.com\r\nTo: you@example.com\r\nSubject: {mark}\r\n\r\nsent through the mesh\r\n"
    sent = probe.run(
        "curl", "--silent", "--show-error", "--max-time", "10", "smtp://mailhog.mailhog:1025",
        "--mail-from", "mesh@example.com", "--mail-rcpt", "you@example.com", "--upload-file", "-", stdin=letter,
    ).strip()  # fmt: skip
    found = probe.get(f"http://mailhog.mailhog:8025/api/v2/search?kind=containing&query={mark}")
    well = not sent and _json(found).get("count") == 1
    return Answer("mailhog.mailhog", "a mail by SMTP, read back from its API", "the same mail" if well else sent or found, well)


def dashboards(probe: Probe, logins: dict[str, dict[str, str]]) -> list[Answer]:
    """Each dashboard's server answers; Kiali and Grafana let in the stack's log-in and nobody else.

    logins: dashboard -> {"username", "password"}.
    """
    answers = []
    for name, url in (
        ("prometheus", "http://prometheus.istio-system:9090/-/ready"),
        ("jaeger", "http://tracing.istio-system/jaeger/api/services"),
        ("grafana", "http://grafana.istio-system:3000/api/health"),
        ("kiali", "http://kiali.istio-system:20001/kiali/healthz"),
    ):
        status = _status(probe, url)
        answers.append(Answer(f"{name}.istio-system", "its server answers", status, status == "200"))
    for name, url in (
        ("grafana", "http://grafana.istio-system:3000/api/org"),
        ("kiali", "http://kiali.istio-system:20001/kiali/api/namespaces"),
    ):
        stranger, friend = _status(probe, url), _status(probe, url, logins.get(name))
        said = f"without {stranger}, with {friend}"
        answers.append(Answer(f"{name}.istio-system", "with and without the stack's log-in", said, (stranger, friend) == ("401", "200")))
    return answers


def _status(probe: Probe, url: str, login: dict[str, str] | None = None) -> str:
    options = ["--output", "/dev/null", "--write-out", "%{http_code}"]
    if not login:
        return probe.get(url, *options).strip()
    # The log-in goes in by standard input: arguments can be read in the node's process list.
    token = base64.b64encode(f"{login['username']}:{login['password']}".encode()).decode()
    command = ("curl", "--silent", "--max-time", "10", "--header", "@-", *options, url)
    return probe.run(*command, stdin=f"Authorization: Basic {token}").strip()


def _json(text: str) -> dict[str, object]:
    try:
        return json.loads(text)
    except ValueError:
        return {}
