"""The stacks that the commands find, and the commands that take more than a stack."""

import os
import signal
import socket
from pathlib import Path
from typing import Any

import pytest

from commands import dashboards, istioctl, policies, stack
from commands.stack import Stack
from components.mutual_tls import ServerMode
from lab import paths
from tools import ToolError
from verify import programs
from verify.policies import Agreement, Sent

ELSEWHERE = Stack("kind", "kind-mesh", "1.5.10", None)


def test_dev_is_a_stack_of_the_lab() -> None:
    found = stack.find("dev")
    assert found.lab
    assert found.release in found.lab.releases
    assert found.target.kubeconfig == paths.KUBECONFIG


def test_a_stack_elsewhere_names_its_context_and_leaves_the_kubeconfig_to_kubectl() -> None:
    found = stack.find("kind")
    assert (found.lab, found.target.context, found.target.kubeconfig) == (None, "kind-mesh", None)


def test_a_stack_without_a_file_is_told_with_those_that_have_one() -> None:
    with pytest.raises(ToolError, match=r"there is no Pulumi\.staging9\.yaml; stacks here: .*dev"):
        stack.find("staging9")


def test_the_arguments_of_istioctl_are_words_as_in_a_shell() -> None:
    assert istioctl.words_of("authn tls-check 'a b' --flag=\"c d\"") == ["authn", "tls-check", "a b", "--flag=c d"]
    assert istioctl.words_of("") == []


def test_a_quote_that_is_not_closed_is_told() -> None:
    with pytest.raises(ToolError, match="ARGS cannot be read: No closing quotation"):
        istioctl.words_of("version 'oh")


def test_a_release_without_programs_here_is_told_with_those_that_have_some() -> None:
    with pytest.raises(ToolError, match=r"no programs of Istio 1\.4\.10 here, only of 1\.5\.10"):
        programs.of_release("1.4.10")


class ReplacedError(Exception):
    """Stands for a process that another has taken the place of."""


@pytest.fixture
def executed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Any]:
    """What istioctl was run with, of which there is one in tmp_path."""
    seen: dict[str, Any] = {}

    def execve(program: str, command: list[str], environment: dict[str, str]) -> None:
        seen.update(program=program, command=command, environment=environment)
        raise ReplacedError

    monkeypatch.setattr(os, "execve", execve)
    monkeypatch.setattr(istioctl, "PLACE", tmp_path / "bin")
    monkeypatch.setattr(programs, "of_release", lambda release: tmp_path / release)
    return seen


def test_istioctl_is_told_the_stacks_cluster_whatever_is_current(executed: dict[str, Any], tmp_path: Path) -> None:
    for target, flags in (
        (ELSEWHERE, ["--context", "kind-mesh"]),
        (stack.find("dev"), ["--context", paths.CONTEXT, "--kubeconfig", str(paths.KUBECONFIG)]),
    ):
        with pytest.raises(ReplacedError):
            istioctl.run(target, "proxy-status -n 'ns1'")
        assert executed["command"] == [str(tmp_path / "bin/1.5.10/istioctl"), *flags, "proxy-status", "-n", "ns1"]
    assert executed["environment"]["KUBECONFIG"] == str(paths.KUBECONFIG)


def test_each_release_has_a_link_of_its_own(executed: dict[str, Any], tmp_path: Path) -> None:
    for release in ("1.5.10", "9.9"):
        assert istioctl.place(release).readlink() == tmp_path / release / "istioctl"
    assert sorted(path.name for path in (tmp_path / "bin").rglob("*istioctl*")) == ["istioctl", "istioctl"]


def agreement(accepted: ServerMode, sent: Sent) -> Agreement:
    return Agreement("mailhog.mailhog", 8025, "", accepted, "MeshPolicy default", sent, "DestinationRule ns1/off")


@pytest.mark.parametrize(("sent", "code", "word"), [(Sent.PLAINTEXT, 1, "CONFLICT"), (Sent.MUTUAL_TLS, 0, "OK")])
def test_a_conflict_is_an_exit_code_and_a_row_with_the_objects_names(
    sent: Sent, code: int, word: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = []

    class Told:
        def __init__(self, _: object) -> None: ...

        def of(self, client: str, service: str = "") -> list[Agreement]:
            asked.append((client, service))
            return [agreement(ServerMode.MUTUAL_TLS, sent)]

    monkeypatch.setattr(policies, "PilotPolicies", Told)
    assert policies.print_table(ELSEWHERE, service="mailhog.mailhog") == code
    row = next(line for line in capsys.readouterr().out.splitlines() if "mailhog.mailhog:8025" in line)
    assert row.startswith(word)
    assert "MeshPolicy default" in row
    assert "DestinationRule ns1/off" in row
    assert asked == [("hello.ns1", "mailhog.mailhog")]


def test_a_usual_port_is_used_if_it_is_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert dashboards._usual(port) is None
    assert dashboards._usual(port) == port


KUBECTL = """\
#!/bin/sh
echo $$ >> "$0.pids"
echo "$@" >> "$0.calls"
echo "Forwarding from 127.0.0.1:4000$(wc -l < "$0.pids") -> 1"
exec sleep 1000
"""


@pytest.fixture
def kubectl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A kubectl that opens no way, and says that it did."""
    program = tmp_path / "kubectl"
    program.write_text(KUBECTL)
    program.chmod(0o755)
    monkeypatch.setattr(programs, "kubectl", lambda _: program)
    return program


def test_the_dashboards_are_told_with_their_log_ins_but_no_password_and_a_broken_way_is_opened_again(
    kubectl: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    outputs = {"dashboards": {"kiali": 20001, "tracing": 80}, "logins": {"kiali": {"username": "admin", "password": "hidden"}}}

    class Engine:
        def __init__(self, _: Stack) -> None: ...

        def outputs(self) -> dict[str, Any]:
            return outputs

    monkeypatch.setattr(dashboards, "Pulumi", Engine)
    monkeypatch.setattr(dashboards, "_usual", lambda port: port)
    mend, table, pids = dashboards._mend, dashboards._table, kubectl.with_name("kubectl.pids")

    def table_and_then_a_fault(*arguments: Any) -> Any:
        os.kill(int(pids.read_text().split()[0]), signal.SIGTERM)
        return table(*arguments)

    def mend_and_then_ctrl_c(*arguments: Any) -> None:
        mend(*arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(dashboards, "_table", table_and_then_a_fault)
    monkeypatch.setattr(dashboards, "_mend", mend_and_then_ctrl_c)
    assert dashboards.serve(ELSEWHERE) == 0
    printed = capsys.readouterr().out
    assert "http://127.0.0.1:40001/kiali" in printed
    assert "http://127.0.0.1:40002/jaeger" in printed
    assert "admin; in `make shell`: pulumi stack output logins --show-secrets" in printed
    assert "hidden" not in printed
    assert "kiali: the way is broken (kubectl ended); opening it again" in printed
    assert "kiali: open again at http://127.0.0.1:40003/kiali" in printed
    calls = kubectl.with_name("kubectl.calls").read_text().splitlines()
    assert [call.split()[-2:] for call in calls] == [
        ["service/kiali", "20001:20001"], ["service/tracing", "16686:80"], ["service/kiali", "40001:20001"],
    ]  # fmt: skip
    assert not [pid for pid in pids.read_text().split() if Path("/proc", pid).exists()]


def test_a_stack_without_dashboards_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    class Engine:
        def __init__(self, _: Stack) -> None: ...

        def outputs(self) -> dict[str, Any]:
            return {"cluster": "kind-mesh"}

    monkeypatch.setattr(dashboards, "Pulumi", Engine)
    with pytest.raises(ToolError, match="the stack kind has no dashboards"):
        dashboards.serve(ELSEWHERE)
