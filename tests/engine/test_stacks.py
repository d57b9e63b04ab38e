"""Stacks in the local backend, and the committed file of their settings."""

import stat
from pathlib import Path

from tests.engine.project import Project

SETTINGS = "# by hand\nconfig:\n  tiny:word: 'hello'   # a comment\n"


def test_an_up_leaves_the_committed_settings_as_they_are(project: Project, tmp_path: Path) -> None:
    project.program("pulumi.export('word', pulumi.Output.secret(pulumi.Config().require('word')))")
    project.settings(SETTINGS)

    for _ in ("first", "second"):
        project.run("up", "--yes")
    project.run("preview", "--expect-no-changes")

    assert project.outputs() == {"word": "hello"}
    assert (tmp_path / "Pulumi.dev.yaml").read_text() == SETTINGS
    assert "hello" not in project.state()


def test_the_settings_of_the_next_up_are_those_of_the_committed_file(project: Project) -> None:
    project.program("pulumi.export('word', pulumi.Config().require('word'))")
    for word in ("one", "two"):
        project.settings(f"config:\n  tiny:word: {word}\n")
        project.run("up", "--yes")
        assert project.outputs() == {"word": word}


def test_state_and_passphrase_are_for_their_owner_alone(project: Project, tmp_path: Path) -> None:
    project.program()
    project.run("up", "--yes")

    passphrase = tmp_path / ".mesh/passphrase"
    assert stat.S_IMODE(passphrase.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / ".mesh/state").stat().st_mode) == 0o700
    assert passphrase.read_text() not in "".join(project.environment.values())


def test_plain_pulumi_knows_the_stack_and_its_engine(project: Project) -> None:
    project.program("pulumi.export('word', 'hello')")
    project.run("up", "--yes")

    assert project.plain("stack", "output", "word").strip() == "hello"
    assert "warning" not in project.plain("preview", "--non-interactive")
