"""Builds the Go modules of this folder into the user's cache directory, each once for a machine.

`python -m tools.build NAME…` builds what is missing and prints the results' directories.
"""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from tools.logs import last_lines
from tools.modules import BuildError, Module, cache_dir, find
from tools.progress import Progress

AT_ONCE = 2
GIGABYTES_FOR_ONE, GIGABYTES_FOR_MANY = 4, 26  # free space: for each missing module, and enough for all of them


def ensure(names: Iterable[str], progress: Progress | None = None) -> dict[str, Path]:
    """Return the result directories of these modules, by name; build what is missing, and show it in `progress`.

    Raises BuildError. One call builds at a time on a machine: others wait for it and find its results.
    """
    modules = [find(name) for name in dict.fromkeys(names)]
    if any(not module.result.is_dir() for module in modules):
        try:
            cache_dir().mkdir(parents=True, exist_ok=True)
            with nullcontext(progress) if progress else Progress() as shown, _locked(shown):
                missing = [module for module in modules if not module.result.is_dir()]
                _build_all(sorted(missing, key=lambda module: -module.facts.get("weight", 60)), shown)
        except OSError as error:
            raise BuildError(f"cannot build into {cache_dir()}: {error}; XDG_CACHE_HOME names another place") from error
    return {module.name: module.result for module in modules}


@contextmanager
def _locked(progress: Progress) -> Iterator[None]:
    lock = FileLock(cache_dir() / "build.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        progress.start("waiting", lambda: f"another process is building into {cache_dir()}")
        while not lock.is_locked:
            progress.tick()
            with suppress(Timeout):
                lock.acquire(timeout=1)
        progress.end("waiting", "ready")
    try:
        yield
    finally:
        lock.release()


def _build_all(modules: list[Module], progress: Progress) -> None:
    if not modules:
        return
    work = cache_dir() / "building"
    shutil.rmtree(work, ignore_errors=True)  # of a call that was killed
    needed = min(GIGABYTES_FOR_ONE * len(modules), GIGABYTES_FOR_MANY)
    free = shutil.disk_usage(cache_dir()).free / 1e9
    if free < needed:
        raise BuildError(
            f"building {', '.join(module.name for module in modules)} needs {needed} GB in {cache_dir()}, {free:.1f} GB are free; "
            "free some, or set XDG_CACHE_HOME to a directory on a larger disk"
        )
    builds = [_Build(module, work) for module in modules]
    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        _watch({}, builds, pool, progress)
    finally:
        for build in builds:
            build.stop()
        pool.shutdown()
        shutil.rmtree(work, ignore_errors=True)


def _watch(running: dict[Future[None], "_Build"], waiting: list["_Build"], pool: ThreadPoolExecutor, progress: Progress) -> None:
    waiting = list(waiting)
    while waiting or running:
        while waiting and len(running) < AT_ONCE:
            build = waiting.pop(0)
            progress.start(build.module.name, build.state)
            running[pool.submit(build.run)] = build
        for future in wait(running, timeout=0.5, return_when=FIRST_COMPLETED).done:
            build = running.pop(future)
            future.result()
            size = sum(path.stat().st_size for path in build.module.result.rglob("*") if path.is_file())
            progress.end(build.module.name, f"built, {size / 1e6:.0f} MB,")
        progress.tick()


class _Build:
    """One module on its way into the cache."""

    def __init__(self, module: Module, work: Path) -> None:
        self.module = module
        self.log = cache_dir() / "logs" / f"{module.name}.log"
        self._source, self._out = work / module.name / "source", work / module.name / "out"
        self._environment = _go_environment(work) | {"CGO_ENABLED": "1" if module.facts.get("cgo") else "0"}
        self._process: subprocess.Popen[bytes] | None = None
        self._stopped = False
        self._doing = "waiting"
        self._stale = 0

    def state(self) -> str:
        """Say in a few words how far it is."""
        if not self._stale:
            return self._doing
        compiled = sum(not line.startswith("go: ") for line in self.log.read_text(errors="replace").splitlines())
        return f"{self._doing}, {min(compiled, self._stale)} of {self._stale} packages"

    def run(self) -> None:
        module = self.module
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.log.write_bytes(b"")
        shutil.copytree(module.folder, self._source)
        (self._out / "bin").mkdir(parents=True)
        if "prepare" in module.facts:
            self._run("preparing", ["sh", "-ec", module.facts["prepare"]])
        if module.packages:
            listing = ["go", "list", "-deps", "-f", "{{if .Stale}}{{.ImportPath}}{{end}}", *module.command[3:], *module.packages]
            stale = self._run("fetching", listing, output=True)
            self.log.write_bytes(b"")
            self._stale = len(stale.splitlines())
            self._run("compiling", [*module.command, "-o", f"{self._out}/bin/", *module.packages])
        for destination, origin in module.facts.get("files", {}).items():
            self._copy(origin, self._out / destination)
        self._out.rename(module.result)
        for older in module.older_results:
            shutil.rmtree(older)

    def stop(self) -> None:
        """End whatever runs; nothing new is started."""
        self._stopped = True
        if self._process and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGTERM)

    def _run(self, doing: str, command: list[str], *, output: bool = False) -> str:
        self._doing = doing
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                cwd=self._source,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE if output else log,
                stderr=log,
                start_new_session=True,
            )
            if self._stopped:
                self.stop()
            text, _ = self._process.communicate()
        if self._process.returncode:
            raise BuildError(
                f"{doing} {self.module.name} failed; the whole log is in {self.log}, its last lines are:\n{last_lines(self.log, 12)}"
            )
        return text.decode() if output else ""

    def _copy(self, origin: str, destination: Path) -> None:
        module, _, path = origin.partition(":")
        source = Path(self._run("copying", ["go", "list", "-m", "-f", "{{.Dir}}", module], output=True).strip(), path)
        files = [source] if source.is_file() else [file for file in source.rglob("*") if file.is_file()]
        if not files:
            raise BuildError(f"modules.toml, [{self.module.name}.files]: there is no {path} in {module}")
        for file in files:
            target = destination / file.relative_to(source) if file != source else destination
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)  # without the modes of the module cache, where all is read-only
            if target.parent == self._out / "bin":
                target.chmod(0o755)


def _go_environment(work: Path) -> dict[str, str]:
    """Give caches of our own, dropped after the builds; but keep a developer's explicit GOCACHE and GOMODCACHE."""
    # GOGC: the compiler is short-lived, so most of its garbage collections are for nothing (measured: 30 % of its processor time).
    own = {"GOCACHE": str(work / "go-cache"), "GOMODCACHE": str(work / "go-modules"), "GOGC": "400"}
    temporary = work / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    flags = subprocess.run(["go", "env", "GOFLAGS"], cwd="/", check=True, capture_output=True, text=True).stdout.strip()
    fixed = {"GOWORK": "off", "GOTMPDIR": str(temporary), "GOFLAGS": f"{flags} -modcacherw".strip()}
    return own | dict(os.environ) | fixed


def main(names: list[str]) -> int:
    """Run the command line and return the exit code."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if not names:
        print("usage: python -m tools.build NAME…", file=sys.stderr)
        return 2
    try:
        for path in ensure(names).values():
            print(path)
    except BuildError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
