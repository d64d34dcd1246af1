"""How a command is run by Python, so that its lines can be measured without a change to it."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Sequence
from pathlib import Path

from steps.target.server import search_path

INTERPRETER = re.compile(r"(python|pypy)[\d.]*")


def launched(command: Sequence[str], folder: Path) -> tuple[str, list[str]] | None:
    """Return a Python interpreter and what it runs: `-m module …` or `script …`.

    None where the command is neither an interpreter nor a script of one, as `uvicorn` of a virtual
    environment is.
    """
    program, *words = command
    if INTERPRETER.fullmatch(Path(program).name):
        return (program, words) if _runs_code(words) else None
    found = (
        folder / program
        if "/" in program
        else Path(shutil.which(program, path=search_path()) or "")
    )
    interpreter = _interpreter(found)
    return (interpreter, [str(found), *words]) if interpreter else None


def _runs_code(words: Sequence[str]) -> bool:
    """Options of the interpreter itself, such as `-X`, are not understood by the launcher."""
    return bool(words) and (words[0] == "-m" or not words[0].startswith("-"))


def _interpreter(script: Path) -> str:
    """Return the interpreter that the first line of a script names; empty: it names no Python."""
    try:
        with script.open("rb") as file:
            first = file.read(512).split(b"\n")[0].decode("utf-8", "replace")
    except OSError:
        return ""
    if not first.startswith("#!"):
        return ""
    words = shlex.split(first[2:])
    if words and Path(words[0]).name == "env":
        words = words[1:]
    return words[0] if words and INTERPRETER.fullmatch(Path(words[0]).name) else ""
