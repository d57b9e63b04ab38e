"""Shows what long steps are doing: live on a terminal, else a line now and then."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from types import TracebackType
from typing import Self, TypeVar

from rich.console import Console
from rich.live import Live

SIGN_OF_LIFE = 30.0  # seconds
Result = TypeVar("Result")


class Progress:
    """The running steps of one call. Call `tick` often; steps end with one line each."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False, soft_wrap=True)
        self._live = Live(console=self._console, transient=True) if self._console.is_terminal else None
        self._running: dict[str, tuple[float, Callable[[], str]]] = {}
        self._spoke = time.monotonic()

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._live:
            self._live.stop()

    def start(self, name: str, state: Callable[[], str]) -> None:
        """Begin a step; `state` says in a few words how far it is."""
        self._running[name] = (time.monotonic(), state)
        if not self._live:
            self.say(f"{name}: started")

    def end(self, name: str, result: str) -> None:
        """End a step."""
        began, _ = self._running.pop(name)
        self.tick()
        self.say(f"{name}: {result} after {time.monotonic() - began:.0f} s")

    def say(self, line: str) -> None:
        """Print a line that stays."""
        self._console.print(line, markup=False)
        self._spoke = time.monotonic()

    def tick(self) -> None:
        """Renew the display, or give a sign of life where there is no terminal."""
        now = time.monotonic()
        lines = [f"{name}: {state()} ({now - began:.0f} s)" for name, (began, state) in self._running.items()]
        if self._live:
            self._live.update("\n".join(lines), refresh=True)
        elif lines and now - self._spoke >= SIGN_OF_LIFE:
            self.say("; ".join(lines))

    def run(self, name: str, work: Callable[[], Result], state: Callable[[], str] = lambda: "running") -> Result:
        """Do `work` as one step, and return its result."""
        with ThreadPoolExecutor(1) as pool:
            self.start(name, state)
            future = pool.submit(work)
            while not wait([future], timeout=0.5).done:
                self.tick()
            result = future.result()
        self.end(name, "done")
        return result
