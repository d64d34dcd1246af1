"""Measures the tool on projects of growing size, and other tools on the same requirements."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import peers, projects
from steps.process.child import spawn, terminate

SIZES = (1_000, 5_000, 50_000)
PEERS = 5_000
REPEATS = 3
MOST_SECONDS = 900
MEASURE = Path(__file__).with_name("measure_command.py")


@dataclass(frozen=True)
class Run:
    """One command on one set."""

    program: str
    size: int
    seconds: float
    processor: float
    """Seconds of processor time."""
    megabytes: float
    """Peak memory."""


def measure(sizes: Sequence[int]) -> list[Run]:
    """Measure `check` and `report` on each size; the best of some runs each, as nothing waits."""
    runs = []
    program = [sys.executable, "-m", "traceability"]
    for size in sizes:
        with temporary_folder() as folder:
            evidence = projects.write(folder, size)
            for name, arguments in (("check", []), ("report", [str(evidence)])):
                tried = [
                    command(f"traceability {name}", size, [*program, name, *arguments], folder)
                    for _ in range(REPEATS if size <= PEERS else 1)
                ]
                runs.append(min(tried, key=lambda run: run.seconds))
    return runs


def measure_peers() -> list[Run]:
    """Run the other tools on the same set, each in an environment of its own from PyPI."""
    runs = []
    with temporary_folder() as folder:
        venv.create(folder / "env", with_pip=True)
        python = folder / "env" / "bin" / "python"
        install = [str(python), "-m", "pip", "install", "-qq", *peers.PACKAGES]
        subprocess.run(install, check=True, timeout=MOST_SECONDS)
        for peer in peers.ALL:
            peer_folder = folder / peer.name.replace(" ", "-")
            peer_folder.mkdir()
            peer.write(peer_folder, PEERS)
            arguments = [str(python.parent / peer.command[0]), *peer.command[1:]]
            try:
                runs.append(command(peer.name, PEERS, arguments, peer_folder))
            except RuntimeError as error:  # the other tools are measured all the same
                print(f"{peer.name} was not measured: {error}", file=sys.stderr)
    return runs


def command(
    program: str,
    size: int,
    arguments: Sequence[str | Path],
    folder: Path,
    log: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> Run:
    """Run a command to its end. Raises `RuntimeError`, with the end of its output, if it fails."""
    output = log or folder / "output.log"
    output.unlink(missing_ok=True)
    found = output.with_suffix(".json")
    measured = [sys.executable, "-I", "-S", str(MEASURE), str(MOST_SECONDS), str(found)]
    process = spawn([*measured, *map(str, arguments)], log=output, env=env, cwd=folder)
    try:
        process.wait()
    finally:
        terminate(process, signal.SIGTERM)
    taken = json.loads(found.read_text("utf-8"))
    if taken["seconds"] > MOST_SECONDS:
        raise RuntimeError(f"{program} did not end within {MOST_SECONDS} s")
    if taken["status"] != 0:
        said = output.read_text("utf-8", "replace")
        raise RuntimeError(f"{program} ended with {taken['status']}:\n{said[-2000:]}")
    return Run(program, size, taken["seconds"], taken["processor"], taken["megabytes"])


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Yield a folder that is removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="bench-set-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
