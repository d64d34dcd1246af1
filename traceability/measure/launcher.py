"""Runs a Python server, measures its lines and reports them to the harness over a socket.

::

    python launcher.py --source DIR [--source DIR] --root DIR -- -m server --port 8000
    python launcher.py --source DIR --root DIR -- script.py --port 8000

The server's own Python runs this file by its path, so it needs only the standard library. The
environment variable `TRACEABILITY_CONTROL` (`127.0.0.1:PORT:TOKEN`) names the socket; the launcher
removes it before the server starts. The launcher changes neither the output nor the exit status of
the server. When it cannot measure, it reports the reason over the socket and runs the server.

The protocol is one JSON object a line. The launcher sends `{"token", "pid", "unmeasured"}` and
receives `{"step": "3 name"}`, the current step, or `{"step": null}`. Then it receives commands and
sends answers; an answer repeats the `id` of its command::

    {"id": 7, "begin": "4 name"} -> {"id": 7}
    {"id": 8, "flush": true}     -> {"id": 8, "lines": {"app/main.py": [3]}}    the step goes on
    {"id": 9, "end": true}       -> {"id": 9, "lines": {"app/main.py": [7]}}    the step is over

When the process ends during a step, the launcher sends `{"final": "4 name", "lines": {...}}`.
"""

import sys

if __name__ == "__main__" and not getattr(sys.flags, "safe_path", False):
    # The launcher's own folder would shadow modules of the server and of the standard library.
    sys.path.pop(0)

import argparse
import atexit
import importlib.machinery
import importlib.util
import json
import os
import signal
import socket
import threading
import time
import types
from collections.abc import Mapping
from pathlib import Path
from typing import Any

CONTROL_VARIABLE = "TRACEABILITY_CONTROL"
OWN_SIGNAL_HANDLERS: list[Any] = []
"""Signal handlers that the launcher installed, not the server."""
HARNESS_TIMEOUT = 5.0
"""Seconds that connecting to the harness, its first answer and the last message may take."""
IDLE_SECONDS = 0.001
"""Seconds for which the server must be idle before a step counts as over."""


def load_probes() -> types.ModuleType:
    """Load probes.py by its path: its folder is not on the server's `sys.path`."""
    path = Path(__file__).with_name("probes.py")
    spec = importlib.util.spec_from_file_location("traceability_probes", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class HarnessConnection:
    """The launcher's end of the control socket."""

    def __init__(self, address: str, probes: Any, unmeasured: str) -> None:
        host, port, token = address.split(":", 2)
        self._probes = probes
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._socket = socket.create_connection((host, int(port)), timeout=HARNESS_TIMEOUT)
        self._reader = self._socket.makefile("r", encoding="utf-8")
        self._send({"token": token, "pid": self._pid, "unmeasured": unmeasured})
        self._step: str | None = json.loads(self._reader.readline())["step"]
        self._socket.settimeout(None)
        if probes:
            probes.take_lines()

    def answer_commands(self) -> None:
        """Answer commands until the harness closes the connection."""
        try:
            for line in self._reader:
                command = json.loads(line)
                if "begin" not in command:
                    wait_until_idle()
                with self._lock:
                    self._send({"id": command["id"], **self._answer(command)})
        except (OSError, ValueError):
            return  # The harness is gone; the server goes on running.

    def _answer(self, command: Mapping[str, Any]) -> dict[str, Any]:
        lines = self._probes.take_lines() if self._probes else {}
        if "begin" in command:
            self._step = command["begin"]
            return {}
        if "end" in command:
            self._step = None
        return {"lines": lines}

    def send_final_lines(self) -> None:
        """Send the lines of the current step, because the process is about to end."""
        if os.getpid() != self._pid:
            return  # A forked child ends: it has a connection of its own.
        with self._lock:
            if self._step is None:
                return
            step, self._step = self._step, None
            lines = self._probes.take_lines() if self._probes else {}
            try:
                self._socket.settimeout(HARNESS_TIMEOUT)
                self._send({"final": step, "lines": lines})
            except OSError:
                return

    def close(self) -> None:
        """Close the socket in this process only: the parent process goes on using it."""
        os.close(self._socket.detach())

    def _send(self, message: Mapping[str, Any]) -> None:
        self._socket.sendall(json.dumps(message).encode() + b"\n")


def wait_until_idle(limit: float = 0.02) -> None:
    """Wait until the process uses no CPU time, at most `limit` seconds.

    A server may still close its database session or write its log after it has sent the answer.
    """
    deadline = time.monotonic() + limit
    while time.monotonic() < deadline:
        used = time.process_time()
        time.sleep(IDLE_SECONDS)
        if time.process_time() - used < IDLE_SECONDS / 4:
            return


def handle_sigterm(connection: HarnessConnection) -> None:
    """Send the last lines before SIGTERM ends a server that has no handler of its own."""

    def send_lines_and_end(signal_number: int, _frame: object) -> None:
        connection.send_final_lines()
        signal.signal(signal_number, signal.SIG_DFL)
        os.kill(os.getpid(), signal_number)

    # A forked child inherits its parent's handler, which uses the parent's connection.
    if signal.getsignal(signal.SIGTERM) in (signal.SIG_DFL, *OWN_SIGNAL_HANDLERS):
        signal.signal(signal.SIGTERM, send_lines_and_end)
        OWN_SIGNAL_HANDLERS.append(send_lines_and_end)


def start_measuring(sources: list[str], root: str) -> Any:
    """Install probes if possible, and answer the harness in a thread of its own.

    Returns the `Probes`, for the server's main module, or None when nothing is measured.
    """
    address = os.environ.pop(CONTROL_VARIABLE, "")
    if not address:
        return None
    missing = [source for source in sources if not Path(source).is_dir()]
    unmeasured = f"the source folder {missing[0]} does not exist" if missing else ""
    probes = None if missing else load_probes().Probes(sources, root)
    connections: list[HarnessConnection] = []

    def connect() -> None:
        while connections:  # the connection that a forked child has inherited from its parent
            connections.pop().close()
        try:
            connection = HarnessConnection(address, probes, unmeasured)
        except (OSError, ValueError, KeyError):
            return
        connections.append(connection)
        atexit.register(connection.send_final_lines)
        handle_sigterm(connection)
        threading.Thread(
            target=connection.answer_commands, name="traceability", daemon=True
        ).start()

    connect()
    if not probes or not connections:
        return None
    probes.install()
    os.register_at_fork(after_in_child=connect)
    return probes


def run_server(argv: list[str], probes: Any = None) -> None:
    """Run `-m module args...` or `script.py args...` as Python itself would.

    Raises `SystemExit` when the module or the script does not exist.
    """
    # A module object that stays alive: threads may outlive the main code.
    main = types.ModuleType("__main__")
    if argv[0] == "-m":
        prepend_to_sys_path(Path.cwd())
        spec = find_main_module(argv[1])
        code = code_of_module(spec)
        if spec is None or code is None:
            raise SystemExit(f"{sys.executable}: No module named {argv[1]}")
        main.__spec__, main.__loader__, main.__package__ = spec, spec.loader, spec.parent
        path = spec.origin or argv[1]
        sys.argv = [path, *argv[2:]]
    else:
        path = str(Path(argv[0]).absolute())
        prepend_to_sys_path(Path(path).resolve().parent)
        code = code_of_script(path, probes)
        main.__loader__ = importlib.machinery.SourceFileLoader("__main__", path)
        sys.argv = list(argv)
    main.__dict__.update(__file__=path, __builtins__=__builtins__)
    sys.modules["__main__"] = main
    exec(code, main.__dict__)  # noqa: S102


def find_main_module(name: str) -> importlib.machinery.ModuleSpec | None:
    """Find the module, or for a package its `__main__`; None when there is none."""
    try:
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.submodule_search_locations is not None:
            return importlib.util.find_spec(f"{name}.__main__")
    except ModuleNotFoundError as error:
        if error.name and f"{name}.".startswith(f"{error.name}."):
            return None
        raise
    return spec


def code_of_module(spec: importlib.machinery.ModuleSpec | None) -> types.CodeType | None:
    """Return the module's code; None if it has no Python code, as an extension module."""
    get_code: Any = getattr(spec and spec.loader, "get_code", None)
    code: types.CodeType | None = get_code(spec.name) if spec and get_code else None
    return code


def code_of_script(path: str, probes: Any) -> types.CodeType:
    """Compile a script, with probes if it is measured.

    Raises `SystemExit` with Python's own message and status when the file cannot be opened.
    """
    try:
        source = Path(path).read_bytes()
    except OSError as error:
        sys.stderr.write(
            f"{sys.executable}: can't open file {path!r}: [Errno {error.errno}] {error.strerror}\n"
        )
        raise SystemExit(2) from None
    instrumented: types.CodeType | None = None
    if probes and probes.is_measured(path):
        instrumented = probes.compile_module(source, path)
    return instrumented or compile(source, path, "exec", dont_inherit=True)


def prepend_to_sys_path(folder: Path) -> None:
    """Put the folder of the main module first in `sys.path`, as Python does."""
    if not getattr(sys.flags, "safe_path", False):
        sys.path.insert(0, str(folder))


def print_traceback_without_launcher(
    error_type: type[BaseException], error: BaseException, trace: types.TracebackType | None
) -> None:
    """Print a traceback without the frames of the launcher."""
    while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
        trace = trace.tb_next
    sys.__excepthook__(error_type, error.with_traceback(trace), trace)


def main() -> None:
    """Read the command line, connect to the harness, run the server."""
    parser = argparse.ArgumentParser(
        description="Run a Python server while its lines are measured.",
        usage="launcher.py --source DIR [--source DIR ...] --root DIR -- -m MODULE | SCRIPT ...",
    )
    parser.add_argument("--source", action="append", required=True, help="folder to measure")
    parser.add_argument("--root", required=True, help="folder that reported paths are relative to")
    separator = sys.argv.index("--") if "--" in sys.argv else len(sys.argv)
    options, server = parser.parse_args(sys.argv[1:separator]), sys.argv[separator + 1 :]
    if not server or server == ["-m"]:
        parser.error("name the server after --: -m MODULE, or SCRIPT")
    probes = start_measuring(options.source, options.root)
    sys.excepthook = print_traceback_without_launcher
    run_server(server, probes)


if __name__ == "__main__":
    main()
