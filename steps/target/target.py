"""The target: everything that is being tested, and what can be done to it."""

from __future__ import annotations

import subprocess
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from steps.errors import TargetError
from steps.http.time_limits import TimeLimits
from steps.process.readers_writer_lock import ReadersWriterLock
from steps.target.abilities import cannot
from steps.target.accounts import Accounts, NoAccounts, User
from steps.target.database import Database
from steps.target.description.tables import Description
from steps.target.tokens import Issuer
from traceability.evidence.not_run import NotRun
from traceability.measure.control_socket import Control


class Target(ABC):
    """A server that is judged. What it cannot do ends a scenario as "not run" (`cannot`).

    Its capabilities are named as the scenarios' tags name their needs: `users` (can make users),
    `signing` (can have tokens signed), `database` (can query), `outage` (can stop the database),
    `restart` (can restart the server), `source` (has readable source), and what it offers beyond
    the spec.
    """

    def __init__(self, description: Description) -> None:
        self.description = description
        self.accounts: Accounts = NoAccounts()
        self.time_limits = TimeLimits()
        """How long it is waited for."""
        self.start_lock: ReadersWriterLock | None = None
        """Turns of all workers that start it for the first time, if there are several."""

    # What it is

    @property
    @abstractmethod
    def base_url(self) -> str:
        """Scheme, host and port; no slash at the end."""

    @property
    def capabilities(self) -> frozenset[str]:
        """What it can be asked for, and what it offers beyond the spec."""
        return frozenset()

    @property
    @abstractmethod
    def facts(self) -> dict[str, str]:
        """What a reader of the report has to know about it, without times."""

    # What can be done to any

    @abstractmethod
    def open(self) -> None:
        """Start it, or find it. Raises `TargetError`."""

    @abstractmethod
    def close(self) -> None:
        """Remove what was made for it, or say on stderr what could not be."""

    @abstractmethod
    def alive(self) -> bool:
        """Whether it is not known to have ended."""

    def make_user(self, name: str, chosen_id: str | None = None) -> User:
        """Make a user, as the identity provider would. Raises `TargetError`."""
        return self.accounts.create(name, chosen_id)

    def new_user(self, name: str, chosen_id: str | None = None) -> User:
        """Return a user for a scenario."""
        try:
            return self.make_user(name, chosen_id)
        except TargetError as error:
            raise NotRun(f"target cannot make users any more: {error}") from error

    def delete_user(self, user: User) -> None:
        """Delete a user, as the identity provider would."""
        self.accounts.delete(user)

    @property
    def shared(self) -> bool:
        """Whether others may use it at the same time: nothing of theirs may be put at risk."""
        return False

    def release(self, users: Iterable[User], created: Iterable[tuple[str, bytes]]) -> None:
        """Take back the users of a scenario that is over, with path and answer of its creations."""
        del users, created  # a database of its own goes as a whole

    @property
    def issuer(self) -> Issuer:
        """Whoever signs its tokens."""
        cannot("signing")

    @property
    def cors_origin(self) -> str:
        """The origin that it allows."""
        cannot("origin")

    # What can be done to one that the harness has started

    @property
    def database(self) -> Database:
        """Its database, with the owner's rights."""
        cannot("database")

    @property
    def log(self) -> Path | None:
        """Where everything is that it has printed."""
        return None

    @property
    def control(self) -> Control | None:
        """Who fetches the lines that run; None: they are not measured."""
        return None

    @property
    def unmeasured(self) -> str:
        """Why no lines are measured; empty: they are."""
        return ""

    def start(self) -> None:
        """Start it and wait until it answers."""
        cannot("restart")

    def kill(self) -> None:
        """End it by SIGKILL."""
        cannot("restart")

    def try_start(
        self, changes: Mapping[str, str | None], env: Mapping[str, str] | None = None
    ) -> tuple[int | None, str]:
        """Start a second one with a changed environment: its exit status and its output.

        `changes` maps placeholders (`jwt_secret`, …) to values, or to None: the variable is taken
        away. `env` adds variables. The status is None when it serves all the same (it is stopped
        then).
        """
        cannot("restart")

    @contextmanager
    def second_server(self, env: Mapping[str, str], **changes: str) -> Iterator[str]:
        """Serve with a changed environment on another port for a while; give the base URL.

        `changes` are values of placeholders in `env`; an empty value takes a variable away.
        """
        cannot("restart")
        yield ""

    def run_measured(self, command: Sequence[str]) -> tuple[int, str]:
        """Run a command of the server's to its end: exit status and output."""
        cannot("restart")

    def variables(self, placeholder: str) -> tuple[str, ...]:
        """Return the names of the environment variables that carry a placeholder."""
        env = self.description.server.env
        return tuple(name for name, value in env.items() if f"{{{placeholder}}}" in value)

    def sources(self) -> list[Path]:
        """Return the Python files of its source."""
        folder, named = self.description.folder, self.description.server.source
        return [file for name in named for file in python_files(folder / name)]


def python_files(folder: Path) -> Iterator[Path]:
    """Yield the Python files below a folder; not those of environments and hidden folders."""
    for path in sorted(folder.iterdir()):
        if path.is_file() and path.suffix == ".py":
            yield path
        elif path.is_dir() and not path.name.startswith(".") and not (path / "pyvenv.cfg").exists():
            yield from python_files(path)


def git_commit(folder: Path) -> str:
    """Return the commit of a folder under git, with a mark when it was changed since."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    except OSError:
        return "unknown"
    return done.stdout.strip() or "unknown"
