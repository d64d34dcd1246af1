"""The command `traceability`: one module a command, and `command` which reads the arguments."""

from traceability.cli.command import main

__all__ = ["main"]
