"""Says how setup, call or teardown of a test ended, as a result and a reason."""

from __future__ import annotations

import pytest

from traceability.evidence.recording.mismatch_error import MismatchError
from traceability.evidence.recording.not_run import NotRun
from traceability.model import Mismatch, Result


def phase_outcome(report: pytest.TestReport, call: pytest.CallInfo[None]) -> tuple[Result, str]:
    """Return the result of setup, call or teardown, and the reason; empty for a pass."""
    error = call.excinfo.value if call.excinfo else None
    if hasattr(report, "wasxfail"):
        if report.skipped:
            return Result.NOT_RUN, f"skipped: expected to fail: {report.wasxfail}".rstrip(": ")
        return Result.FAILED, f"passed, but is expected to fail: {report.wasxfail}".rstrip(": ")
    if report.passed:
        return Result.PASSED, ""
    if isinstance(error, NotRun):
        return Result.NOT_RUN, str(error)
    if report.skipped:
        return Result.NOT_RUN, f"skipped: {error}"
    message = error_message(error) if error else "failed"
    return Result.FAILED, message if report.when == "call" else f"{report.when}: {message}"


def error_message(error: BaseException) -> str:
    """Return the message of an assertion or a `pytest.fail`; of any other error, type and message.

    An assertion without a message is given by its type. What pytest adds to a message, the values
    of the assertion's parts, is left out: it speaks of the harness's code.
    """
    text = str(error).strip()
    if isinstance(error, AssertionError):
        text = text.partition("\nassert ")[0].rstrip()
    if not isinstance(error, AssertionError | pytest.fail.Exception) or not text:
        text = f"{type(error).__name__}: {text}".rstrip(": ")
    return text


def mismatches_of(error: BaseException) -> tuple[Mismatch, ...]:
    """Return what a step expected and what came, where its error says so."""
    return error.mismatches if isinstance(error, MismatchError) else ()
