"""Where stacks are kept: in the user's own backend, or else in files below the project's ignored `.mesh` directory."""

import json
import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tools import ToolError


class BackendError(ToolError):
    """A stack cannot be found or made."""


def settings(project: Path, users_home: Path, base: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that choose the backend and its passphrase, on top of `base`.

    The user's PULUMI_BACKEND_URL, PULUMI_ACCESS_TOKEN, or login in `users_home` wins; else stacks are files in `project`/.mesh/state.
    """
    ours = _url(project)
    if base.get("PULUMI_BACKEND_URL", ours) != ours or base.get("PULUMI_ACCESS_TOKEN"):
        return {}
    if "PULUMI_BACKEND_URL" not in base and _logged_in(users_home):
        return {"PULUMI_CREDENTIALS_PATH": base.get("PULUMI_CREDENTIALS_PATH", str(users_home))}
    state = _directory(project) / "state"
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    # A stack's file of settings is committed, the salt that belongs to this checkout's passphrase must not be: it lies in the state.
    result = {"PULUMI_BACKEND_URL": ours, "PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER": "true"}
    if not {"PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"} & base.keys():
        result["PULUMI_CONFIG_PASSPHRASE_FILE"] = str(_passphrase(project, state))
    return result


def stack_options(project: Path, stack: str, environment: Mapping[str, str]) -> list[str]:
    """Select the stack, make it where it is missing, and return its options for up, preview, refresh and destroy.

    In our own backend the engine works on a copy of the stack's file of settings, since it writes the passphrase's salt there.
    """
    file = project / f"Pulumi.{stack}.yaml"
    if not file.is_file():
        known = ", ".join(sorted(path.name.split(".")[1] for path in project.glob("Pulumi.*.yaml"))) or "none"
        raise BackendError(f"no stack {stack!r}: there is no {file.name} in {project}; there are: {known}")
    if environment.get("PULUMI_BACKEND_URL") != _url(project):
        _pulumi(["stack", "select", "--create", stack], project, environment)
        return ["--stack", stack]
    try:
        _pulumi(["stack", "select", stack], project, environment)
    except BackendError:  # where it is missing
        with tempfile.TemporaryDirectory(dir=_directory(project)) as elsewhere:
            shutil.copy(project / "Pulumi.yaml", elsewhere)
            _pulumi(["stack", "init", stack], Path(elsewhere), environment)
        _pulumi(["stack", "select", stack], project, environment)
    copy = _directory(project) / file.name
    shutil.copyfile(file, copy)
    return ["--stack", stack, "--config-file", str(copy)]


def _directory(project: Path) -> Path:
    return project / ".mesh"


def _url(project: Path) -> str:
    return f"file://{_directory(project) / 'state'}"


def _passphrase(project: Path, state: Path) -> Path:
    file = _directory(project) / "passphrase"
    if not file.exists():
        if any(state.iterdir()):
            raise BackendError(
                f"{file} is gone, but {state} holds stacks that were encrypted with it; put it back, or set PULUMI_CONFIG_PASSPHRASE_FILE; "
                f"remove {state} if what it describes no longer exists"
            )
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as new:
            new.write(secrets.token_urlsafe(32))
    return file


def _logged_in(home: Path) -> bool:
    try:
        credentials = json.loads((home / "credentials.json").read_text())
    except FileNotFoundError:
        return False
    except ValueError:
        return True  # encrypted, so there is a login
    # After a logout nothing is current; other content is an encrypted file again.
    return bool(credentials) and bool(credentials.get("current", not credentials.keys() & {"accounts", "accessTokens"}))


def _pulumi(arguments: list[str], directory: Path, environment: Mapping[str, str]) -> None:
    command = ["pulumi", *arguments, "--non-interactive"]
    program = shutil.which("pulumi", path=environment["PATH"]) or "pulumi"
    done = subprocess.run(command, executable=program, cwd=directory, env=dict(environment), check=False, capture_output=True, text=True)
    if done.returncode:
        raise BackendError(f"`{' '.join(command)}` failed: {done.stderr.strip()}")
