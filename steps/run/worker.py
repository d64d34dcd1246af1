"""A worker: one of several processes of a judging. It runs the scenarios that it is sent.

The scheduler forks it when all scenarios are collected. It has no terminal, and starts a server
and a database of its own. It sends results to the scheduler over a connection (a pipe).
"""

from __future__ import annotations

import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

from steps.http.time_limits import TimeLimits
from steps.process.child import end_with_parent
from steps.process.readers_writer_lock import ReadersWriterLock
from steps.run.timed_turns import TURNS_PLUGIN, TimedTurns
from traceability.evidence.recording.hooks import RECORDING_PLUGIN, RecordingHooks
from traceability.evidence.recording.recorder import RECORDER_KEY

Message = tuple[str, Any]
PLUGIN_NAME = "harness-worker"
REPORT, DONE, SECRETS, TOKENS = "report", "done", "secrets", "tokens"
FINDINGS, EXIT, BROKEN = "findings", "exit", "broken"
"""Kinds of messages of a worker. One of the last three is its last message."""
INTERRUPTED: Message = (BROKEN, "it was told to end")
POLL_SECONDS = 1.0
"""Limit of one wait: a signal that arrives just before a wait is handled only after it."""
SESSION_FINISH_PLUGINS = {"runner", RECORDING_PLUGIN}
"""Plugins that finish a session in each worker: they close the target and the evidence file."""


class Worker:
    """The pytest hooks of a worker. It is sent a scenario while it still runs the one before."""

    def __init__(
        self,
        session: pytest.Session,
        time_limits: TimeLimits,
        name: str,
        connection: Connection[Any, Any],
        shared_folder: Path,
    ) -> None:
        self._session = session
        self.name = name
        self._connection = connection
        self.start_lock = ReadersWriterLock(shared_folder / "starts")
        self.tokens: set[str] = set()
        """All tokens that this worker made or was given."""
        plugins = session.config.pluginmanager
        capture: Any = plugins.get_plugin("capturemanager")
        capture.stop_global_capturing()  # otherwise all workers would capture into one file
        capture.start_global_capturing()
        if plugins.has_plugin("terminalreporter"):
            plugins.unregister(name="terminalreporter")
        plugins.register(self, PLUGIN_NAME)
        turns: Path = session.config.getoption("--turns") or shared_folder / "scenarios"
        plugins.register(TimedTurns(turns, time_limits), TURNS_PLUGIN)
        recording: RecordingHooks | None = plugins.get_plugin(RECORDING_PLUGIN)
        if recording:
            recording.continue_as_worker(name)

    def run(self) -> Message:
        """Run scenarios until there are no more, or until an error; return the last message."""
        message: Message | None = None
        try:
            self._run_scenarios()
        except KeyboardInterrupt:
            message = INTERRUPTED
        except pytest.exit.Exception as error:
            message = (EXIT, (error.msg, error.returncode))
        except Exception as error:  # noqa: BLE001 - an error here is no verdict on the server
            message = (BROKEN, describe_error(error))
        signal.signal(signal.SIGTERM, _ignore_signal)  # it is ending already
        try:
            self._finish_session()
        except Exception as error:  # noqa: BLE001 - the first error is the one to report
            message = message or (BROKEN, describe_error(error))
        with suppress(OSError):
            self._connection.send((TOKENS, self.tokens))
        return message or (FINDINGS, self._session.config.stash[RECORDER_KEY].findings)

    def _run_scenarios(self) -> None:
        next_item = self._receive_item()
        while (item := next_item) is not None:
            next_item = self._receive_item()
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=next_item)
            self._connection.send((DONE, None))

    def _receive_item(self) -> pytest.Item | None:
        while not self._connection.poll(POLL_SECONDS):
            pass
        position = self._connection.recv()
        return None if position is None else self._session.items[position]

    def _finish_session(self) -> None:
        plugins = self._session.config.pluginmanager
        other_plugins = [
            one for name, one in plugins.list_name_plugin() if name not in SESSION_FINISH_PLUGINS
        ]
        call_hook = plugins.subset_hook_caller("pytest_sessionfinish", other_plugins)
        call_hook(session=self._session, exitstatus=self._session.exitstatus)

    def send_secrets(self, secrets: Mapping[str, str]) -> None:
        """Send what must not be printed or written: the scheduler's process looks for it."""
        self._connection.send((SECRETS, dict(secrets)))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Send the report of a phase of a scenario: setup, call or teardown."""
        config = self._session.config
        data = config.hook.pytest_report_to_serializable(config=config, report=report)
        self._connection.send((REPORT, data))


def run_worker(
    session: pytest.Session,
    time_limits: TimeLimits,
    name: str,
    connection: Connection[Any, Any],
    inherited: Sequence[Connection[Any, Any]],
    shared_folder: Path,
    parent: int,
) -> None:
    """Run a worker to its end, in a process that `parent` forked with SIGINT and SIGTERM blocked.

    `inherited` are ends of other pipes that the fork has copied. They are closed here: a pipe
    reports its end only when no process has its other end open.
    """
    for other in inherited:
        other.close()
    message = INTERRUPTED
    try:
        # Ctrl-C reaches all processes: the parent ends the workers.
        signal.signal(signal.SIGINT, _ignore_signal)
        end_with_parent(parent)
        signal.signal(signal.SIGTERM, _interrupt_once)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, signal.SIGTERM})
        message = Worker(session, time_limits, name, connection, shared_folder).run()
    except KeyboardInterrupt:
        pass
    except Exception as error:  # noqa: BLE001 - the parent reports it
        message = (BROKEN, describe_error(error))
    with suppress(OSError):
        connection.send(message)


def describe_error(error: Exception) -> str:
    """Return type and text of an error, in one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())


def _interrupt_once(number: int, frame: Any) -> None:
    """End as after Ctrl-C; a second signal must not interrupt the clean-up."""
    signal.signal(number, _ignore_signal)
    signal.default_int_handler(number, frame)


def _ignore_signal(_number: int, _frame: Any) -> None:
    """Ignore the signal; the server under test would inherit `SIG_IGN`, but not a handler."""
