"""`make dashboards`: a way to each dashboard, open until Ctrl-C."""

import queue
import signal
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from commands.pulumi import Pulumi
from commands.stack import CommandError, Stack
from commands.terminal import console, table
from components.cluster import Cluster
from components.namespaces import SYSTEM
from verify.port_forward import PortForward, PortForwardError

_PAGES = {"kiali": "/kiali", "tracing": "/jaeger"}
"""Where the pages begin, for those that do not begin at /."""

_USUAL = {"tracing": 16686}
"""The ports that people know, where they are not the Service's."""

_PAUSE = 2.0
"""Seconds from one try to the next."""


@dataclass
class Dashboard:
    """name, port: of its Service. way: the one that is open, and the latest if none is."""

    name: str
    port: int
    way: PortForward | None = None

    def open(self, cluster: Cluster, broken: "queue.Queue[PortForward]") -> None:
        """Open a way by the usual port, if that is free; after the first time, by the same port again. PortForwardError."""
        local = int(self.way.address.rpartition(":")[2]) if self.way else _usual(_USUAL.get(self.name, self.port))
        self.way = PortForward(cluster, SYSTEM, f"service/{self.name}", self.port, local=local, broken=broken.put).__enter__()

    @property
    def address(self) -> str:
        """Of its first page."""
        return f"http://{self.way.address}{_PAGES.get(self.name, '/')}" if self.way else ""


def serve(stack: Stack) -> int:
    """Open the ways, tell them, and keep them open."""
    outputs = Pulumi(stack).outputs()
    if not outputs.get("dashboards"):
        raise CommandError(f"the stack {stack.name} has no dashboards: `make up STACK={stack.name}`, with mesh:dashboards true")
    # Also where both are ignored from the start, as in a shell's background.
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, signal.default_int_handler)
    screen = console()
    broken: queue.Queue[PortForward] = queue.Queue()
    dashboards = [Dashboard(name, port) for name, port in outputs["dashboards"].items()]
    try:
        for dashboard in dashboards:
            dashboard.open(stack.target, broken)
        screen.print(_table(dashboards, outputs.get("logins", {})))
        screen.print("open until Ctrl-C")
        while True:
            way = broken.get()
            for dashboard in dashboards:
                if dashboard.way is way:  # what broke before it was opened again may be told again
                    _mend(dashboard, stack.target, broken, screen)
    except KeyboardInterrupt:
        return 0
    finally:
        for dashboard in dashboards:
            if dashboard.way:
                dashboard.way.close()


def _mend(dashboard: Dashboard, cluster: Cluster, broken: "queue.Queue[PortForward]", screen: Console) -> None:
    said = dashboard.way.last_words if dashboard.way else ""
    screen.print(f"{dashboard.name}: the way is broken ({said or 'kubectl ended'}); opening it again", markup=False, soft_wrap=True)
    if dashboard.way:
        dashboard.way.close()
    while True:
        try:
            dashboard.open(cluster, broken)
        except PortForwardError as error:
            if str(error) != said:
                said = str(error)
                screen.print(f"{dashboard.name}: {said}; trying on", markup=False, soft_wrap=True)
            time.sleep(_PAUSE)
        else:
            screen.print(f"{dashboard.name}: open again at {dashboard.address}")
            return


def _table(dashboards: list[Dashboard], logins: Mapping[str, Any]) -> Table:
    rows = table("dashboard", "address", "log-in")
    for dashboard in dashboards:
        login = logins.get(dashboard.name)
        how = f"{login['username']}; in `make shell`: pulumi stack output logins --show-secrets" if login else "has none"
        rows.add_row(dashboard.name, dashboard.address, how)
    return rows


def _usual(port: int) -> int | None:
    """`port`, if it is free on this machine."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return None
    return port
