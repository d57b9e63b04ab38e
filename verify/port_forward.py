"""A port of this machine that leads into a cluster, by `kubectl port-forward`."""

import re
import subprocess
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from components.cluster import Cluster
from tools import ToolError
from verify import programs

_OPEN = re.compile(r"Forwarding from (127\.0\.0\.1:\d+)")
_USED = re.compile(r"Forwarding from|Handling connection for")


class PortForwardError(ToolError):
    """The way into the cluster cannot be opened."""


class PortForward:
    """The way to `port` of `target` (such as service/kiali), open for as long as the context lasts.

    local: the port of this machine, None for any that is free. broken: called from another thread when kubectl ends or tells an error,
    and perhaps again; what it said is in `last_words`. When open, `address` is 127.0.0.1:PORT.
    """

    def __init__(
        self,
        cluster: Cluster,
        namespace: str,
        target: str,
        port: int,
        *,
        local: int | None = None,
        broken: Callable[["PortForward"], None] = lambda _: None,
    ) -> None:
        self._command = [
            str(programs.kubectl(cluster)), "port-forward", *programs.where(cluster), "--namespace", namespace,
            "--address", "127.0.0.1", target, f"{local or ''}:{port}",
        ]  # fmt: skip
        self._what = f"port {port} of {target} in {namespace}"
        self._broken = broken
        self._process: subprocess.Popen[str] | None = None
        self.address = self.last_words = ""

    def __enter__(self) -> Self:
        process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self._process = process
        try:
            for line in process.stdout or ():
                if found := _OPEN.match(line):
                    self.address = found[1]
                    threading.Thread(target=self._listen, args=(process,), daemon=True).start()
                    return self
                self.last_words = line.strip()
        except BaseException:
            self.close()
            raise
        self.close()
        raise PortForwardError(f"there is no way to {self._what}: {self.last_words or 'kubectl ended'}")

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End it, if it has not ended."""
        if process := self._process:
            self._process = None
            process.terminate()
            process.wait()

    def _listen(self, process: subprocess.Popen[str]) -> None:
        # kubectl says a line for each connection: it would stop at a full pipe if nobody read them.
        for line in process.stdout or ():
            if not _USED.match(line):
                # For a pod that is gone it does not end, and says so only when the way is used.
                self.last_words = line.strip().partition("] ")[2] or line.strip()
                self._tell()
        self._tell()

    def _tell(self) -> None:
        if self._process:
            self._broken(self)
