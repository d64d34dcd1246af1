"""The command `traceability`: `command` reads the arguments, and each command has its own module.

`output` and `judged_code` hold what several commands share.
"""

from traceability.cli.command import main

__all__ = ["main"]
