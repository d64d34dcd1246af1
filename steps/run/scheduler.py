"""Distributes the scenarios over workers, and reports their results as those of one run.

The workers are forked after collection: they need not load and read again what took long. Each is
sent its next scenario while it still runs one. So all workers end at about the same time, and go
through the features in order: the limit of one restart in a feature holds for each server. An
error that ends the judging in one worker ends it in all.
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
from steps.run.secret_search import RUN_SECRETS
from traceability.evidence.recording.hooks import RECORDING_PLUGIN, RecordingHooks
from traceability.evidence.recording.recorder import RECORDER_KEY

WORKER_STOP_SECONDS = 60.0
FORK_CONTEXT = multiprocessing.get_context("fork")
TOGETHER = "together"
"""Tag of scenarios that share data that takes long to make: one worker runs all neighbours."""


@dataclass(frozen=True)
class WorkerProcess:
    """A worker, as the scheduler that forked it sees it."""

    process: BaseProcess
    connection: Connection[Any, Any]
    batch: deque[int] = field(default_factory=deque)
    """Positions of scenarios that are still to be sent, and to this worker only."""


class Scheduler:
    """Replaces pytest's loop over all scenarios."""

    def __init__(self, count: int, time_limits: TimeLimits) -> None:
        self._count = count
        self._time_limits = time_limits
        self._workers: list[WorkerProcess] = []
        self._batches: Iterator[list[int]] = iter(())

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Let workers run the scenarios. Where none is to run, pytest's own loop says why."""
        if session.testsfailed or not session.items or session.config.getoption("collectonly"):
            return None
        plugin: RecordingHooks | None = session.config.pluginmanager.get_plugin(RECORDING_PLUGIN)
        if plugin:
            plugin.hand_over_to_workers()
        self._batches = batches(session.items)
        try:
            for number in range(min(self._count, len(session.items))):
                self._fork_worker(session, f"w{number}")
            for worker_process in self._workers * 2:
                self._send_next(worker_process)
            self._receive_messages(session)
        finally:
            self._end_workers()
        return True

    def _fork_worker(self, session: pytest.Session, name: str) -> None:
        folder: Path = session.config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]
        our_end, its_end = FORK_CONTEXT.Pipe()
        inherited = [our_end, *(worker_process.connection for worker_process in self._workers)]
        arguments = (session, self._time_limits, name, its_end, inherited, folder, os.getpid())
        process = FORK_CONTEXT.Process(target=worker.run_worker, args=arguments, name=name)
        with _signals_blocked():  # until `_end_workers` knows the worker
            process.start()
            its_end.close()
            self._workers.append(WorkerProcess(process, our_end))

    def _send_next(self, worker_process: WorkerProcess) -> None:
        if not worker_process.batch:
            worker_process.batch.extend(next(self._batches, ()))
        with suppress(OSError):  # it has ended: `_receive_messages` finds out
            worker_process.connection.send(
                worker_process.batch.popleft() if worker_process.batch else None
            )

    def _receive_messages(self, session: pytest.Session) -> None:
        busy: dict[Any, WorkerProcess] = {
            worker_process.connection: worker_process for worker_process in self._workers
        }
        while busy:
            for connection in wait(list(busy), worker.POLL_SECONDS):
                worker_process = busy[connection]
                try:
                    kind, content = worker_process.connection.recv()
                except Exception:  # noqa: BLE001 - it was killed, perhaps in the middle of a message
                    worker_process.process.join(WORKER_STOP_SECONDS)
                    kind, content = worker.BROKEN, f"status {worker_process.process.exitcode}"
                if kind == worker.REPORT:
                    self._log_report(session, content)
                elif kind == worker.DONE:
                    self._send_next(worker_process)
                elif kind == worker.SECRETS:
                    if run_secrets := session.config.stash.get(RUN_SECRETS, None):
                        run_secrets.add(content)
                elif kind == worker.TOKENS:
                    if run_secrets := session.config.stash.get(RUN_SECRETS, None):
                        for token in content:
                            run_secrets.add_token(token)
                elif kind == worker.FINDINGS:
                    for finding in content:
                        session.config.stash[RECORDER_KEY].add_finding(finding)
                    del busy[connection]
                elif kind == worker.EXIT:
                    message, status = content
                    pytest.exit(message, returncode=status)
                else:
                    pytest.exit(
                        "The judging could not be done. A worker was ended from outside, or fell "
                        f"over ({content}): run again.",
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
        """Tell every worker to stop its server and to clean up, and wait for its end."""
        for worker_process in self._workers:
            worker_process.process.terminate()
            # A worker that still has results to send gets an error instead of waiting for a reader.
            worker_process.connection.close()
        for worker_process in self._workers:
            worker_process.process.join(WORKER_STOP_SECONDS)
            worker_process.process.kill()


def batches(items: Sequence[pytest.Item]) -> Iterator[list[int]]:
    """Yield lists of positions in `items`: one scenario each, or neighbours tagged `TOGETHER`."""

    def group(position: int) -> int:
        return -1 if items[position].get_closest_marker(TOGETHER) else position

    for _, positions in groupby(range(len(items)), group):
        yield list(positions)


@contextmanager
def _signals_blocked() -> Iterator[None]:
    """Block SIGINT and SIGTERM. A worker unblocks them when it has set its own handlers."""
    signals = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)
