"""One question to the mesh and what came back."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    """subject: who was asked. question: what. said: the answer in a few words. well: whether it is what the stack promises."""

    subject: str
    question: str
    said: str
    well: bool
