"""Workers that judge at the same time, each with a server and a database of its own.

How many there are, how a scenario is alone where it has to be, and how all of them end. One process
starts the workers, by way of pytest-xdist. It alone hears Ctrl-C, and what ends the judging in one
worker ends it in all.
"""

from __future__ import annotations

import argparse
import os
import signal
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from steps.patience import Patience
from steps.target.description import Description
from steps.target.process import TargetError, follow_parent
from steps.turns import Turns

if TYPE_CHECKING:  # pytest has to be the first to load a plugin of its own
    from pytest_bdd import parser

MOST = 4
"""Workers, unless more are asked for: each has a server and a PostgreSQL."""
ALONE = "alone"
"""Tag of scenarios whose verdict depends on the time that their action takes."""
STOP_SECONDS = 60.0
EXIT = "exit"
SINGLY = ("-x", "--exitfirst", "--maxfail", "--co", "--pdb", "--trace", "--setup")
"""Options of pytest for a run that stops early, looks closer or runs nothing."""


def number(text: str) -> int | None:
    """Read a number of workers, for a command line; None is `auto`."""
    if text == "auto":
        return None
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is neither auto nor a number above 0")
    return int(text)


def workers(asked: int | None, target: Description, selection: Sequence[str]) -> int:
    """Return how many workers judge. Raises `TargetError` when the target allows one only.

    Nobody having asked, it is one for each core, and one for a selection: who looks at a few
    scenarios, or looks closer, is done before a second server has started.
    """
    server, why = target.server, ""
    if server.url:
        why = "[server] url: a server that runs already cannot be started once more"
    elif server.port:
        why = "[server] port: several servers cannot listen on one port"
    if why and asked is not None and asked > 1:
        raise TargetError(f"{target.path}: {why}: leave --workers out, or say --workers 1.")
    if asked is not None and asked > 1:
        for one in selection:
            if one.startswith(SINGLY):
                raise TargetError(f"{one} needs a single worker: say --workers 1.")
    if asked is not None:
        return asked
    return 1 if why or selection else min(cores(), MOST)


def sharing(count: int) -> list[str]:
    """Return pytest's words for so many workers.

    Each takes the next scenario when it is through with one. So no worker runs out of work before
    the last, and all of them go through the features in their order: what a server is allowed once
    in a feature (a restart) it is allowed once.
    """
    if count == 1:
        return ["-n", "0"]
    return ["-n", str(count), "--dist", "load", "--maxschedchunk", "1"]


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


WORKER = "harness-worker"


class Worker:
    """The hooks of a worker."""

    def __init__(self, config: pytest.Config, patience: Patience) -> None:
        self._output: dict[str, Any] = config.workeroutput  # type: ignore[attr-defined]
        self._patience = patience
        shared = Path(config.getoption("basetemp")).parent
        self._scenarios = Turns(shared / "scenarios")
        self.starts = Turns(shared / "starts")
        follow_parent()
        signal.signal(signal.SIGTERM, _end_once)
        signal.signal(signal.SIGINT, _ignore)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self) -> Generator[None, object, object]:
        """Wait for the turn."""
        with ExitStack() as turn:
            with self._waiting():
                turn.enter_context(self._scenarios.together())
            return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_bdd_before_step(
        self, request: pytest.FixtureRequest, scenario: parser.Scenario, step: parser.Step
    ) -> Generator[None]:
        """Be alone from the action on, where its time counts: what is prepared is not measured."""
        action = next((one for one in scenario.steps if one.type == "when"), None)
        if step is action and request.node.get_closest_marker(ALONE):
            with self._waiting():
                self._scenarios.alone()
        return (yield)

    @contextmanager
    def _waiting(self) -> Iterator[None]:
        """Wait for other workers: the server is not slower for it."""
        began = time.monotonic()
        yield
        self._patience.waited(time.monotonic() - began)

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Hand over what ends the judging."""
        if isinstance(excinfo.value, pytest.exit.Exception):
            self._output[EXIT] = excinfo.value.msg, excinfo.value.returncode


class Starter:
    """The hooks of the process that starts the workers."""

    def __init__(self) -> None:
        self._nodes: list[Any] = []

    @pytest.hookimpl(wrapper=True)
    def pytest_sessionstart(self) -> Generator[None]:
        """Let no Ctrl-C of the terminal reach a worker that is not ready for it."""
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            return (yield)
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        self._nodes.append(node)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """End all when one has ended without having done its part; the first reason counts."""
        output: dict[str, Any] = getattr(node, "workeroutput", {})
        if EXIT in output:
            said, status = output[EXIT]
            pytest.exit(said, returncode=status)
        if error:
            pytest.exit(
                "The judging could not be done. A worker was ended from outside, or fell over "
                f"({str(error).strip().splitlines()[-1]}): run again, or with --workers 1.",
                returncode=2,
            )

    def pytest_keyboard_interrupt(self) -> None:
        """Let every worker stop its server and remove what it made, and wait for it."""
        for node in self._nodes:
            if not node.channel.isclosed():
                os.kill(node.gateway._rinfo().pid, signal.SIGTERM)
        for node in self._nodes:
            with suppress(OSError, EOFError):
                node.channel.waitclose(STOP_SECONDS)


def _end_once(number: int, frame: Any) -> None:
    """End as after Ctrl-C; whoever says so twice does not disturb the cleaning up."""
    signal.signal(number, _ignore)
    signal.default_int_handler(number, frame)


def _ignore(_number: int, _frame: Any) -> None:
    """Do nothing; `SIG_IGN` would be inherited by the server under test."""
