"""The choice of the engine."""

import os
from pathlib import Path

import pytest

from tools import engine
from tools.modules import Module, find


def newest(version: str, change: int) -> str:
    major, minor, patch = version.split(".")
    return f"{major}.{int(minor) + change}.{patch}"


@pytest.fixture
def on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Put a `pulumi` of some version on a PATH; what would be built here lies in tmp_path/home."""
    monkeypatch.setattr(engine, "_home", lambda: tmp_path / "home")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    forget()

    def put(version: str, directory: str = "theirs") -> dict[str, str]:
        pulumi = tmp_path / directory / "pulumi"
        pulumi.parent.mkdir(parents=True)
        pulumi.write_text(f"#!/bin/sh\necho v{version}\n")
        pulumi.chmod(0o755)
        return {"PATH": f"{pulumi.parent}{os.pathsep}/usr/bin", "PULUMI_BACKEND_URL": "s3://theirs"}

    yield put
    forget()


def forget() -> None:
    engine._on_path.cache_clear()
    engine._built.cache_clear()


def test_a_new_enough_engine_on_path_is_used_with_its_own_plugins(on_path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    version = newest(engine.required("pulumi"), +1)

    chosen = engine.environment(tmp_path, on_path(version))

    assert "PULUMI_HOME" not in chosen
    assert chosen["PATH"].split(os.pathsep)[1:] == [str(tmp_path / "theirs"), "/usr/bin"]
    assert f"pulumi {version} on PATH" in capsys.readouterr().err


@pytest.mark.parametrize("version", [newest(engine.required("pulumi"), -1), "4.0.0", "nonsense"])
def test_an_engine_that_does_not_fit_is_passed_over_and_named(
    on_path, tmp_path: Path, capsys: pytest.CaptureFixture[str], version: str
) -> None:
    chosen = engine.environment(tmp_path, on_path(version))

    assert chosen["PULUMI_HOME"] == str(tmp_path / "home")
    assert chosen["PATH"].split(os.pathsep)[1] == str(tmp_path / "home/bin")
    assert f"pulumi {version} on PATH" in capsys.readouterr().err


def test_our_own_engine_in_a_prepared_shell_is_not_taken_for_the_users(on_path, tmp_path: Path) -> None:
    base = on_path(engine.required("pulumi"), directory="cache/mesh/pulumi-home-0/bin")

    chosen = engine.environment(tmp_path, base)

    assert chosen["PULUMI_HOME"] == str(tmp_path / "home")
    assert "pulumi-home-0" not in chosen["PATH"]


@pytest.mark.parametrize(
    ("module", "package"),
    [("pulumi", "pulumi"), ("pulumi-resource-kubernetes", "pulumi-kubernetes"), ("pulumi-resource-random", "pulumi-random")],
)
def test_what_is_built_carries_the_version_of_its_python_package(module: str, package: str) -> None:
    built: Module = find(module)
    assert built.facts["ldflags"].endswith(f"={engine.required(package)}")
