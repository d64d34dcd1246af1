"""Writes what a run did as JSON Lines, reads it back, and merges several runs into one.

A file is a `run` record, then `scenario`, `source`, `environment`, `deviation` and `finding`
records in any order, then an `end` record with the number of scenarios. Each record is flushed when
it is written, so that a run that is killed leaves all that it had done, and no `end`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from traceability.model import (
    Deviation,
    Evidence,
    Exchange,
    Finding,
    Measurement,
    Result,
    ScenarioEvidence,
    StepEvidence,
)
from traceability.project.config import TraceabilityError

FORMAT = 1
UNREACHED = "skipped: the run stopped before it"
"""Why a scenario did not run whose turn never came. Another run may know more of it."""


class EvidenceError(TraceabilityError):
    """An evidence file cannot be read, or does not belong to the others."""


class Writer:
    """Writes one evidence file; an older file of that name is replaced."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("w", encoding="utf-8", newline="\n")

    def __enter__(self) -> Writer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def run(
        self,
        *,
        spec_digest: str,
        features_digest: str,
        environment: dict[str, Any] | None = None,
        measured: str = "",
    ) -> None:
        """Begin. `measured` is empty when lines are measured, otherwise the reason why not."""
        self._write(
            "run",
            format=FORMAT,
            spec_digest=spec_digest,
            features_digest=features_digest,
            environment=environment or {},
            measured=measured,
        )

    def scenario(self, scenario: ScenarioEvidence) -> None:
        steps = [
            vars(step) | {"lines": {path: ranges(step.lines[path]) for path in sorted(step.lines)}}
            for step in scenario.steps
        ]
        exchanges = [vars(exchange) for exchange in scenario.exchanges]
        figures = [vars(figure) for figure in scenario.measurements]
        inner = {"steps": steps, "exchanges": exchanges, "measurements": figures}
        self._write("scenario", **(vars(scenario) | inner))

    def finding(self, finding: Finding) -> None:
        self._write("finding", **vars(finding))

    def deviation(self, deviation: Deviation) -> None:
        self._write("deviation", **vars(deviation))

    def source(self, path: str, digest: str) -> None:
        """Keep the sha256 of the bytes of a measured file."""
        self._write("source", path=path, digest=digest)

    def environment(self, *, measured: str | None = None, **values: Any) -> None:
        """Add facts about the run; `measured` replaces what `run` said about it."""
        said = {} if measured is None else {"measured": measured}
        self._write("environment", environment=values, **said)

    def end(self, count: int) -> None:
        """Say how many scenarios were written, and close the file."""
        self._write("end", scenarios=count)
        self.close()

    def close(self) -> None:
        """Write no more."""
        self._file.close()

    def _write(self, record: str, **values: Any) -> None:
        # ASCII only: a lone surrogate in a body is data, and cannot be written as UTF-8.
        line = json.dumps({"record": record, **values}, ensure_ascii=True, separators=(",", ":"))
        self._file.write(line + "\n")
        self._file.flush()


def ranges(lines: Iterable[int]) -> str:
    """Return line numbers as text: 3, 4, 5 and 9 as `3-5,9`."""
    runs: list[list[int]] = []
    for line in sorted(lines):
        if runs and line == runs[-1][1] + 1:
            runs[-1][1] = line
        else:
            runs.append([line, line])
    return ",".join(f"{first}-{last}" if last > first else f"{first}" for first, last in runs)


def lines_of(text: str) -> frozenset[int]:
    """Return the line numbers that `ranges` wrote."""
    found: set[int] = set()
    for part in filter(None, text.split(",")):
        first, _, last = part.partition("-")
        found.update(range(int(first), int(last or first) + 1))
    return frozenset(found)


def read(*paths: Path) -> Evidence:
    """Return the evidence of one run, or of several runs of the same spec and features as one.

    Of a scenario that several files have, a failure counts above a pass, and both above "not run":
    what ran somewhere has run, and what failed anywhere has failed. Of two equal ones the first
    counts, except that a run which never came to the scenario has nothing to say of it. Facts of
    the environment that differ become lists.

    Raises `EvidenceError` for a file that is no evidence, and for files that differ in spec or
    features. A run that was cut short is a finding (`truncated-run`).
    """
    if not paths:
        raise EvidenceError("no evidence was given: name at least one evidence file")
    runs = [_read_one(path) for path in paths]
    first = runs[0]
    for other in runs[1:]:
        for what in ("spec", "features"):
            if getattr(other, f"{what}_digest") != getattr(first, f"{what}_digest"):
                raise EvidenceError(
                    f"{other.path}: was run with another version of the {what} than {first.path}; "
                    "run both again with the same one"
                )
    # Who came to no scenario started no server, and does not know why nothing is measured.
    reasons = dict.fromkeys(run.measured for run in [run for run in runs if run.began] or runs)
    return Evidence(
        spec_digest=first.spec_digest,
        features_digest=first.features_digest,
        environment=_environment(runs),
        # A worker that met no measurable scenario says why; that is no reason for the others.
        measured="" if "" in reasons else "; ".join(reasons),
        sources={path: digest for run in runs for path, digest in run.sources.items()},
        scenarios=_scenarios(runs),
        findings=tuple(dict.fromkeys(_findings(runs))),
        deviations=tuple(dict.fromkeys(one for run in runs for one in run.deviations)),
    )


def own_file(file: Path, worker: str) -> Path:
    """Return where a worker of a run records; `file` itself where there are no workers."""
    return file.with_name(f"{file.stem}-{worker}{file.suffix}") if worker else file


def files_of(file: Path) -> list[Path]:
    """Return the files into which a run has recorded that was told `file`, or its workers."""
    return [file] if file.exists() else sorted(file.parent.glob(f"{file.stem}-*{file.suffix}"))


def merge(*paths: Path, into: Path) -> None:
    """Write the evidence of several runs as that of one. Raises `EvidenceError` as `read` does."""
    evidence = read(*paths)
    with Writer(into) as writer:
        writer.run(
            spec_digest=evidence.spec_digest,
            features_digest=evidence.features_digest,
            environment=evidence.environment,
            measured=evidence.measured,
        )
        for finding in evidence.findings:
            writer.finding(finding)
        for deviation in evidence.deviations:
            writer.deviation(deviation)
        for scenario in evidence.scenarios.values():
            writer.scenario(scenario)
        for path, digest in sorted(evidence.sources.items()):
            writer.source(path, digest)
        writer.end(len(evidence.scenarios))


@dataclass
class _Run:
    """One file, as far as it is read."""

    path: Path
    spec_digest: str
    features_digest: str
    measured: str
    environment: dict[str, Any]
    sources: dict[str, str] = field(default_factory=dict)
    scenarios: list[ScenarioEvidence] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    deviations: list[Deviation] = field(default_factory=list)
    end: int | None = None

    @property
    def began(self) -> bool:
        """Whether a scenario's turn came at all."""
        return any(not one.reason.startswith("skipped: ") for one in self.scenarios)

    @property
    def place(self) -> str:
        path = self.path
        if path.is_absolute():  # a report must not tell where on a machine it was made
            here = Path.cwd()
            path = path.relative_to(here) if path.is_relative_to(here) else Path(path.name)
        return path.as_posix()


def _read_one(path: Path) -> _Run:
    run: _Run | None = None
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
        run.findings.append(Finding("truncated-run", message, run.place, number))
    elif run.end != len(run.scenarios):
        message = f"the run recorded {run.end} scenarios, the file has {len(run.scenarios)}"
        run.findings.append(Finding("truncated-run", message, run.place, number))
    return run


def _read_line(path: Path, number: int, run: _Run | None, line: bytes) -> _Run:
    try:
        return _take(path, run, json.loads(line))
    except EvidenceError as error:
        raise EvidenceError(f"{path}:{number}: {error}") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        what = f"{type(error).__name__}: {error}"
        raise EvidenceError(
            f"{path}:{number}: is no evidence record ({what}); record the run again"
        ) from None


def _take(path: Path, run: _Run | None, record: dict[str, Any]) -> _Run:
    kind = record.pop("record")
    if kind == "run":
        if record["format"] != FORMAT:
            raise EvidenceError(
                f"has the format {record['format']!r}, and this version reads {FORMAT}; "
                "record the run again with this version"
            )
        if run is not None:
            raise EvidenceError("a second run begins; one file holds one run")
        return _Run(
            path=path,
            spec_digest=record["spec_digest"],
            features_digest=record["features_digest"],
            measured=record["measured"],
            environment=dict(record["environment"]),
        )
    if run is None:
        raise EvidenceError(f"a record {kind!r} stands before the record 'run'")
    if kind == "scenario":
        run.scenarios.append(_scenario(record))
    elif kind == "finding":
        run.findings.append(Finding(**record))
    elif kind == "deviation":
        run.deviations.append(Deviation(**record | {"scenarios": tuple(record["scenarios"])}))
    elif kind == "source":
        run.sources[record["path"]] = record["digest"]
    elif kind == "environment":
        run.environment |= record["environment"]
        run.measured = record.get("measured", run.measured)
    elif kind == "end":
        run.end = record["scenarios"]
    else:
        raise EvidenceError(f"a record {kind!r} is unknown to this version")
    return run


def _scenario(record: dict[str, Any]) -> ScenarioEvidence:
    steps = tuple(
        StepEvidence(
            **step
            | {
                "result": Result(step["result"]),
                "lines": {path: lines_of(text) for path, text in step["lines"].items()},
            }
        )
        for step in record.pop("steps")
    )
    exchanges = tuple(
        Exchange(
            **exchange
            | {
                "request_headers": _pairs(exchange["request_headers"]),
                "response_headers": _pairs(exchange["response_headers"]),
            }
        )
        for exchange in record.pop("exchanges")
    )
    measurements = tuple(
        Measurement(**figure | {"samples": tuple(figure["samples"])})
        for figure in record.pop("measurements")
    )
    record["result"] = Result(record["result"])
    return ScenarioEvidence(**record, steps=steps, exchanges=exchanges, measurements=measurements)


def _pairs(headers: list[list[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in headers)


def _scenarios(runs: list[_Run]) -> dict[str, ScenarioEvidence]:
    found: dict[str, ScenarioEvidence] = {}
    for run in runs:
        for scenario in run.scenarios:
            if _weight(scenario) > _weight(found.setdefault(scenario.id, scenario)):
                found[scenario.id] = scenario
    return found


def _weight(scenario: ScenarioEvidence) -> int:
    if scenario.reason == UNREACHED:
        return -1
    return [Result.NOT_RUN, Result.PASSED, Result.FAILED].index(scenario.result)


def _environment(runs: list[_Run]) -> dict[str, Any]:
    values: dict[str, list[Any]] = {}
    for run in runs:
        for key, value in run.environment.items():
            known = values.setdefault(key, [])
            if value not in known:
                known.append(value)
    return {key: found[0] if len(found) == 1 else found for key, found in sorted(values.items())}


def _findings(runs: list[_Run]) -> Iterator[Finding]:
    digests: dict[str, str] = {}
    for run in runs:
        yield from run.findings
        for path, digest in run.sources.items():
            if digests.setdefault(path, digest) != digest:
                message = "this file changed between the runs whose evidence is merged"
                yield Finding("stale-evidence", message, path, 1)
