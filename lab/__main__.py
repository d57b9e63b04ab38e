"""`python -m lab up | down | status`: the command line of the lab."""

import argparse
import sys

from rich.console import Console

from lab import cluster, images, owner, paths
from lab.node import Node
from lab.versions import DEFAULT, VERSIONS
from tools import ToolError
from tools.progress import Progress


def main() -> int:
    """Run one command; the exit code is 1 for what the user must mend, and for `status` without a running lab."""
    parser = argparse.ArgumentParser(prog="python -m lab", description="A real single-node Kubernetes for an afternoon.")
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="bring it up, or repair it")
    up.add_argument("--kubernetes", choices=VERSIONS, default=DEFAULT, help="version (default: %(default)s)")
    down = commands.add_parser("down", help="end it, without a trace")
    down.add_argument("--force", action="store_true", help="even if another checkout started it")
    commands.add_parser("status", help="whose it is, how its processes are, what stands in for what")
    arguments = parser.parse_args()
    console = Console(highlight=False, soft_wrap=True)
    try:
        if arguments.command == "up":
            with Progress() as progress:
                cluster.up(VERSIONS[arguments.kubernetes], progress)
            console.print(f"kubeconfig: {paths.KUBECONFIG}   logs: {paths.LOGS}")
        elif arguments.command == "down":
            console.print("the lab is gone" if cluster.down(force=arguments.force) else "there is no lab")
        else:
            return status(console)
    except ToolError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped; `python -m lab up` goes on, `python -m lab down` clears up", file=sys.stderr)
        return 130
    return 0


def status(console: Console) -> int:
    """Print the lab as it is."""
    cluster.require_root()
    recorded = owner.read()
    if not recorded:
        console.print("there is no lab")
        return 1
    node = Node()
    console.print(f"Kubernetes {recorded.kubernetes}, started by {recorded.checkout} at {recorded.since}, logs in {paths.LOGS}")
    for process in node.processes() if node.running else []:
        console.print(f"  {process['name']:<24} {process['status']:<12} restarts {process['restarts']}")
    if not node.running:
        console.print("  its node has ended; `python -m lab up` starts it anew")
    console.print("stand-ins among the images")
    version = next(version for version in VERSIONS.values() if version.kubernetes == recorded.kubernetes)
    for image in images.stand_ins(version):
        console.print(f"  {image.name:<45} {image.stand_in}")
    return 0 if node.running else 1


if __name__ == "__main__":
    sys.exit(main())
