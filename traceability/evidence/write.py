"""Writes an evidence file, record by record."""

from __future__ import annotations

import json
from pathlib import Path
from types import TracebackType
from typing import Any

from traceability.evidence.file_format import FORMAT, format_line_ranges
from traceability.model import (
    Deviation,
    Finding,
    ScenarioEvidence,
    StepEvidence,
)


class EvidenceWriter:
    """Writes one evidence file; replaces an older file of that name. Raises `OSError`."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("w", encoding="utf-8", newline="\n")

    def __enter__(self) -> EvidenceWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def write_run(
        self,
        *,
        spec_digest: str,
        features_digest: str,
        environment: dict[str, Any] | None = None,
        unmeasured: str = "",
    ) -> None:
        """Write the first record.

        `unmeasured` is the reason why no lines are measured; empty: they are. The record's key is
        `measured`.
        """
        self._write(
            "run",
            format=FORMAT,
            spec_digest=spec_digest,
            features_digest=features_digest,
            environment=environment or {},
            measured=unmeasured,
        )

    def write_scenario(self, scenario: ScenarioEvidence) -> None:
        steps = [_step_object(step) for step in scenario.steps]
        exchanges = [vars(exchange) for exchange in scenario.exchanges]
        measurements = [vars(one) for one in scenario.measurements]
        lists = {"steps": steps, "exchanges": exchanges, "measurements": measurements}
        self._write("scenario", **(vars(scenario) | lists))

    def write_finding(self, finding: Finding) -> None:
        self._write("finding", **vars(finding))

    def write_deviation(self, deviation: Deviation) -> None:
        self._write("deviation", **vars(deviation))

    def write_source(self, path: str, digest: str) -> None:
        """Write the digest of a measured file: SHA-256 of its bytes, in hexadecimal."""
        self._write("source", path=path, digest=digest)

    def write_environment(self, *, unmeasured: str | None = None, **values: Any) -> None:
        """Add facts about the run; `unmeasured` replaces the reason in the `run` record."""
        replaced = {} if unmeasured is None else {"measured": unmeasured}
        self._write("environment", environment=values, **replaced)

    def write_end(self, count: int) -> None:
        """Write the last record, with the number of scenarios, and close the file."""
        self._write("end", scenarios=count)
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _write(self, record: str, **values: Any) -> None:
        # ASCII only: a body may hold a lone surrogate, which cannot be written as UTF-8.
        line = json.dumps({"record": record, **values}, ensure_ascii=True, separators=(",", ":"))
        self._file.write(line + "\n")
        self._file.flush()


def _step_object(step: StepEvidence) -> dict[str, Any]:
    """Return a step for its record; most have no mismatch, and say nothing of it."""
    lines = {path: format_line_ranges(step.lines[path]) for path in sorted(step.lines)}
    written = vars(step) | {"lines": lines}
    mismatches = [vars(one) for one in written.pop("mismatches")]
    return written | ({"mismatches": mismatches} if mismatches else {})
