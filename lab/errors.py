"""What the lab tells a person instead of a traceback."""

from tools import ToolError


class LabError(ToolError):
    """One sentence or two: what is wrong, where, and how to mend it."""
