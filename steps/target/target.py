"""The target: the server under judgement, and what a judging can do to it."""

from __future__ import annotations

import subprocess
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from steps.errors import TargetError
from steps.http.layout import Layout
from steps.http.time_limits import TimeLimits
from steps.process.readers_writer_lock import ReadersWriterLock
from steps.target.capabilities import cannot
from steps.target.database import Database
from steps.target.description.placeholders import placeholder_names, same_setting
from steps.target.description.tables import Description
from steps.target.layout import layout_of
from steps.target.tokens import Issuer
from steps.target.user_accounts import Accounts, NoAccounts, User
from traceability.evidence.recording.not_run import NotRun
from traceability.measure.control_socket import ControlSocket


class Target(ABC):
    """A server under judgement. A method that it cannot do ends a scenario as "not run" (`cannot`).

    Its capabilities are named as in the scenarios' tags: `users` (the harness can make users),
    `signing` (can sign tokens), `origin` (knows the allowed origin), `database` (can query it),
    `outage` (can stop it), `restart` (can restart the server), `source` (can read its source), and
    the names of what the server offers beyond the spec.
    """

    def __init__(self, description: Description) -> None:
        self.description = description
        self.accounts: Accounts = NoAccounts()
        self.time_limits = TimeLimits()
        """How long the harness waits for it."""
        self.start_lock: ReadersWriterLock | None = None
        """Lock of all workers for their first start, if there are several workers."""

    # Facts

    @property
    @abstractmethod
    def base_url(self) -> str:
        """Scheme, host and port; no slash at the end."""

    @property
    def capabilities(self) -> frozenset[str]:
        """Names of its capabilities."""
        return frozenset()

    @property
    @abstractmethod
    def facts(self) -> dict[str, str]:
        """Facts about it that a reader of the report needs, by name; no times."""

    # For every target

    @abstractmethod
    def open(self) -> None:
        """Start it, or check that it runs. Raises `TargetError`."""

    @abstractmethod
    def close(self) -> None:
        """Remove all that was made for it; name on stderr what could not be removed."""

    @abstractmethod
    def alive(self) -> bool:
        """Whether it may run: False only when it is known to have ended."""

    def make_user(self, name: str, chosen_id: str | None = None) -> User:
        """Make a user, as the identity provider would. Raises what `Accounts.create` raises."""
        return self.accounts.create(name, chosen_id)

    def new_user(self, name: str, chosen_id: str | None = None) -> User:
        """Return a user for a scenario. Raises `NotRun` when none can be made any more."""
        try:
            return self.make_user(name, chosen_id)
        except TargetError as error:
            raise NotRun(f"target cannot make users any more: {error}") from error

    def delete_user(self, user: User) -> None:
        """Delete a user, as the identity provider would."""
        self.accounts.delete(user)

    @property
    def shared(self) -> bool:
        """Whether it has other users at the same time, whose data no scenario may risk."""
        return False

    def release(self, users: Iterable[User], created: Iterable[tuple[str, bytes]]) -> None:
        """Take back the users of a scenario that is over.

        `created` holds path and answer body of each task that it has created.
        """
        del users, created  # the database is dropped as a whole

    @property
    def issuer(self) -> Issuer:
        """The issuer of its tokens."""
        cannot("signing")

    @property
    def secrets(self) -> dict[str, str]:
        """What must not be printed or written: what each is, and the secret."""
        return {}

    @property
    def cors_origin(self) -> str:
        """The origin that its CORS policy allows."""
        cannot("origin")

    # For a target that the harness has started

    @property
    def database(self) -> Database:
        """Its database, with the owner's rights."""
        cannot("database")

    @property
    def log(self) -> Path | None:
        """File with all that it has printed; None: not known."""
        return None

    @property
    def control(self) -> ControlSocket | None:
        """The socket that fetches the lines that have run; None: they are not measured."""
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
        """Start a second server with a changed environment; return its exit status and output.

        `changes` maps placeholders (`jwt_secret`, …) to values, or to None: variables that hold
        them are left out. `env` adds variables. The status is None when the server serves all the
        same; it is stopped then.
        """
        cannot("restart")

    @contextmanager
    def second_server(self, env: Mapping[str, str], **changes: str | None) -> Iterator[str]:
        """Run a second server with a changed environment inside the block; yield its base URL.

        `env` adds variables; one with an empty text is left out. `changes` are values of
        placeholders, or None: variables that hold them are left out.
        """
        cannot("restart")
        yield ""

    def run_measured(self, command: Sequence[str]) -> tuple[int, str]:
        """Run another command of the server's to its end; return exit status and output."""
        cannot("restart")

    def variables(self, placeholder: str) -> tuple[str, ...]:
        """Return the names of the environment variables that hold a placeholder, or tell a part of
        the same setting: `database_url` finds those of host, user and name, too.
        """
        env, wanted = self.description.server.env, same_setting(placeholder)
        return tuple(name for name, text in env.items() if wanted & {*placeholder_names(text)})

    @property
    def layout(self) -> Layout:
        """Where it has the operations of the spec, and what it calls their fields."""
        return layout_of(self.description)

    def sources(self) -> list[Path]:
        """Return the Python files of its source."""
        folder, named = self.description.folder, self.description.server.source
        return [file for name in named for file in python_files(folder / name)]


def python_files(folder: Path) -> Iterator[Path]:
    """Yield the Python files below a folder, without virtual environments and hidden folders."""
    for path in sorted(folder.iterdir()):
        if path.is_file() and path.suffix == ".py":
            yield path
        elif path.is_dir() and not path.name.startswith(".") and not (path / "pyvenv.cfg").exists():
            yield from python_files(path)


def git_commit(folder: Path) -> str:
    """Return the commit of a folder under git, with `-dirty` when files differ from it."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    except OSError:
        return "unknown"
    return done.stdout.strip() or "unknown"
