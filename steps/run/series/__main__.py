"""`python -m steps.run.series targets/*.toml` judges one server after the other."""

from __future__ import annotations

import contextlib
import io
import shutil
import signal
import sys
import tempfile
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path

from steps.process.child import end_with_parent
from steps.run.series import result as results
from steps.run.series import table
from steps.run.series.judging import Judging
from steps.run.series.options import Options, parse
from steps.run.series.result import MATRIX, Result
from steps.run.series.servers import Server, servers, without_template
from steps.surroundings import print_anywhere
from traceability.cli import command
from traceability.cli.output import shown_path

POLL_SECONDS = 0.2
NEEDED_BYTES = 500 * 1024 * 1024
"""Free space of the output folder without which no further judging is begun."""


class Series:
    """Judges servers, several at a time if wanted, and keeps what each has come to.

    `judging_command` replaces the command of a judging, for tests.
    """

    def __init__(
        self, found: Sequence[Server], options: Options, judging_command: list[str] | None = None
    ) -> None:
        self._servers = list(found)
        self._options = options
        self._command = judging_command
        self._waiting = deque(self._servers)
        self._running: list[Judging] = []
        self._results: dict[Server, Result] = {}
        self.interrupted = False

    @property
    def rows(self) -> list[table.Row]:
        """Every server with its result, in the order in which they were named."""
        never = Result(None, reason="the run was ended before its turn")
        return [(one, self._results.get(one, never)) for one in self._servers]

    def run(self) -> None:
        """Judge all; after Ctrl-C or SIGTERM, end what runs and return."""
        with tempfile.TemporaryDirectory() as folder:
            turns = Path(folder) / "turns" if self._options.jobs > 1 else None
            try:
                while self._waiting or self._running:
                    self._begin(turns)
                    time.sleep(POLL_SECONDS)
                    for judging in list(self._running):
                        self._take_ended(judging)
            except KeyboardInterrupt:
                self.interrupted = True
                for number in (signal.SIGINT, signal.SIGTERM):
                    signal.signal(number, signal.SIG_IGN)
                self._stop_all()

    def _begin(self, turns: Path | None) -> None:
        """Begin judgings until as many run as may, none of them beside one that shares with it."""
        for server in list(self._waiting):
            if len(self._running) >= self._options.jobs:
                return
            used = {name for judging in self._running for name in judging.server.resources}
            if used & server.resources:
                continue
            self._waiting.remove(server)
            folder = self._options.output / server.folder
            if self._options.resume and self._taken_over(server, folder):
                continue
            folder.mkdir(parents=True, exist_ok=True)
            if shutil.disk_usage(folder).free < NEEDED_BYTES:
                reason = f"less than {NEEDED_BYTES // 1024**2} MB are free for its reports"
                self._note(server, Result(None, reason=reason))
                continue
            self._say(server, "begins")
            self._running.append(Judging(server, self._options, turns, self._command))

    def _taken_over(self, server: Server, folder: Path) -> bool:
        earlier = results.read_result(folder)
        wanted = results.digest(server.file, self._options.judging)
        if earlier is None or not earlier.judged or earlier.digest != wanted:
            return False
        if not (folder / MATRIX).is_file():
            return False
        self._note(server, earlier, "judged before")
        return True

    def _take_ended(self, judging: Judging) -> None:
        result = judging.ended()
        if result is not None:
            self._running.remove(judging)
            results.write(result, self._options.output / judging.server.folder)
            self._note(judging.server, result)

    def _stop_all(self) -> None:
        running, self._running = self._running, []
        for judging in running:
            judging.begin_to_stop()
        for judging in running:
            self._results[judging.server] = judging.stop()

    def _note(self, server: Server, result: Result, when: str = "") -> None:
        self._results[server] = result
        self._say(server, when or table.duration(result.seconds), table.described(result))

    def _say(self, server: Server, when: str, what: str = "") -> None:
        count = len(self._servers)
        number = self._servers.index(server) + 1
        line = f"[{number:>{len(str(count))}}/{count}] {when:<6} {server.name}"
        print(table.shortened(f"{line}: {what}" if what else line), flush=True)


def main(arguments: Sequence[str], judging_command: list[str] | None = None) -> int:
    """Judge all servers, print the table, and return the exit status.

    `judging_command` replaces the command of a judging, for tests.
    """
    end_with_parent()
    print_anywhere()
    options = parse(arguments)
    files = without_template(options.targets)
    if len(files) < len(options.targets):
        print("template.toml describes no server, and is left out.")
    if not files:
        print("No server is left to judge: name its target file.", file=sys.stderr)
        return 2
    series = Series(servers(files), options, judging_command)
    try:
        options.output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        print(f"--output {options.output}: {error.strerror}.", file=sys.stderr)
        return 2
    series.run()
    return finish(series, options)


def finish(series: Series, options: Options) -> int:
    """Write the table and the comparison, print the table, and return the exit status."""
    rows = series.rows
    compared = compare(rows, options.output)
    page = options.output / "servers.md"
    page.write_text(table.render_markdown(rows, compared=compared), "utf-8")
    print()
    print(table.render_terminal(rows), end="")
    if series.interrupted:
        print("The run was ended; with --resume it goes on where it stopped.")
    print(f"Reports: {shown_path(page)}")
    if compared:
        print(f"Comparison: {shown_path(options.output / 'comparison' / 'comparison.html')}")
    if any(not result.judged for _, result in rows):
        return 2
    return max(result.status or 0 for _, result in rows)


def compare(rows: Sequence[table.Row], output: Path) -> bool:
    """Write the comparison of all that have a matrix; return whether there is one."""
    matrices = [output / server.folder / MATRIX for server, result in rows if result.counts]
    folder = output / "comparison"
    for name in ("comparison.html", "comparison.md"):
        (folder / name).unlink(missing_ok=True)
    if len(matrices) < 2:
        return False
    with contextlib.redirect_stdout(io.StringIO()):  # the table says it, in one line for each
        status = command.main(["compare", *map(str, matrices), "--output", str(folder)])
    return status == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
