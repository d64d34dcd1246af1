"""A file that lists the users made at a running server, so that a killed run leaves their ids."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from steps.process.child import process_exists
from steps.target.user_accounts import User

FILE_PREFIX = "made-"


class Journal:
    """One line for each user that is still there; without users, there is no file."""

    def __init__(self, folder: Path, url: str) -> None:
        self._url = url
        self._path = folder / f"{FILE_PREFIX}{os.getpid()}.txt"

    def write(self, users: list[User]) -> None:
        """Replace the list by these users."""
        if not users:
            self._path.unlink(missing_ok=True)
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        lines = [f"{self._url} {user.id}\n" for user in users]
        self._path.write_text("".join(lines), "utf-8")

    def report_leftovers(self) -> None:
        """Name on stderr the users that runs which were killed have left behind."""
        for file in sorted(self._path.parent.glob(f"{FILE_PREFIX}*.txt")):
            pid = file.stem.removeprefix(FILE_PREFIX)
            if pid.isdigit() and not process_exists(int(pid)):
                places = ", ".join(file.read_text("utf-8").split("\n")[:-1])
                print(
                    f"An earlier run did not remove these users: {places}. Remove them by hand, "
                    f"then delete {file}.",
                    file=sys.stderr,
                    flush=True,
                )
