"""Break one thing after another while clients work; compare what they were told with the database.

The short form takes three minutes, `--full` the better part of an hour.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path

from steps.endurance import processes, report
from steps.endurance.environment import ROOT
from steps.endurance.fault import Fault
from steps.endurance.play import Form
from steps.endurance.registry import FAULTS
from steps.endurance.result import Result
from steps.endurance.run import play_all
from steps.process.child import end_with_parent
from steps.run.secret_search import RunSecrets

OUTPUT = ROOT / "build" / "endurance"
CLIENTS = {"short": 60, "full": 200}


def main(arguments: list[str]) -> int:
    """Play the faults asked for. Returns 0: all well, 1: something is not, 2: not run."""
    end_with_parent()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(ROOT)
    options = _parser().parse_args(arguments)
    try:
        faults = choose(options.only, full=options.full)
    except ValueError as error:
        print(f"Not run: {error}", file=sys.stderr)
        return 2
    if options.list:
        for fault in faults:
            print(f"{fault.name[:44]:44} {fault.group:12} {'short' if fault.short else 'full'}")
        return 0
    if not processes.available():
        print("Not run: memory and signals of the workers need Linux's /proc.", file=sys.stderr)
        return 2
    form = "full" if options.full else "short"
    clients = options.clients or CLIENTS[form]
    run_secrets = RunSecrets()
    with run_secrets.note_output():
        return _play(faults, Form(clients, not options.full, run_secrets), options, form)


def _play(faults: tuple[Fault, ...], how: Form, options: argparse.Namespace, form: str) -> int:
    """Play the faults, write what came of them; return the exit status."""
    results: list[Result] = []
    stopped = ""
    try:
        for result in play_all(faults, how):
            results.append(result)
            report.write(results, options.output, form=form, clients=how.clients)
    except KeyboardInterrupt:
        stopped = "interrupted"
    return _conclude(results, len(faults), options, stopped, how.secrets)


def choose(only: list[str], *, full: bool) -> tuple[Fault, ...]:
    """Return the faults of a form, or those whose names contain one of these words.

    Raises `ValueError` when a word is in no name.
    """
    for word in only:
        if not any(word.lower() in fault.name.lower() for fault in FAULTS):
            raise ValueError(f"no fault is named {word!r}: --list --full shows all of them")
    if only:
        return tuple(f for f in FAULTS if any(word.lower() in f.name.lower() for word in only))
    return tuple(fault for fault in FAULTS if full or fault.short)


def _conclude(
    results: list[Result],
    count: int,
    options: argparse.Namespace,
    stopped: str,
    run_secrets: RunSecrets,
) -> int:
    """Say what came of the run; return the exit status."""
    ran = [one for one in results if not one.not_run]
    bad = [one.fault.name for one in results if one.verdict == "bad"]
    print(report.summary(results))
    bad += run_secrets.found(file for file in sorted(options.output.glob("*")) if file.is_file())
    for what in bad:
        print(f"Not well: {what}")
    if stopped or not ran:
        print(f"Not run: {stopped or 'nothing could run here'}, after {len(results)} of {count}")
        return 1 if bad else 2
    if options.remember:
        if bad or not options.full or options.only:
            print("Not remembered: only a full run in which all is well is.")
        else:
            report.remember(options.output)
    print(f"Written: {options.output}")
    return 1 if bad else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="nox -s endurance --", description=__doc__)
    parser.add_argument("--full", action="store_true", help="every fault, 200 clients (an hour)")
    parser.add_argument(
        "--only", nargs="+", metavar="NAME", default=[], help="faults whose names contain a NAME"
    )
    parser.add_argument("--list", action="store_true", help="list the faults, and run none")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="folder (build/endurance)")
    parser.add_argument("--clients", type=int, default=0, help="how many clients work (60, 200)")
    parser.add_argument(
        "--remember", action="store_true", help="write the table into docs/reliability.md"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
