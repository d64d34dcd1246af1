"""Finds the Python interpreter of a command, so that the launcher can run and measure its code."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Sequence
from pathlib import Path

from steps.process.server_process import search_path

INTERPRETER = re.compile(r"(python|pypy)[\d.]*")


def python_command(command: Sequence[str], folder: Path) -> tuple[list[str], list[str]] | None:
    """Return a Python interpreter with its options, and the code that it runs.

    The code is `-m module` or a script, with arguments. A script may be the command itself, as
    `uvicorn` of a virtual environment is. None: the command runs no Python code that can be found.
    """
    program, *words = command
    if INTERPRETER.fullmatch(Path(program).name):
        count = _count_options(words)
        code = words[count:]
        runs_code = bool(code) and (code[0] == "-m" or not code[0].startswith("-"))
        return ([program, *words[:count]], code) if runs_code else None
    script = (
        folder / program
        if "/" in program
        else Path(shutil.which(program, path=search_path()) or "")
    )
    interpreter = _shebang_interpreter(script)
    return ([interpreter], [str(script), *words]) if interpreter else None


def _count_options(words: Sequence[str]) -> int:
    """Return how many words at the start are options of the interpreter, as `-u` and `-X dev`."""
    count = 0
    while (
        count < len(words) and words[count].startswith("-") and words[count][:2] not in {"-m", "-c"}
    ):
        count += 2 if words[count] in {"-X", "-W"} else 1
    return count


def _shebang_interpreter(script: Path) -> str:
    """Return the interpreter that the first line of a script names; empty: no Python."""
    try:
        with script.open("rb") as file:
            line = file.read(512).split(b"\n")[0].decode("utf-8", "replace")
    except OSError:
        return ""
    if not line.startswith("#!"):
        return ""
    words = shlex.split(line[2:])
    if words and Path(words[0]).name == "env":
        words = words[1:]
    return words[0] if words and INTERPRETER.fullmatch(Path(words[0]).name) else ""
