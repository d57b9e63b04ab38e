"""The dashboards: by name only with a log-in, and from this machine by ways that stay open."""

import queue
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import urllib3
from kubernetes import client

from commands.pulumi import Pulumi
from components.namespaces import SYSTEM
from tests.lab.commandline import PROJECT
from tests.lab.waiting import eventually
from verify.mesh import Mesh

SECONDS = 60
API = {"kiali": "/api/namespaces", "grafana": "api/org", "tracing": "/api/services", "prometheus": "-/ready"}
"""Below each dashboard's address: what asks for the log-in, where there is one."""


class Command:
    """`make dashboards`, and what it prints, line by line."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-u", "-m", "commands", "dashboards", "dev"],
            cwd=PROJECT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        self.printed = ""

    def until(self, pattern: str) -> re.Match[str]:
        """The first line that matches; waits for it."""
        while not (found := re.search(pattern, self.printed, re.MULTILINE)):
            self.printed += self._lines.get(timeout=SECONDS)
        return found

    def has_printed(self, text: str) -> bool:
        """Whether it has by now."""
        while not self._lines.empty():
            self.printed += self._lines.get()
        return text in self.printed

    def end(self) -> int:
        """Press Ctrl-C, and return the exit code."""
        self._process.send_signal(signal.SIGINT)
        return self._process.wait(SECONDS)

    def _read(self) -> None:
        for line in self._process.stdout or ():
            self._lines.put(line)


@pytest.fixture
def command(pulumi: Pulumi) -> Iterator[Command]:
    """The command, ended afterwards."""
    started = Command()
    yield started
    started.end()


def test_the_printed_addresses_answer_and_ask_for_a_log_in(command: Command, outputs: dict[str, Any]) -> None:
    addresses = {name: command.until(rf"^{name} +(http://127\.0\.0\.1:\d+/\S*)")[1] for name in outputs["dashboards"]}
    command.until("open until Ctrl-C")
    for name, address in addresses.items():
        login = outputs["logins"].get(name)
        assert urllib3.request("GET", address + API[name]).status == (401 if login else 200), name
        if login:
            headers = urllib3.make_headers(basic_auth=f"{login['username']}:{login['password']}")
            assert urllib3.request("GET", address + API[name], headers=headers).status == 200, name
            assert login["password"] not in command.printed
    assert re.search(r"/kiali +admin; in `make shell`: pulumi stack output logins --show-secrets", command.printed)
    assert command.end() == 0
    for address in addresses.values():
        with pytest.raises(urllib3.exceptions.MaxRetryError):
            urllib3.request("GET", address, retries=0)


def test_a_way_that_breaks_is_opened_again_at_the_same_address(command: Command, api: client.ApiClient) -> None:
    address = command.until(r"^grafana +(http://\S+)")[1]
    command.until("open until Ctrl-C")
    core = client.CoreV1Api(api)
    core.delete_collection_namespaced_pod(SYSTEM, label_selector="app=grafana", grace_period_seconds=0)

    def answers() -> bool:
        try:
            return urllib3.request("GET", f"{address}api/health", retries=False, timeout=2).status == 200
        except urllib3.exceptions.HTTPError:
            return False

    def told() -> bool:
        answers()  # that the pod is gone shows only when the way is used
        return command.has_printed("grafana: the way is broken")

    eventually(told, SECONDS)
    assert command.until("grafana: open again at (.*)")[1] == address
    assert "grafana: the way is broken" in command.printed
    eventually(answers, SECONDS)


def test_those_with_a_log_in_are_at_the_gateway_by_name_and_the_others_are_not(mesh: Mesh, outputs: dict[str, Any]) -> None:
    told = {answer.subject: answer for answer in mesh.ask_pilot() if answer.question == "its name at the gateway"}
    assert all(answer.well for answer in told.values())
    assert {subject: answer.said for subject, answer in told.items()} == {
        f"kiali.{SYSTEM}": outputs["hosts"]["kiali"],
        f"grafana.{SYSTEM}": outputs["hosts"]["grafana"],
        f"tracing.{SYSTEM}": "internal only",
        f"prometheus.{SYSTEM}": "internal only",
    }
