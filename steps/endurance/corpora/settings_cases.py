"""Environments of the server (`settings.jsonl`): it starts, or one sentence names the variable.

`environment` changes the usual one; null takes a variable away. Placeholders: `secret`, a secret
that is made for the run, `port`, a free one, and `text*number`.
"""

from __future__ import annotations

import secrets
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from steps.endurance.corpora.placeholders import fill
from steps.endurance.corpora.reader import FOLDER, Outcome, read_cases
from steps.endurance.environment import ROOT
from steps.process.ports import free_port
from steps.process.server_process import ServerProcess

STARTS = "starts"
HIDDEN = "word-that-nobody-may-read"
"""The database's password, which no sentence may quote."""
USUAL = {
    "DATABASE_URL": f"postgresql://api:{HIDDEN}@127.0.0.1:9/tasks",
    "JWT_SECRET": "${secret}",
    "CORS_ORIGIN": "http://localhost:3000",
    "PORT": "${port}",
}
AT_A_TIME = 3

Start = Callable[[Mapping[str, str]], str]
"""Starts a server with these variables alone; returns what it says if it refuses, else nothing."""


@dataclass(frozen=True)
class SettingsCase:
    """A line of the file."""

    why: str
    environment: dict[str, str | None]
    expected: str
    """`starts`, or the variable that the sentence begins with."""

    def __post_init__(self) -> None:
        texts = self.environment.values() if isinstance(self.environment, dict) else [0]
        if not all(text is None or isinstance(text, str) for text in texts):
            raise ValueError("'environment' has to be an object of texts; null takes one away")
        if not isinstance(self.expected, str) or not (
            self.expected == STARTS or self.expected.isupper()
        ):
            raise ValueError("'expected' has to be 'starts', or the variable that is named")


def read_settings() -> list[SettingsCase]:
    """Read the file. Raises `CorpusError`."""
    return read_cases(SettingsCase, FOLDER / "settings.jsonl")


def play_settings(
    cases: Sequence[SettingsCase], start: Start, at_a_time: int = AT_A_TIME
) -> Iterator[Outcome[SettingsCase]]:
    """Start a server with each environment, some at a time; yield what came."""

    def play(case: SettingsCase) -> Outcome[SettingsCase]:
        values = {"secret": secrets.token_urlsafe(48), "port": str(free_port())}
        given = {**USUAL, **case.environment}
        said = start({name: fill(text, values) for name, text in given.items() if text is not None})
        return Outcome(case, said or STARTS, _right(case, said, values["secret"]))

    with ThreadPoolExecutor(at_a_time) as pool:
        yield from pool.map(play, cases)


def _right(case: SettingsCase, said: str, secret: str) -> bool:
    """Return whether a refusal is one sentence that names the variable and quotes no secret."""
    if case.expected == STARTS or not said:
        return case.expected == STARTS and not said
    one_sentence = said.endswith(".") and "\n" not in said and "Traceback" not in said
    quotes = HIDDEN in said or secret in said
    return one_sentence and said.startswith(case.expected) and not quotes


def start_process(variables: Mapping[str, str]) -> str:
    """Start the reference server as a process, as `Start` says; stop it when it answers."""
    with tempfile.TemporaryDirectory() as folder:
        log, port = Path(folder, "log"), int(variables["PORT"])
        server = ServerProcess([sys.executable, "-m", "server"], variables, ROOT, port, log)
        try:
            status = server.wait_until_answered_or_ended("/openapi.json")
        finally:
            server.stop()
        return "" if status is None else log.read_text("utf-8").strip()
