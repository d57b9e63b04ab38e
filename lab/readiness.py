"""When the lab is Ready, and which of its processes keeps it from that."""

import time

from kubernetes import client, config
from urllib3.exceptions import HTTPError

from lab import paths
from lab.errors import LabError
from lab.node import Node
from tools.logs import last_lines

SECONDS = 180
RESTARTS = 3
"""A process that ended so often does not come up by waiting."""
ONCE = ("images", "addons")
"""Processes that end when their work is done."""


class Readiness:
    """Watches the processes, then the node, then the cluster's DNS."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._waits_for = "its processes"

    def state(self) -> str:
        """In a few words, what is waited for."""
        return f"waiting for {self._waits_for}"

    def wait(self) -> None:
        """Return when the lab is Ready; LabError with the process and its last log lines when it cannot be."""
        deadline = time.monotonic() + SECONDS
        while waits_for := self._missing():
            self._waits_for = waits_for
            if time.monotonic() > deadline:
                raise LabError(f"the lab is not ready after {SECONDS} s, it waits for {waits_for}; the logs are in {paths.LOGS}")
            time.sleep(0.5)

    def _missing(self) -> str:
        if not self._node.running:
            raise LabError(f"the lab's node has ended:\n{last_lines(paths.LOGS / 'supervisor.log')}")
        try:
            processes = self._node.processes()
        except LabError:
            return "its supervisor"  # which listens a moment after its start
        for process in processes:
            name, done = process["name"], process["status"] == "Completed" and process["exit_code"] == 0
            failed = process["status"] == "Error" or (process["status"] == "Completed" and not done)
            if failed or process["restarts"] >= RESTARTS:
                raise LabError(f"{name} does not run in the lab:\n{last_lines(paths.LOGS / f'{name}.log')}")
            if name in ONCE and not done:
                return f"{name} ({process['status'].lower()})"
            if name not in ONCE and process["has_ready_probe"] and process["is_ready"] != "Ready":
                return name
        return self._missing_in_cluster()

    def _missing_in_cluster(self) -> str:
        api = config.new_client_from_config(str(paths.KUBECONFIG), paths.CONTEXT)
        try:
            nodes = client.CoreV1Api(api).list_node(_request_timeout=5).items
            conditions = {condition.type: condition.status for node in nodes for condition in node.status.conditions}
            if conditions.get("Ready") != "True":
                return "the node to be Ready"
            dns = client.AppsV1Api(api).read_namespaced_deployment("coredns", "kube-system", _request_timeout=5)
        except (client.ApiException, HTTPError) as error:
            return f"the API server ({type(error).__name__})"
        else:
            return "" if dns.status.ready_replicas else "the cluster's DNS"
        finally:
            api.close()
