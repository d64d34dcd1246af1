"""Runs a Python server while its lines are measured, and answers the harness over a socket.

::

    python launcher.py --source DIR [--source DIR] --root DIR -- -m server --port 8000
    python launcher.py --source DIR --root DIR -- script.py --port 8000

This file runs by its path in the server's own Python, so it needs nothing but the standard library
and, to measure, `coverage`: the server's own, or one that the harness lends (`--lent`).
`TRACEABILITY_CONTROL` (`127.0.0.1:PORT:TOKEN`) names the socket; it leaves the environment before
the server sees it. What the server prints and how it exits stays its own; when nothing can be
measured, the launcher says why over the socket and the server runs all the same.

The protocol is one JSON object a line. The launcher says `{"token", "pid", "unmeasured"}` and reads
`{"step": "3 name"}`, the step that has already begun, or `{"step": null}`. Then, each with an `id`
that the answer repeats::

    {"id": 7, "begin": "4 name"} -> {"id": 7}
    {"id": 8, "flush": true}     -> {"id": 8, "lines": {"app/main.py": [3]}}    the step goes on
    {"id": 9, "end": true}       -> {"id": 9, "lines": {"app/main.py": [7]}}    the step is over

When the process ends in the middle of a step: `{"final": "4 name", "lines": {...}}`.
"""

import sys

if __name__ == "__main__" and not getattr(sys.flags, "safe_path", False):
    # Our own folder would shadow modules of the server, and of the standard library.
    sys.path.pop(0)

import argparse
import atexit
import importlib.machinery
import importlib.util
import itertools
import json
import os
import signal
import socket
import threading
import time
import types
from collections.abc import Mapping
from importlib.abc import InspectLoader
from pathlib import Path
from typing import Any

TAG = sys.implementation.cache_tag
VARIABLE = "TRACEABILITY_CONTROL"
OUTSIDE = "outside of every step"
HANDSHAKE = 5.0
"""Seconds that the harness has to answer the first message."""
QUIET = 0.001
"""Seconds for which the server must have done nothing before a step counts as over."""


class UnmeasurableError(Exception):
    """Lines cannot be measured here; the text says why, in a sentence."""


def import_coverage(lent: str) -> types.ModuleType:
    """Import coverage: the server's own, or the one that the harness lends.

    `lent` is `TAG:FOLDER`: only an interpreter with the same tag can use what lies in the folder.
    Nothing of it stays on the path.
    """
    try:
        return importlib.import_module("coverage")
    except ImportError:
        tag, _, folder = lent.partition(":")
        if not folder or tag != sys.implementation.cache_tag:
            raise
    sys.path.append(folder)
    try:
        return importlib.import_module("coverage")
    finally:
        sys.path.remove(folder)


class Tracer:
    """Knows which lines of the sources ran in each step, by way of coverage's dynamic contexts."""

    def __init__(self, sources: list[str], root: str, lent: str = "") -> None:
        for source in sources:
            if not Path(source).is_dir():
                raise UnmeasurableError(f"the source folder {source} does not exist")
        try:
            coverage = import_coverage(lent)
        except ImportError as error:
            raise UnmeasurableError(
                f"coverage is not installed for {sys.executable}, which is {TAG}, and the "
                f"harness's is for another Python ({error})"
            ) from error
        self._root = Path(root).resolve()
        self._probe = str(Path(sources[0]).resolve() / ".traceability-probe.py")
        self._serial = itertools.count()
        self._context = OUTSIDE
        greenlets = importlib.util.find_spec("greenlet") is not None
        try:
            self._coverage = coverage.Coverage(
                data_file=None,
                config_file=False,
                branch=False,
                source=sources,
                concurrency=["thread", "greenlet"] if greenlets else ["thread"],
            )
            # Only the C tracer has contexts and a bearable price; `sysmon` has none.
            self._coverage.set_option("run:core", "ctrace")
            self._coverage.set_option("run:disable_warnings", WARNINGS)
            self._data = self._coverage.get_data()
            self._coverage.start()
            self._prove()
        except coverage.CoverageException as error:
            raise UnmeasurableError(
                f"coverage {coverage.__version__} did not start: {error}"
            ) from error

    def _prove(self) -> None:
        """Run one line in two contexts: a tracer without contexts shows it in the first alone."""
        probe = compile("line = 1", self._probe, "exec")
        for _ in range(2):
            self.switch()
            exec(probe, {})  # noqa: S102
            if not self.switch(probing=True):
                self._coverage.stop()
                raise UnmeasurableError("this tracer of coverage has no contexts")

    def switch(self, *, probing: bool = False) -> dict[str, list[int]]:
        """Start a new context. Returns the lines that ran in the one before, by relative path."""
        previous, self._context = self._context, f"{next(self._serial)}"
        # This also flushes. `get_data` would do so too, and then walk the whole source tree.
        self._coverage.switch_context(self._context)
        self._data.set_query_context(previous)
        lines: dict[str, list[int]] = {}
        for path in self._data.measured_files():
            # An empty module runs its line 0.
            numbers = [number for number in self._data.lines(path) or () if number > 0]
            if numbers and (probing or path != self._probe):
                relative = os.path.relpath(path, self._root).replace(os.sep, "/")
                lines[relative] = sorted(numbers)
        return lines


WARNINGS = [
    "couldnt-parse",
    "dynamic-conflict",
    "module-not-imported",
    "module-not-measured",
    "module-not-python",
    "no-ctracer",
    "no-data-collected",
    "no-sysmon",
    "no-sysmon-context",
    "trace-changed",
]
"""Of coverage, all that could end up in the server's own output."""


class Session:
    """The launcher's side of the control socket."""

    def __init__(self, address: str, tracer: Tracer | None, unmeasured: str) -> None:
        host, port, token = address.split(":", 2)
        self._tracer = tracer
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._socket = socket.create_connection((host, int(port)), timeout=HANDSHAKE)
        self._reader = self._socket.makefile("r", encoding="utf-8")
        self._send({"token": token, "pid": self._pid, "unmeasured": unmeasured})
        self._step: str | None = json.loads(self._reader.readline())["step"]
        self._socket.settimeout(None)
        if tracer:
            tracer.switch()

    def serve(self) -> None:
        """Answer commands until the harness hangs up."""
        try:
            for line in self._reader:
                command = json.loads(line)
                if "begin" not in command:
                    settle()
                with self._lock:
                    self._send({"id": command["id"], **self._answer(command)})
        except (OSError, ValueError):
            return  # The harness is gone; the server is not ours to stop.

    def _answer(self, command: Mapping[str, Any]) -> dict[str, Any]:
        lines = self._tracer.switch() if self._tracer else {}
        if "begin" in command:
            self._step = command["begin"]
            return {}
        if "end" in command:
            self._step = None
        return {"lines": lines}

    def finish(self) -> None:
        """Send what ran since the step began. The process is about to end."""
        if os.getpid() != self._pid:
            return  # A forked child shares the socket, but not the thread that serves it.
        with self._lock:
            if self._step is None:
                return
            step, self._step = self._step, None
            lines = self._tracer.switch() if self._tracer else {}
            try:
                self._socket.settimeout(HANDSHAKE)
                self._send({"final": step, "lines": lines})
            except OSError:
                return

    def _send(self, message: Mapping[str, Any]) -> None:
        self._socket.sendall(json.dumps(message).encode() + b"\n")


def settle(limit: float = 0.02) -> None:
    """Wait until the process uses no processor time, at most `limit` seconds.

    A server still closes its session and writes its log when the client has the answer already.
    """
    deadline = time.monotonic() + limit
    while time.monotonic() < deadline:
        before = time.process_time()
        time.sleep(QUIET)
        if time.process_time() - before < QUIET / 4:
            return


def on_terminate(session: Session) -> None:
    """Send the last lines of a server that SIGTERM would end without a word."""

    def finish_and_die(number: int, _frame: object) -> None:
        session.finish()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, finish_and_die)


def connect(sources: list[str], root: str, lent: str = "") -> None:
    """Measure, if it can be done, and serve the harness from a thread of its own."""
    address = os.environ.pop(VARIABLE, "")
    if not address:
        return
    tracer, unmeasured = None, ""
    try:
        tracer = Tracer(sources, root, lent)
    except Exception as error:  # noqa: BLE001 - whatever coverage does, the server must run
        unmeasured = str(error) or type(error).__name__
    try:
        session = Session(address, tracer, unmeasured)
    except (OSError, ValueError, KeyError):
        return
    atexit.register(session.finish)
    on_terminate(session)
    threading.Thread(target=session.serve, name="traceability", daemon=True).start()


def run(argv: list[str]) -> None:
    """Run `-m module args...` or `script.py args...` as Python itself would."""
    # A module object that nobody takes away: threads may outlive the main code.
    main = types.ModuleType("__main__")
    if argv[0] == "-m":
        add_to_path(Path.cwd())
        spec = find(argv[1])
        code = loaded(spec)
        if spec is None or code is None:
            raise SystemExit(f"{sys.executable}: No module named {argv[1]}")
        main.__spec__, main.__loader__, main.__package__ = spec, spec.loader, spec.parent
        path = spec.origin or argv[1]
        sys.argv = [path, *argv[2:]]
    else:
        path = str(Path(argv[0]).absolute())
        add_to_path(Path(path).resolve().parent)
        code = read(path)
        main.__loader__ = importlib.machinery.SourceFileLoader("__main__", path)
        sys.argv = list(argv)
    main.__dict__.update(__file__=path, __builtins__=__builtins__)
    sys.modules["__main__"] = main
    exec(code, main.__dict__)  # noqa: S102


def find(name: str) -> importlib.machinery.ModuleSpec | None:
    """Find the module, or for a package its `__main__`."""
    try:
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.submodule_search_locations is not None:
            return importlib.util.find_spec(f"{name}.__main__")
    except ModuleNotFoundError as error:
        if error.name and f"{name}.".startswith(f"{error.name}."):
            return None
        raise
    return spec


def loaded(spec: importlib.machinery.ModuleSpec | None) -> types.CodeType | None:
    """Return the module's code; None where there is none to run, as in an extension module."""
    loader = spec and spec.loader
    return loader.get_code(spec.name) if isinstance(loader, InspectLoader) and spec else None


def read(path: str) -> types.CodeType:
    """Compile a script, or say that it cannot be opened in Python's own words."""
    try:
        return compile(Path(path).read_bytes(), path, "exec", dont_inherit=True)
    except OSError as error:
        sys.stderr.write(
            f"{sys.executable}: can't open file {path!r}: [Errno {error.errno}] {error.strerror}\n"
        )
        raise SystemExit(2) from None


def add_to_path(folder: Path) -> None:
    """Put the folder where Python puts that of the main module."""
    if not getattr(sys.flags, "safe_path", False):
        sys.path.insert(0, str(folder))


def print_without_launcher(
    kind: type[BaseException], error: BaseException, trace: types.TracebackType | None
) -> None:
    """Print a traceback that looks as if the server had been started directly."""
    while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
        trace = trace.tb_next
    sys.__excepthook__(kind, error.with_traceback(trace), trace)


def main() -> None:
    """Read the command line, connect, become the server."""
    parser = argparse.ArgumentParser(
        description="Run a Python server while its lines are measured.",
        usage="launcher.py --source DIR [--source DIR ...] --root DIR -- -m MODULE | SCRIPT ...",
    )
    parser.add_argument("--source", action="append", required=True, help="folder to measure")
    parser.add_argument("--lent", default="", help="TAG:FOLDER of a coverage to fall back on")
    parser.add_argument("--root", required=True, help="folder that reported paths are relative to")
    mark = sys.argv.index("--") if "--" in sys.argv else len(sys.argv)
    options, server = parser.parse_args(sys.argv[1:mark]), sys.argv[mark + 1 :]
    if not server or server == ["-m"]:
        parser.error("name the server after --: -m MODULE, or SCRIPT")
    connect(options.source, options.root, options.lent)
    sys.excepthook = print_without_launcher
    run(server)


if __name__ == "__main__":
    main()
