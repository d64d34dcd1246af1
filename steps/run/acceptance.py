"""The main job: run every feature against the target, then write the matrix."""

from __future__ import annotations

import os
import shlex
import sys
import time
from pathlib import Path
from textwrap import fill

import pytest

from steps.errors import TargetError
from steps.postgres.cluster import cluster
from steps.process.child import end_with_parent
from steps.run.acceptance_options import (
    DEFAULT_OUTPUT,
    REFERENCE_TARGET_FILE,
    ROOT,
    Options,
    parse,
    refusal_of_pytest_options,
)
from steps.run.ending import Ending, interruption
from steps.run.evidence_files import EVIDENCE_NAME, evidence_file, output_lock
from steps.run.failure_texts import FailureFile
from steps.run.kept_log import join_logs
from steps.run.secret_search import RunSecrets
from steps.run.selection import Selection
from steps.run.worker_count import worker_count
from steps.surroundings import (
    GIT,
    PYTEST,
    discard_output,
    open_file_limit_refusal,
    print_anywhere,
    remove_variables,
)
from steps.target.description.announcement import announcement
from steps.target.description.read import read
from steps.target.description.tables import Description
from traceability.cli import command
from traceability.cli.output import shown_path
from traceability.evidence.file_format import recorded_files
from traceability.evidence.merge import merge_evidence
from traceability.model import TraceabilityError
from traceability.project.config import load_config
from traceability.project.spec import read_spec

COMMITTED_MATRIX = ROOT / "traceability" / "matrix.md"
NOT_JUDGED = 2
"""Exit status when the judging could not be done."""
JUDGED = {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}
"""Exit statuses of pytest with which there is a verdict."""


def main(arguments: list[str]) -> int:
    """Judge a server, and return the exit status.

    0 everything is shown, or differs from a clarification only and the judging is not strict,
    1 something falls short, 2 the judging could not be done.
    """
    end_with_parent()
    print_anywhere()
    try:
        return judge(arguments)
    except BrokenPipeError:
        discard_output()  # otherwise Python would fail once more when it ends
        print("Not judged: nothing reads the output any more.", file=sys.stderr)
        return NOT_JUDGED
    except KeyboardInterrupt as error:
        print(interruption(error), file=sys.stderr)
        return NOT_JUDGED


def judge(arguments: list[str]) -> int:
    """Judge a server, and return the exit status. Raises `BrokenPipeError` (`… | head`)."""
    os.chdir(ROOT)
    removed = remove_variables(PYTEST, GIT)
    options = parse(arguments, removed.get("PYTEST_ADDOPTS", ""))
    refused = refusal_of_pytest_options(options)
    if not __debug__:
        refused = "Steps assert: run without PYTHONOPTIMIZE and python -O."
    refused = refused or open_file_limit_refusal()
    if refused:
        print(refused, file=sys.stderr)
        return NOT_JUDGED
    if options.inherited:
        print(f"PYTEST_ADDOPTS of the environment adds {shlex.join(options.inherited)}.")
    if "PYTEST_PLUGINS" in removed:
        print("PYTEST_PLUGINS of the environment is ignored: plugins are named after --.")
    try:
        target = read(options.target_file)
        check_deviations(target)
        count = worker_count(options.workers, target, options.all_pytest_options)
        cluster(options.database).close()
    except (TargetError, TraceabilityError) as error:
        print(error, file=sys.stderr)
        return NOT_JUDGED
    except Exception as error:  # noqa: BLE001 - an error here is no verdict on the server
        print(f"{options.target_file}: {type(error).__name__}: {error}", file=sys.stderr)
        return NOT_JUDGED
    print(fill(announcement(target, options.database, count), 80), flush=True)
    began, run_secrets = time.time(), RunSecrets()
    with run_secrets.note_output():
        status = judge_with(options, target, count, run_secrets)
    if found := run_secrets.found(report_files(options.output, began)):
        print(f"Not judged: {'; '.join(found)}. Remove it, and report this.", file=sys.stderr)
        return NOT_JUDGED
    return status


def show_log(log: Path | None) -> None:
    """Print where the log of the server is, if it is kept."""
    if log:
        print(f"The server's log: {shown_path(log)}", flush=True)


def report_files(output: Path, began: float) -> list[Path]:
    """Return the files that were written into the output folder since a time (`time.time()`)."""
    files = [file for file in output.glob("*") if file.is_file()]
    return sorted(file for file in files if file.stat().st_mtime >= began - 1)


def judge_with(options: Options, target: Description, workers: int, run_secrets: RunSecrets) -> int:
    """Judge the target and write the reports; return the exit status."""
    with evidence_file(options.output) as evidence:
        selection, ending, failure_file = Selection(), Ending(), FailureFile()
        status = run_scenarios(
            options, workers, evidence, selection, ending, run_secrets, failure_file
        )
        with output_lock(options.output):
            log = join_logs(evidence, options.output)
        if status not in JUDGED or not merge_workers(evidence):
            ending.report()
            show_log(log)
            return NOT_JUDGED
        with output_lock(options.output):
            kept = evidence.replace(options.output / f"{EVIDENCE_NAME}.jsonl")
            report = report_arguments(options, target, kept, all_passed=not status)
            file = failure_file.write(options.output)
            status = exit_status(command.main(report), status)
            if file:
                print(f"Failures in full: {shown_path(file)}")
            show_log(log)
    if left_out := selection.left_out(options):
        print(left_out, file=sys.stderr)
        return NOT_JUDGED
    return status


def check_deviations(target: Description) -> None:
    """Raise `TargetError` when a known deviation names a requirement that is not in the spec."""
    config = load_config(ROOT)
    known = {one.id for one in read_spec(config.spec, ROOT).requirements}
    for deviation in target.deviations:
        if deviation.requirement not in known:
            raise TargetError(
                f"{target.path}: [[deviations]] requirement: the spec has no "
                f"{deviation.requirement}."
            )


def run_scenarios(options: Options, workers: int, evidence: Path, *plugins: object) -> int:
    """Run all features with pytest, which records into `evidence`; return pytest's exit status."""
    # Plugins that are installed for other tests would run scenarios again, in another order or in
    # workers of their own, or warn, which is an error here. A file such as pytest.ini would go
    # before pyproject.toml.
    recording = ["--disable-plugin-autoload", "-p", "pytest_bdd.plugin", "-c", "pyproject.toml"]
    recording += ["-p", "traceability.recorder", "--evidence", str(evidence), "--tb=short", "-q"]
    # Failures are said by the report; pytest's own texts of them go to a file, without values of
    # the harness's expressions.
    recording += ["--no-summary", "--assert=plain"]
    judging = ["--target", options.target_file, "--database", options.database]
    judging += ["--minutes", options.minutes, "--workers", workers]
    judging += ["--anyway"] * options.anyway
    judging += ["--turns", options.turns] if options.turns else []
    ours = map(str, [*recording, *judging])
    arguments = [*options.inherited, *ours, *options.pytest_options, "features"]
    return int(pytest.main(arguments, plugins=plugins))


def merge_workers(evidence: Path) -> bool:
    """Merge the files of the workers, if there are several, into `evidence`.

    Return whether there is evidence now. Say on stderr why files cannot be merged.
    """
    recorded = recorded_files(evidence)
    try:
        if recorded not in ([], [evidence]):
            merge_evidence(*recorded, into=evidence)
    except (TraceabilityError, OSError) as error:
        print(f"The evidence of the workers is not that of one run: {error}", file=sys.stderr)
        return False
    return bool(recorded)


def report_arguments(
    options: Options, target: Description, evidence: Path, *, all_passed: bool
) -> list[str]:
    """Return the arguments of the command that judges the evidence and writes the reports."""
    report = ["report", str(evidence), "--output", str(options.output)]
    report += ["--strict"] if options.strict else []
    if options.target_file.resolve() != REFERENCE_TARGET_FILE:
        # Another server has other sources than the reference server.
        shown = target.server.command and target.server.measure
        measured = target.server.source if shown else []
        report += ["--code-root", str(target.folder)] if measured else ["--without-code"]
        report += [word for name in measured for word in ("--code", name)]
    elif not options.all_pytest_options and all_passed and options.output == DEFAULT_OUTPUT:
        report += ["--markdown", str(COMMITTED_MATRIX)]  # an unchanged run leaves an empty diff
    return report


def exit_status(report: int, scenarios: int) -> int:
    """Return the exit status of the command, from those of the report and of pytest.

    Where scenarios failed, the report alone decides: a failure may be a known deviation.
    """
    return report if scenarios == pytest.ExitCode.TESTS_FAILED else max(report, scenarios)
