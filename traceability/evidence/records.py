"""Reads the records of one evidence file."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from traceability.evidence.file_format import FORMAT, EvidenceError, parse_line_ranges
from traceability.model import (
    Deviation,
    Exchange,
    Finding,
    Measurement,
    Mismatch,
    Result,
    ScenarioEvidence,
    StepEvidence,
)


@dataclass
class RecordedRun:
    """The records of one file that are read so far."""

    path: Path
    spec_digest: str
    features_digest: str
    unmeasured: str
    """Why no lines were measured; empty: they were. The record's key is `measured`."""
    environment: dict[str, Any]
    sources: dict[str, str] = field(default_factory=dict)
    scenarios: list[ScenarioEvidence] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    deviations: list[Deviation] = field(default_factory=list)
    end: int | None = None
    """Number of scenarios that the end record gives; None before that record."""

    @property
    def reached_a_scenario(self) -> bool:
        """Whether any scenario was not skipped."""
        return any(not one.reason.startswith("skipped: ") for one in self.scenarios)

    @property
    def display_path(self) -> str:
        """The path as reports show it, without folders of the machine that wrote them."""
        path = self.path
        if path.is_absolute():
            here = Path.cwd()
            path = path.relative_to(here) if path.is_relative_to(here) else Path(path.name)
        return path.as_posix()


def read_file(path: Path) -> RecordedRun:
    """Return the records of one file.

    A run that was cut short is a finding (`truncated-run`). Raises `EvidenceError` for a file that
    cannot be read or has a line that is no record.
    """
    run: RecordedRun | None = None
    number, cut_short = 0, False
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                cut_short = not line.endswith(b"\n")  # Every record ends with a line feed.
                if not cut_short:
                    run = _read_line(path, number, run, line[:-1])
    except OSError as error:
        raise EvidenceError(f"{path}: cannot be read ({error.strerror})") from None
    if run is None:
        raise EvidenceError(f"{path}: holds no run; record it again")
    if run.end is None or cut_short:
        message = "the run was cut short: its evidence has no end record; run it again"
        run.findings.append(Finding("truncated-run", message, run.display_path, number))
    elif run.end != len(run.scenarios):
        message = f"the run recorded {run.end} scenarios, the file has {len(run.scenarios)}"
        run.findings.append(Finding("truncated-run", message, run.display_path, number))
    return run


def _read_line(path: Path, number: int, run: RecordedRun | None, line: bytes) -> RecordedRun:
    try:
        return _add_record(path, run, json.loads(line))
    except EvidenceError as error:
        raise EvidenceError(f"{path}:{number}: {error}") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        cause = f"{type(error).__name__}: {error}"
        raise EvidenceError(
            f"{path}:{number}: is no evidence record ({cause}); record the run again"
        ) from None


def _add_record(path: Path, run: RecordedRun | None, record: dict[str, Any]) -> RecordedRun:
    kind = record.pop("record")
    if kind == "run":
        if record["format"] != FORMAT:
            raise EvidenceError(
                f"has the format {record['format']!r}, and this version reads {FORMAT}; "
                "record the run again with this version"
            )
        if run is not None:
            raise EvidenceError("a second run begins; one file holds one run")
        return RecordedRun(
            path=path,
            spec_digest=record["spec_digest"],
            features_digest=record["features_digest"],
            unmeasured=record["measured"],
            environment=dict(record["environment"]),
        )
    if run is None:
        raise EvidenceError(f"a record {kind!r} stands before the record 'run'")
    if kind == "scenario":
        run.scenarios.append(_parse_scenario(record))
    elif kind == "finding":
        run.findings.append(Finding(**record))
    elif kind == "deviation":
        run.deviations.append(Deviation(**record | {"scenarios": tuple(record["scenarios"])}))
    elif kind == "source":
        run.sources[record["path"]] = record["digest"]
    elif kind == "environment":
        run.environment |= record["environment"]
        run.unmeasured = record.get("measured", run.unmeasured)
    elif kind == "end":
        run.end = record["scenarios"]
    else:
        raise EvidenceError(f"a record {kind!r} is unknown to this version")
    return run


def _parse_scenario(record: dict[str, Any]) -> ScenarioEvidence:
    steps = tuple(
        StepEvidence(
            **step
            | {
                "result": Result(step["result"]),
                "lines": {path: parse_line_ranges(text) for path, text in step["lines"].items()},
                "mismatches": tuple(
                    Mismatch(**one | {"subjects": tuple(one["subjects"])})
                    for one in step.get("mismatches", ())  # few steps have any
                ),
            }
        )
        for step in record.pop("steps")
    )
    exchanges = tuple(
        Exchange(
            **exchange
            | {
                "request_headers": _header_pairs(exchange["request_headers"]),
                "response_headers": _header_pairs(exchange["response_headers"]),
            }
        )
        for exchange in record.pop("exchanges")
    )
    measurements = tuple(
        Measurement(**measurement | {"samples": tuple(measurement["samples"])})
        for measurement in record.pop("measurements")
    )
    record["result"] = Result(record["result"])
    return ScenarioEvidence(**record, steps=steps, exchanges=exchanges, measurements=measurements)


def _header_pairs(headers: list[list[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in headers)
