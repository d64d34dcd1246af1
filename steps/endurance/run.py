"""Plays the faults of a run, one after the other, and keeps what came of each."""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from steps.endurance.environment import Environment
from steps.endurance.fault import Fault, NotRunError
from steps.endurance.play import Form, play
from steps.endurance.result import Result
from steps.errors import TargetError

WIDTH = 79


class Progress:
    """One line for each fault; on a terminal, it says meanwhile what is done."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._number = 0
        self._head = ""
        self._live = sys.stderr.isatty()

    def begin(self, fault: Fault) -> None:
        """Begin a fault's line."""
        self._number += 1
        self._head = f"{self._number:>3}/{self._count} {fault.name[:44]:44}"

    def tell(self, what: str) -> None:
        """Show what is done now."""
        if self._live:
            print(f"\r{self._head} {what:20}", end="", file=sys.stderr, flush=True)

    def end(self, result: Result) -> None:
        """End the line with the verdict."""
        bad = f"{len(result.bad)} bad of {len(result.exchanges)}" if not result.not_run else ""
        start = "\r" if self._live else ""
        line = f"{self._head} {result.verdict:7} {bad}"
        print(f"{start}{line[:WIDTH]:{WIDTH if self._live else 0}}", file=sys.stderr, flush=True)
        for sentence in [result.not_run, *result.complaints]:
            if sentence:
                for part in _wrapped(sentence):
                    print(part, file=sys.stderr, flush=True)


def play_all(faults: Sequence[Fault], form: Form) -> Iterator[Result]:
    """Play the faults, in the order of their environments; yield each result as it is there.

    Each environment is opened once, when its first fault is played, and closed after its last.
    """
    progress = Progress(len(faults))
    environments = list(dict.fromkeys(fault.environment for fault in faults))
    for environment in environments:
        mine = [fault for fault in faults if fault.environment == environment]
        yield from _play_in(environment, mine, form, progress)


def _play_in(
    environment: Environment, faults: Sequence[Fault], form: Form, progress: Progress
) -> Iterator[Result]:
    folder = Path(tempfile.mkdtemp(prefix="endurance-"))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        failed = Result(faults[0])
        begun = time.monotonic()
        try:
            place = stack.enter_context(environment.open(folder))
        except NotRunError as error:
            failed.not_run = str(error)
        except TargetError as error:
            failed.findings.append(f"{environment.name} could not be started: {error}")
        for fault in faults:
            progress.begin(fault)
            if failed.not_run or failed.findings:
                result = Result(fault, failed.not_run, findings=[*failed.findings])
                result.seconds = time.monotonic() - begun
            else:
                progress.tell("start")
                result = asyncio.run(play(fault, place, form, progress.tell))
            progress.end(result)
            yield result


def _wrapped(sentence: str) -> list[str]:
    """Return a sentence in lines that fit the terminal."""
    lines, line = [], "       "
    for word in sentence.split():
        if len(line) + len(word) + 1 > WIDTH:
            lines.append(line)
            line = "       "
        line += f" {word}"
    return [*lines, line]
