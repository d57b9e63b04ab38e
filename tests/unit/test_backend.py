"""The choice of the backend, and what it asks of the user."""

from pathlib import Path

import pytest

from tools import backend


def settings(project: Path, credentials: str | None = None, **base: str) -> dict[str, str]:
    if credentials is not None:
        (project / "credentials.json").write_text(credentials)
    return backend.settings(project, project, base)


def test_without_a_choice_of_the_user_stacks_are_files_of_the_project(tmp_path: Path) -> None:
    chosen = settings(tmp_path)
    assert chosen["PULUMI_BACKEND_URL"] == f"file://{tmp_path}/.mesh/state"
    assert chosen["PULUMI_CONFIG_PASSPHRASE_FILE"] == str(tmp_path / ".mesh/passphrase")


@pytest.mark.parametrize("base", [{"PULUMI_BACKEND_URL": "s3://theirs"}, {"PULUMI_ACCESS_TOKEN": "theirs"}])
def test_a_backend_of_the_user_is_left_alone(tmp_path: Path, base: dict[str, str]) -> None:
    assert settings(tmp_path, **base) == {}
    assert not (tmp_path / ".mesh").exists()


@pytest.mark.parametrize("credentials", ['{"current": "https://theirs", "accounts": {}}', '{"envelope": 1}', "not JSON"])
def test_a_login_of_the_user_wins(tmp_path: Path, credentials: str) -> None:
    assert settings(tmp_path, credentials) == {"PULUMI_CREDENTIALS_PATH": str(tmp_path)}


@pytest.mark.parametrize("credentials", ["{}", '{"accounts": {"https://theirs": {}}}'])
def test_after_a_logout_there_is_no_login(tmp_path: Path, credentials: str) -> None:
    assert "PULUMI_BACKEND_URL" in settings(tmp_path, credentials)


@pytest.mark.parametrize("name", ["PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"])
def test_a_passphrase_of_the_user_wins(tmp_path: Path, name: str) -> None:
    assert "PULUMI_CONFIG_PASSPHRASE_FILE" not in settings(tmp_path, **{name: "theirs"})
    assert not (tmp_path / ".mesh/passphrase").exists()


def test_the_passphrase_is_made_once(tmp_path: Path) -> None:
    texts = {Path(settings(tmp_path)["PULUMI_CONFIG_PASSPHRASE_FILE"]).read_text() for _ in range(2)}
    assert len(texts) == 1
    assert len(texts.pop()) > 30


def test_a_lost_passphrase_is_said_before_the_engine_stumbles(tmp_path: Path) -> None:
    settings(tmp_path)
    (tmp_path / ".mesh/passphrase").unlink()
    (tmp_path / ".mesh/state/stack").touch()
    with pytest.raises(backend.BackendError, match="passphrase is gone"):
        settings(tmp_path)


def test_an_unknown_stack_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.dev.yaml").touch()
    with pytest.raises(backend.BackendError, match=r"no stack 'prod'.*there are: dev"):
        backend.stack_options(tmp_path, "prod", {})
