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
from traceability.evidence import plugin as recorder

WORKER_STOP_SECONDS = 60.0
FORK_CONTEXT = multiprocessing.get_context("fork")
TOGETHER = "together"
"""Tag of scenarios that share what takes long to make: one worker runs all that stand together."""


@dataclass(frozen=True)
class WorkerProcess:
    """A worker, as seen by the process that has forked it."""

    process: BaseProcess
    connection: Connection[Any, Any]
    batch: deque[int] = field(default_factory=deque)
    """Scenarios that nobody else is to run."""


class Scheduler:
    """Takes the place of pytest's loop over all scenarios."""

    def __init__(self, count: int, time_limits: TimeLimits) -> None:
        self._count = count
        self._time_limits = time_limits
        self._workers: list[WorkerProcess] = []
        self._batches: Iterator[list[int]] = iter(())

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Let workers run the scenarios. Where none is to run, pytest says why."""
        if session.testsfailed or not session.items or session.config.getoption("collectonly"):
            return None
        plugin: recorder.Plugin | None = session.config.pluginmanager.get_plugin(recorder.PLUGIN)
        if plugin:
            plugin.leave()
        self._batches = batches(session.items)
        try:
            for number in range(min(self._count, len(session.items))):
                self._fork_worker(session, f"w{number}")
            for one in self._workers * 2:
                self._send_next(one)
            self._receive_messages(session)
        finally:
            self._end_workers()
        return True

    def _fork_worker(self, session: pytest.Session, name: str) -> None:
        folder: Path = session.config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]
        our_end, its_end = FORK_CONTEXT.Pipe()
        inherited = [our_end, *(one.connection for one in self._workers)]
        arguments = (session, self._time_limits, name, its_end, inherited, folder, os.getpid())
        process = FORK_CONTEXT.Process(target=worker.run_worker, args=arguments, name=name)
        with _signals_blocked():  # until it is one that `_end_workers` ends
            process.start()
            its_end.close()
            self._workers.append(WorkerProcess(process, our_end))

    def _send_next(self, one: WorkerProcess) -> None:
        if not one.batch:
            one.batch.extend(next(self._batches, ()))
        with suppress(OSError):  # it has ended: that is heard, too
            one.connection.send(one.batch.popleft() if one.batch else None)

    def _receive_messages(self, session: pytest.Session) -> None:
        busy: dict[Any, WorkerProcess] = {one.connection: one for one in self._workers}
        while busy:
            for connection in wait(list(busy), worker.POLL_SECONDS):
                one = busy[connection]
                try:
                    kind, content = one.connection.recv()
                except Exception:  # noqa: BLE001 - it was ended, in the middle of a word perhaps
                    one.process.join(WORKER_STOP_SECONDS)
                    kind, content = worker.BROKEN, f"status {one.process.exitcode}"
                if kind == worker.REPORT:
                    self._log_report(session, content)
                elif kind == worker.DONE:
                    self._send_next(one)
                elif kind == worker.FINDINGS:
                    for finding in content:
                        session.config.stash[recorder.RECORDER].find(finding)
                    del busy[connection]
                elif kind == worker.EXIT:
                    message, status = content
                    pytest.exit(message, returncode=status)
                else:
                    pytest.exit(
                        "The judging could not be done. A worker was ended from outside, or fell "
                        f"over ({content}): run again, or with --workers 1.",
                        returncode=2,
                    )

    def _log_report(self, session: pytest.Session, data: dict[str, Any]) -> None:
        hook = session.config.hook
        report = hook.pytest_report_from_serializable(config=session.config, data=data)
        hook.pytest_runtest_logreport(report=report)
        if session.shouldfail:
            raise session.Failed(session.shouldfail)
        if session.shouldstop:
            raise session.Interrupted(session.shouldstop)

    def _end_workers(self) -> None:
        """Let every worker stop its server and remove what it made, and wait for it."""
        for one in self._workers:
            one.process.terminate()
            one.connection.close()  # who still has something to say is not waited for
        for one in self._workers:
            one.process.join(WORKER_STOP_SECONDS)
            one.process.kill()


def batches(items: Sequence[pytest.Item]) -> Iterator[list[int]]:
    """Yield the positions of scenarios, one by one but for those that stay together."""

    def group(position: int) -> int:
        return -1 if items[position].get_closest_marker(TOGETHER) else position

    for _, positions in groupby(range(len(items)), group):
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
