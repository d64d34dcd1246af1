"""Says how setup, call or teardown of a test ended, as a result and a reason."""

from __future__ import annotations

import pytest

from traceability.evidence.recording.not_run import NotRun
from traceability.model import Result


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

    An assertion without a message is given by its type.
    """
    text = str(error).strip()
    if not isinstance(error, AssertionError | pytest.fail.Exception) or not text:
        text = f"{type(error).__name__}: {text}".rstrip(": ")
    return text
