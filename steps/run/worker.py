"""One of several processes that judge at the same time: it runs the scenarios it is given.

It is forked when all scenarios are collected, so it has no terminal and starts with a server and a
database of its own. What it has to say travels over a wire to the process that has forked it.
"""

from __future__ import annotations

import signal
from collections.abc import Generator, Sequence
from contextlib import ExitStack, suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from steps.http.time_limits import TimeLimits
from steps.process.child import end_with_parent
from steps.process.readers_writer_lock import ReadersWriterLock
from traceability.evidence import plugin as recorder

if TYPE_CHECKING:  # pytest has to be the first to load a plugin of its own
    from pytest_bdd import parser

Message = tuple[str, Any]
PLUGIN = "harness-worker"
ALONE = "alone"
"""Tag of scenarios whose verdict depends on the time that their action takes."""
REPORT, DONE, FINDINGS, EXIT, BROKEN = "report", "done", "findings", "exit", "broken"
"""What a worker says. After one of the last three, nothing more is heard of it."""
INTERRUPTED: Message = (BROKEN, "it was told to end")
SIGNAL_SECONDS = 1.0
"""How long to wait at a time: a signal that comes just before a wait is heard after it only."""
KEPT_PLUGINS = {"runner", recorder.PLUGIN}
"""Plugins that end a session in each process: they let go of the target, and close the evidence."""


class Worker:
    """The hooks of a worker. It is given a scenario while it is busy with the one before."""

    def __init__(
        self,
        session: pytest.Session,
        time_limits: TimeLimits,
        name: str,
        wire: Connection[Any, Any],
        shared: Path,
    ) -> None:
        self._session = session
        self._time_limits = time_limits
        self._wire = wire
        self._scenarios = ReadersWriterLock(shared / "scenarios")
        self.starts = ReadersWriterLock(shared / "starts")
        plugins = session.config.pluginmanager
        capture: Any = plugins.get_plugin("capturemanager")
        capture.stop_global_capturing()  # what is caught here must not meet what others catch
        capture.start_global_capturing()
        if plugins.has_plugin("terminalreporter"):
            plugins.unregister(name="terminalreporter")
        plugins.register(self, PLUGIN)
        recording: recorder.Plugin | None = plugins.get_plugin(recorder.PLUGIN)
        if recording:
            recording.go_on(name)

    def work(self) -> Message:
        """Run scenarios until there are no more, or until all is to end; return what is last."""
        last: Message | None = None
        try:
            self._run()
        except KeyboardInterrupt:
            last = INTERRUPTED
        except pytest.exit.Exception as error:
            last = (EXIT, (error.msg, error.returncode))
        except Exception as error:  # noqa: BLE001 - an error here is no verdict on the server
            last = (BROKEN, describe_error(error))
        signal.signal(signal.SIGTERM, _ignore_signal)  # it ends already
        try:
            self._finish()
        except Exception as error:  # noqa: BLE001 - what came first is said
            last = last or (BROKEN, describe_error(error))
        return last or (FINDINGS, self._session.config.stash[recorder.RECORDER].findings)

    def _run(self) -> None:
        following = self._next()
        while (item := following) is not None:
            following = self._next()
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            self._wire.send((DONE, None))

    def _next(self) -> pytest.Item | None:
        while not self._wire.poll(SIGNAL_SECONDS):
            pass
        number = self._wire.recv()
        return None if number is None else self._session.items[number]

    def _finish(self) -> None:
        plugins = self._session.config.pluginmanager
        others = [one for name, one in plugins.list_name_plugin() if name not in KEPT_PLUGINS]
        end = plugins.subset_hook_caller("pytest_sessionfinish", others)
        end(session=self._session, exitstatus=self._session.exitstatus)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Say how a phase of a scenario ended."""
        config = self._session.config
        told = config.hook.pytest_report_to_serializable(config=config, report=report)
        self._wire.send((REPORT, told))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self) -> Generator[None, object, object]:
        """Wait for the turn."""
        with ExitStack() as turn:
            with self._time_limits.paused():
                turn.enter_context(self._scenarios.shared())
            return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_bdd_before_step(
        self, request: pytest.FixtureRequest, step: parser.Step
    ) -> Generator[None]:
        """Be alone for the action, where its time counts: what is prepared is not measured."""
        if is_timed(request, step):
            with self._time_limits.paused():
                self._scenarios.to_exclusive()
        return (yield)

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_bdd_after_step(
        self, request: pytest.FixtureRequest, step: parser.Step
    ) -> Generator[None]:
        """Let others go on."""
        yield
        if is_timed(request, step):
            with self._time_limits.paused():
                self._scenarios.to_shared()


def is_timed(request: pytest.FixtureRequest, step: parser.Step) -> bool:
    """Say whether the verdict depends on the time that this step takes."""
    return step.type == "when" and request.node.get_closest_marker(ALONE) is not None


def run_worker(
    session: pytest.Session,
    time_limits: TimeLimits,
    name: str,
    wire: Connection[Any, Any],
    others: Sequence[Connection[Any, Any]],
    shared: Path,
    parent: int,
) -> None:
    """Be a worker, in a process that `parent` has just forked with SIGINT and SIGTERM blocked.

    `others` are ends of wires that are not ours: while somebody has them, they are not closed.
    """
    for other in others:
        other.close()
    last = INTERRUPTED
    try:
        signal.signal(signal.SIGINT, _ignore_signal)  # Ctrl-C reaches all: the parent says when
        end_with_parent(parent)
        signal.signal(signal.SIGTERM, _interrupt_once)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, signal.SIGTERM})
        last = Worker(session, time_limits, name, wire, shared).work()
    except KeyboardInterrupt:
        pass
    except Exception as error:  # noqa: BLE001 - the parent says it
        last = (BROKEN, describe_error(error))
    with suppress(OSError):
        wire.send(last)


def describe_error(error: Exception) -> str:
    """Return an error with its type, in one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())


def _interrupt_once(number: int, frame: Any) -> None:
    """End as after Ctrl-C; whoever says so twice does not disturb the cleaning up."""
    signal.signal(number, _ignore_signal)
    signal.default_int_handler(number, frame)


def _ignore_signal(_number: int, _frame: Any) -> None:
    """Do nothing; `SIG_IGN` would be inherited by the server under test."""
