"""The Pulumi engine of this machine: the one on PATH where it is new enough, else one that is built here.

`eval "$(python -m tools.engine env)"` prepares a shell; `python -m tools.engine run [--stack STACK] -- COMMAND…` runs one command.
"""

import hashlib
import os
import re
import shlex
import shutil
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from filelock import FileLock

from tools import ToolError, backend
from tools.build import ensure
from tools.modules import cache_dir

PROJECT = Path(__file__).parent.parent
HOSTS = ["pulumi", "pulumi-language-python"]
PLUGINS = ["kubernetes", "random"]
MODULES = [*HOSTS, *(f"pulumi-resource-{plugin}" for plugin in PLUGINS)]


class EngineError(ToolError):
    """The engine cannot be had or used."""


@dataclass(frozen=True)
class Engine:
    """Where `pulumi` is; `home` is set for one that was built here."""

    pulumi: Path
    version: str
    home: Path | None = None


def environment(project: Path = PROJECT, base: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment in which `pulumi` works on `project`, on top of `base` (default: ours); build what is missing.

    Raises ToolError.
    """
    base = os.environ if base is None else base
    python = PROJECT / ".venv/bin/python"
    if not python.exists():
        raise EngineError(f"there is no Python environment in {python.parent.parent}; `make up` makes it")
    search = _search(base)
    engine = _on_path(os.pathsep.join(search)) or _built()
    result = dict(base) | {"PULUMI_PYTHON_CMD": str(python)}
    users_home = Path(base.get("PULUMI_HOME") or Path(base.get("HOME") or Path.home()) / ".pulumi")
    result |= backend.settings(project, users_home, base)
    path = [str(python.parent), *(entry for entry in search if entry != str(python.parent))]
    if engine.home:
        path.insert(1, str(engine.home / "bin"))
        result |= {
            "PULUMI_HOME": str(engine.home),
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }
    return result | {"PATH": os.pathsep.join(path)}


def modules() -> list[str]:
    """Return the modules of this folder that the engine is built from; none where the one on PATH is used."""
    return [] if _on_path(os.pathsep.join(_search(os.environ))) else MODULES


def required(package: str) -> str:
    """Return the version of a package in requirements.txt, which is also that of its plug-in, and the oldest of the engine."""
    found = re.search(rf"^{package}==(\S+)", (PROJECT / "requirements.txt").read_text(), re.MULTILINE)
    if not found:
        raise EngineError(f"requirements.txt names no version of {package}")
    return found[1]


def _search(base: Mapping[str, str]) -> list[str]:
    """The entries of PATH that are not ours."""
    return [entry for entry in base.get("PATH", "").split(os.pathsep) if not Path(entry).is_relative_to(cache_dir())]


@cache
def _on_path(search: str) -> Engine | None:
    oldest = required("pulumi")
    if not (found := shutil.which("pulumi", path=search)):
        return None
    version = _version(Path(found))
    if _numbers(oldest) <= _numbers(version) < (_numbers(oldest)[0] + 1,):
        print(f"engine: pulumi {version} on PATH ({found}), with its own plug-ins", file=sys.stderr)
        return Engine(Path(found), version)
    print(f"engine: pulumi {version} on PATH ({found}) is passed over, {oldest} or a newer 3.x is needed", file=sys.stderr)
    return None


@cache
def _built() -> Engine:
    home = _home()
    version = required("pulumi")
    print(f"engine: pulumi {version}, built here ({home})", file=sys.stderr)
    return Engine(home / "bin/pulumi", version, home)


def _home() -> Path:
    """Return a PULUMI_HOME with the engine and the plug-ins that are built here."""
    results = ensure(MODULES)
    key = hashlib.sha256("\n".join(result.name for result in results.values()).encode()).hexdigest()[:16]
    home = cache_dir() / f"pulumi-home-{key}"
    with FileLock(cache_dir() / "pulumi-home.lock"):
        if not home.is_dir():
            new = home.with_suffix(".new")
            shutil.rmtree(new, ignore_errors=True)
            (new / "bin").mkdir(parents=True)
            for host in HOSTS:
                for binary in (results[host] / "bin").iterdir():
                    (new / "bin" / binary.name).hardlink_to(binary)
            for plugin in PLUGINS:
                _install(new, plugin, results[f"pulumi-resource-{plugin}"] / f"bin/pulumi-resource-{plugin}")
            new.rename(home)
            for older in cache_dir().glob("pulumi-home-*"):
                if older.is_dir() and older != home:
                    shutil.rmtree(older)
    return home


def _install(home: Path, plugin: str, binary: Path) -> None:
    command = [home / "bin/pulumi", "plugin", "install", "resource", plugin, required(f"pulumi-{plugin}"), "--file", binary]
    environment = dict(os.environ) | {"PULUMI_HOME": str(home), "PULUMI_SKIP_UPDATE_CHECK": "true"}
    done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
    if done.returncode:
        raise EngineError(f"the plug-in {plugin} could not be installed into {home}: {done.stderr.strip()}")
    for copy in (home / "plugins").glob(f"*/{binary.name}"):  # hundreds of megabytes: once is enough
        copy.unlink()
        copy.hardlink_to(binary)


def _version(pulumi: Path) -> str:
    done = subprocess.run(
        [pulumi, "version"], env=dict(os.environ) | {"PULUMI_SKIP_UPDATE_CHECK": "true"}, check=False, capture_output=True, text=True
    )
    return done.stdout.strip().removeprefix("v") or "of unknown version"


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:3])


def main(arguments: list[str]) -> int:
    """Run the command line and return the exit code."""
    parser = ArgumentParser(prog="python -m tools.engine", description="The Pulumi engine of this machine.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("env", help="print what a shell has to `eval`")
    run = commands.add_parser("run", help="run a command with the engine")
    run.add_argument("--stack", help="make this stack where it is missing, and end the command with its options")
    run.add_argument("words", nargs="+", metavar="COMMAND", help="after `--`, such as: -- pulumi preview")
    wanted = parser.parse_args(arguments)
    try:
        settings = environment()
        if wanted.command == "env":
            for name, value in settings.items():
                if value != os.environ.get(name):
                    print(f"export {name}={shlex.quote(value)}")
            return 0
        words = wanted.words + (backend.stack_options(PROJECT, wanted.stack, settings) if wanted.stack else [])
        if not (program := shutil.which(words[0], path=settings["PATH"])):
            raise EngineError(f"there is no command {words[0]!r}")
    except ToolError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return os.execve(program, words, settings)  # noqa: S606 - the command takes our place, and with it signals and the exit code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
