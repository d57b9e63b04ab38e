"""What the lab needs of the machine itself: a few Debian packages, and nothing that stays running."""

import shutil
import subprocess

from lab.errors import LabError
from tools.logs import last_lines
from tools.modules import cache_dir
from tools.progress import Progress

PROGRAMS = {"mmdebstrap": ("mmdebstrap",), "gcc": ("gcc", "libc6-dev")}
"""Program -> Debian packages: the first makes the node's root, the second compiles the C of Grafana's SQLite."""


def ensure(progress: Progress) -> None:
    """Install the packages of the programs that are missing."""
    packages = [package for program, packages in PROGRAMS.items() if not shutil.which(program) for package in packages]
    if not packages:
        return
    if not shutil.which("apt-get"):
        raise LabError(f"the lab needs {' and '.join(packages)}, and there is no apt-get to install them with: install them")

    def install() -> None:
        run("apt-get", "update")
        run("apt-get", "install", "--yes", "--no-install-recommends", *packages)

    progress.run(f"installing {', '.join(packages)}", install)


def run(*command: str) -> None:
    """Run a command of Debian's; LabError with its last lines when it fails."""
    log = cache_dir() / "logs" / "debian.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        status = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, check=False).returncode
    if status:
        raise LabError(f"{command[0]} failed; the whole log is in {log}, its last lines are:\n{last_lines(log)}")
