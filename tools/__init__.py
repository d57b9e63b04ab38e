"""What mesh builds for itself from Go modules, and the Pulumi engine that it uses."""


class ToolError(Exception):
    """Something that the user can mend; the message says what is wrong, where, and how to mend it."""
