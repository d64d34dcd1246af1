"""One judging of a series, as a child process with a folder of its own for its reports."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

from steps.process.child import spawn, terminate
from steps.run.acceptance_options import ROOT
from steps.run.series.options import Options
from steps.run.series.result import MATRIX, RESULT, Result, digest, read_matrix, reason_in
from steps.run.series.servers import Server
from steps.run.worker_count import cores

CONSOLE = "console.txt"
"""What a judging printed, beside its reports."""
OF_AN_EARLIER_RUN = (
    *("index.html", "matrix.md", MATRIX, "junit.xml", "evidence.jsonl", "server.log"),
    *(RESULT, CONSOLE),
)
"""Files that are removed before a judging: what is there afterwards is its own."""
STOP_SECONDS = 90.0
"""How long a judging may take to stop its servers and to remove its databases."""


class Judging:
    """A judging that runs. `command` starts it, with its options behind it."""

    def __init__(
        self, server: Server, options: Options, turns: Path | None, command: list[str] | None = None
    ) -> None:
        self.server = server
        self._folder = options.output / server.folder
        self._options = options
        arguments = judging_arguments(server, options, turns)
        self._folder.mkdir(parents=True, exist_ok=True)
        for name in OF_AN_EARLIER_RUN:
            (self._folder / name).unlink(missing_ok=True)
        self._began = time.monotonic()
        self._process = spawn(
            [*(command or [sys.executable, "-m", "steps.acceptance"]), *arguments],
            log=self._folder / CONSOLE,
            cwd=ROOT,
            death_signal=signal.SIGTERM,
        )

    def ended(self) -> Result | None:
        """Return the result when the judging has ended; None while it runs.

        One that takes longer than the limit is ended here.
        """
        status = self._process.poll()
        if status is not None:
            terminate(self._process, signal.SIGTERM)  # what it has left behind
            return self._result(status)
        if time.monotonic() - self._began > self._options.limit * 60:
            self.begin_to_stop()
            self.stop()
            reason = f"it took longer than {self._options.limit:g} minutes; --limit gives it more"
            return self._result(None, reason)
        return None

    def begin_to_stop(self) -> None:
        """Tell the judging to stop, without waiting for it: several stop at the same time."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)

    def stop(self) -> Result:
        """Wait until the judging has stopped; return what it has come to, which is no verdict."""
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
        terminate(self._process, signal.SIGTERM)
        return self._result(None, "it was ended before its end")

    def _result(self, status: int | None, reason: str = "") -> Result:
        counts, conformant = read_matrix(self._folder)
        if status not in {0, 1, None}:
            console = (self._folder / CONSOLE).read_text("utf-8", "replace")
            reason = reason_in(console) if status == 2 else f"it ended with status {status}"
        elif status is not None and not counts:
            status, reason = 2, f"it wrote no {MATRIX}"
        return Result(
            status=status,
            seconds=round(time.monotonic() - self._began, 1),
            reason=reason,
            counts=counts if status is not None else {},
            conformant=conformant and status is not None,
            digest=digest(self.server.file, self._options.judging),
        )


def judging_arguments(server: Server, options: Options, turns: Path | None) -> list[str]:
    """Return the options of one judging.

    Beside others, each has its share of the cores, and `turns` is the folder of the lock by which
    they take turns at what is timed.
    """
    file, folder = server.file, options.output / server.folder
    shown = file.relative_to(ROOT) if file.is_relative_to(ROOT) else file
    arguments = ["--target", str(shown), "--output", str(folder)]
    if turns is not None:
        arguments += ["--turns", str(turns)]
        if "--workers" not in options.judging:
            workers = 1 if server.resources else max(1, cores() // options.jobs)
            arguments += ["--workers", str(workers)]
    return [*arguments, *options.judging]
