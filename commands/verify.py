"""`make verify`: a table of what was asked of the running mesh, and what it answered."""

from rich.table import Table

from commands.pulumi import Pulumi
from commands.stack import CommandError, Stack
from commands.terminal import console, table
from lab import images
from tools.progress import Progress
from verify.answer import Answer
from verify.mesh import Mesh


def print_table(stack: Stack) -> int:
    """Ask, and print; the exit code is 1 if something is not as the stack promises."""
    outputs = Pulumi(stack).outputs()
    if not outputs:
        raise CommandError(f"the stack {stack.name} is not up; `make up STACK={stack.name}` brings it up")
    mesh = Mesh.of(outputs)
    asked = ["its parts"]
    with Progress() as progress:
        answers = progress.run("asking the mesh", lambda: mesh.ask_all(asked.append), lambda: asked[-1])
    screen = console()
    screen.print(_table(answers))
    if stack.lab:
        screen.print("Stand-ins in this lab; what they are not, the table does not show:")
        for image in images.stand_ins(stack.lab):
            screen.print(f"  {image.name}: {image.stand_in}", soft_wrap=True)
    return 0 if all(answer.well for answer in answers) else 1


def _table(answers: list[Answer]) -> Table:
    rows = table("", "asked", "question", "answer")
    for answer in answers:
        rows.add_row("ok" if answer.well else "NOT OK", answer.subject, answer.question, answer.said)
    return rows
