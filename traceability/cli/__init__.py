"""The command `traceability`: `command` reads the arguments, and each command has its own module.

`output` and `judged_code` hold what several commands share. A command reads files, calls one room
and prints; what it prints is made in `report/`.
"""

from traceability.cli.command import main

__all__ = ["main"]
