"""`python -m commands COMMAND STACK`: what the Makefile calls."""

import argparse
import os
import shutil
import sys

from kubernetes.client import ApiException
from urllib3.exceptions import HTTPError

from commands import dashboards, istioctl, policies, status, verify
from commands.pulumi import Pulumi
from commands.stack import PROJECT, Stack, find
from components.errors import UserError
from lab import cluster as lab
from lab import paths
from tools import ToolError, engine
from tools.progress import Progress


def build(stack: Stack) -> int:
    """Make what is missing of the engine and the lab, and start nothing."""
    if stack.lab:
        with Progress() as progress:
            lab.build(stack.lab, progress, also=engine.modules())
    engine.environment()
    return 0


def up(stack: Stack) -> int:
    """Put in place what is missing, then `pulumi up`."""
    if stack.lab:
        with Progress() as progress:
            lab.up(stack.lab, progress, also=engine.modules())
    pulumi = Pulumi(stack)
    if stack.lab and pulumi.resources() and pulumi.outputs().get("clusterUid") != lab.uid():
        print("the lab is not the cluster that this stack knew: looking which of its objects are there", file=sys.stderr)
        if failed := pulumi.run("refresh", "--yes", "--skip-preview", "--suppress-progress"):
            return failed
    return pulumi.run("up", "--yes", "--skip-preview")


def preview(stack: Stack) -> int:
    """Show what `up` would change."""
    return Pulumi(stack).run("preview", "--diff")


def down(stack: Stack) -> int:
    """`pulumi destroy`; what was in a lab that is gone is forgotten."""
    gone = stack.lab and not paths.KUBECONFIG.exists()
    if gone:
        print("the lab is gone, and what the stack had there with it: forgetting it", file=sys.stderr)
    return Pulumi(stack, {"PULUMI_K8S_DELETE_UNREACHABLE": "true"} if gone else {}).run("destroy", "--yes", "--skip-preview")


def shell(stack: Stack) -> int:
    """A shell in which `pulumi` is that of the stack, and for a lab `kubectl` and `istioctl`; elsewhere `make istioctl` adds the latter."""
    pulumi = Pulumi(stack)
    environment = pulumi.environment
    programs = [str(istioctl.PLACE / stack.release), environment["PATH"]]
    if stack.lab:
        istioctl.place(stack.release)
        environment |= {"KUBECONFIG": str(paths.KUBECONFIG)}
        programs.append(str(paths.KUBECTL.parent))
    environment |= {"PATH": os.pathsep.join(programs)}
    program = environment.get("SHELL") or shutil.which("sh") or "/bin/sh"
    print(f"stack {stack.name}; `exit` leaves this shell", file=sys.stderr)
    os.chdir(PROJECT)
    return os.execve(program, [program], environment)  # noqa: S606 - the shell takes our place


COMMANDS = {
    "build": build,
    "up": up,
    "preview": preview,
    "down": down,
    "status": status.print_status,
    "verify": verify.print_table,
    "shell": shell,
    "istioctl": istioctl.run,
    "policies": policies.print_table,
    "dashboards": dashboards.serve,
}
OPTIONS = {"istioctl": ("arguments",), "policies": ("service", "client")}
"""What a command takes beside the stack; empty where it is not given."""


def main() -> int:
    """Run one command; the exit code is the engine's, or 1 for what the user must mend."""
    parser = argparse.ArgumentParser(prog="python -m commands")
    choices = parser.add_subparsers(dest="command", required=True)
    for name in COMMANDS:
        choice = choices.add_parser(name)
        choice.add_argument("stack")
        for option in OPTIONS.get(name, ()):
            choice.add_argument(f"--{option}", default="")
    arguments = parser.parse_args()
    options = {name: getattr(arguments, name) for name in OPTIONS.get(arguments.command, ())}
    try:
        return COMMANDS[arguments.command](find(arguments.stack), **options)
    except (ToolError, UserError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except (ApiException, HTTPError) as error:
        print(f"error: the cluster of the stack {arguments.stack} gave no answer that can be used: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"stopped; `make {arguments.command}` goes on", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
