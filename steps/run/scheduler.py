"""Shares the scenarios out among workers, and makes what they say look like one run.

The workers are forked when all is collected: what took long to load and to read is there already.
Each is given the next scenario while it is busy with one. So all of them are through at about the
same time, and go through the features in their order: what each server is allowed once in a feature
(a restart) it is allowed once. What ends the judging in one worker ends it in all.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import groupby
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest

from steps.http.time_limits import TimeLimits
from steps.run import worker
from traceability.evidence.recording.hooks import RECORDING_PLUGIN, RecordingHooks
from traceability.evidence.recording.recorder import RECORDER_KEY

STOP_SECONDS = 60.0
FORK = multiprocessing.get_context("fork")
TOGETHER = "together"
"""Tag of scenarios that share what takes long to make: one worker runs all that stand together."""


@dataclass(frozen=True)
class ForkedWorker:
    """A worker, as seen by the process that has forked it."""

    process: BaseProcess
    wire: Connection[Any, Any]
    own: deque[int] = field(default_factory=deque)
    """Scenarios that nobody else is to run."""


class Scheduler:
    """Takes the place of pytest's loop over all scenarios."""

    def __init__(self, count: int, time_limits: TimeLimits) -> None:
        self._count = count
        self._time_limits = time_limits
        self._workers: list[ForkedWorker] = []
        self._todo: Iterator[list[int]] = iter(())

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Let workers run the scenarios. Where none is to run, pytest says why."""
        if session.testsfailed or not session.items or session.config.getoption("collectonly"):
            return None
        plugin: RecordingHooks | None = session.config.pluginmanager.get_plugin(RECORDING_PLUGIN)
        if plugin:
            plugin.hand_over_to_workers()
        self._todo = batches(session.items)
        try:
            for number in range(min(self._count, len(session.items))):
                self._fork(session, f"w{number}")
            for one in self._workers * 2:
                self._give(one)
            self._gather(session)
        finally:
            self._end()
        return True

    def _fork(self, session: pytest.Session, name: str) -> None:
        folder: Path = session.config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]
        ours, its = FORK.Pipe()
        others = [ours, *(one.wire for one in self._workers)]
        words = (session, self._time_limits, name, its, others, folder, os.getpid())
        process = FORK.Process(target=worker.run_worker, args=words, name=name)
        with _signals_blocked():  # until it is one that `_end` ends
            process.start()
            its.close()
            self._workers.append(ForkedWorker(process, ours))

    def _give(self, one: ForkedWorker) -> None:
        if not one.own:
            one.own.extend(next(self._todo, ()))
        with suppress(OSError):  # it has ended: that is heard, too
            one.wire.send(one.own.popleft() if one.own else None)

    def _gather(self, session: pytest.Session) -> None:
        busy: dict[Any, ForkedWorker] = {one.wire: one for one in self._workers}
        while busy:
            for wire in wait(list(busy), worker.SIGNAL_SECONDS):
                one = busy[wire]
                try:
                    kind, what = one.wire.recv()
                except Exception:  # noqa: BLE001 - it was ended, in the middle of a word perhaps
                    one.process.join(STOP_SECONDS)
                    kind, what = worker.BROKEN, f"status {one.process.exitcode}"
                if kind == worker.REPORT:
                    self._report(session, what)
                elif kind == worker.DONE:
                    self._give(one)
                elif kind == worker.FINDINGS:
                    for finding in what:
                        session.config.stash[RECORDER_KEY].add_finding(finding)
                    del busy[wire]
                elif kind == worker.EXIT:
                    said, status = what
                    pytest.exit(said, returncode=status)
                else:
                    pytest.exit(
                        "The judging could not be done. A worker was ended from outside, or fell "
                        f"over ({what}): run again, or with --workers 1.",
                        returncode=2,
                    )

    def _report(self, session: pytest.Session, data: dict[str, Any]) -> None:
        hook = session.config.hook
        report = hook.pytest_report_from_serializable(config=session.config, data=data)
        hook.pytest_runtest_logreport(report=report)
        if session.shouldfail:
            raise session.Failed(session.shouldfail)
        if session.shouldstop:
            raise session.Interrupted(session.shouldstop)

    def _end(self) -> None:
        """Let every worker stop its server and remove what it made, and wait for it."""
        for one in self._workers:
            one.process.terminate()
            one.wire.close()  # who still has something to say is not waited for
        for one in self._workers:
            one.process.join(STOP_SECONDS)
            one.process.kill()


def batches(items: Sequence[pytest.Item]) -> Iterator[list[int]]:
    """Yield the positions of scenarios, one by one but for those that stay together."""

    def share(position: int) -> int:
        return -1 if items[position].get_closest_marker(TOGETHER) else position

    for _, positions in groupby(range(len(items)), share):
        yield list(positions)


@contextmanager
def _signals_blocked() -> Iterator[None]:
    """Let no signal reach a worker that is not ready for it."""
    signals = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)
