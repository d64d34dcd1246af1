"""Starts the server with the command line and environment that its target file describes.

Where lines are measured, the launcher is put before the command.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from steps.process.interpreter import python_command
from steps.process.server_process import ServerProcess
from steps.target.description.placeholders import fill, placeholder_names, same_setting
from steps.target.description.tables import Description
from traceability.measure.control_socket import ControlSocket


class ServerStarter:
    """Starts processes of one server, and owns the control socket of their launchers.

    `placeholders` returns the values of the target file's placeholders.
    """

    def __init__(
        self, description: Description, placeholders: Callable[[], Mapping[str, str]]
    ) -> None:
        self._description = description
        self._placeholders = placeholders
        self._control = ControlSocket()
        self.unmeasured = ""
        """Why no lines are measured; empty: they are."""
        if not description.server.source:
            self.unmeasured = "the target file names no source of the server"
        elif not description.server.measure:
            self.unmeasured = "the target file switches measuring off"

    @property
    def control(self) -> ControlSocket | None:
        """The socket over which launchers send measured lines; None: they are not measured."""
        return None if self.unmeasured else self._control

    def close(self) -> None:
        """Close the control socket."""
        self._control.close()

    def flush(self) -> None:
        """Fetch the lines that have run up to now: a server that is killed cannot send them."""
        self._control.flush()

    def start(
        self,
        port: int,
        log: Path,
        changes: Mapping[str, str | None] | None = None,
        env: Mapping[str, str] | None = None,
    ) -> ServerProcess:
        """Start the server on a port, with a changed environment.

        `changes` maps placeholders to other values, or to None: variables that hold them, or tell
        a part of the same setting, are left out. `env` adds variables; a variable whose text is
        empty is left out.
        """
        server, changes = self._description.server, changes or {}
        values = {**self._placeholders(), "port": str(port)}
        for name, value in changes.items():
            values |= dict.fromkeys(same_setting(name), value or "")
        left_out = _all_of(name for name, value in changes.items() if value is None)
        emptied = _all_of(name for name, value in changes.items() if value == "")
        variables = {}
        for name, text in {**server.env, **(env or {})}.items():
            held = set(placeholder_names(text))
            if text and not held & left_out:
                variables[name] = "" if held & emptied else fill(text, values)
        command = self._measured([fill(part, values) for part in server.command])
        if self.control is not None:
            variables |= self.control.environment()
        folder = self._description.folder
        own_log = folder / fill(server.log, values) if server.log else None
        return ServerProcess(command, variables, folder, port, log, own_log)

    def start_other(self, command: Sequence[str], log: Path) -> ServerProcess:
        """Start another command of the server's, without its environment and port."""
        words = self._measured([fill(part, self._placeholders()) for part in command])
        env, folder = self._control.environment(), self._description.folder
        return ServerProcess(words, env, folder, 0, log)

    def _measured(self, command: list[str]) -> list[str]:
        """Return the command under the launcher, or as it is where it cannot be measured."""
        if self.unmeasured:
            return command
        folder = self._description.folder
        program = python_command(command, folder)
        if program is None:
            name = Path(command[0]).name
            self.unmeasured = f"{name} runs no module and no script of Python that can be measured"
            return command
        sources = [str(folder / name) for name in self._description.server.source]
        (python, *options), words = program
        launcher = self._control.launcher_command(python, sources=sources, root=folder)
        return [launcher[0], *options, *launcher[1:], *words]


def _all_of(placeholders: Iterable[str]) -> frozenset[str]:
    """Return the placeholders and those that tell a part of the same settings."""
    return frozenset(name for one in placeholders for name in same_setting(one))
