"""Reads matrix.json, as far as a comparison of runs needs it."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from traceability.matrix.write import FORMAT
from traceability.model import Finding, Result, TraceabilityError, Verdict

_T = TypeVar("_T")
_E = TypeVar("_E", Verdict, Result)
CONFORMANT_VERDICTS = (Verdict.VERIFIED, Verdict.EXCLUDED)
"""Verdicts that every requirement of a conformant run has; `DIFFERS` unless the run is strict."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class MatrixFileError(TraceabilityError):
    """A file cannot be read, or it is no matrix.json of this format."""


@dataclass(frozen=True)
class ExchangeLine:
    """One HTTP exchange, as far as one line shows it."""

    step: int
    """Index into the scenario's steps."""
    method: str
    path: str
    status: int | None
    """None when no answer came."""


@dataclass(frozen=True)
class RanScenario:
    """One scenario and its result, which may be "not run"."""

    id: str
    feature: str
    name: str
    tags: tuple[str, ...]
    result: Result
    reason: str
    steps: tuple[str, ...]
    """As `When somebody buys`. Empty for a scenario that did not run."""
    failed_step: int | None
    """Index of the first step that failed; None if none did."""
    exchanges: tuple[ExchangeLine, ...]
    clarifications: tuple[str, ...] = ()
    """Ids of the clarifications on which it rests."""


@dataclass(frozen=True)
class JudgedRequirement:
    """One requirement and its verdict."""

    id: str
    kind: str
    text: str
    verdict: Verdict
    reason: str
    scenarios: tuple[str, ...]
    """Ids of its scenarios."""


@dataclass(frozen=True)
class Run:
    """One run of one implementation."""

    file: Path
    content_digest: str
    """SHA-256 of the file, in hexadecimal, to find a copy."""
    title: str
    spec_path: str
    spec_digest: str
    features_digest: str
    """Empty when an older version wrote the file, without this digest."""
    requirements: dict[str, JudgedRequirement]
    scenarios: dict[str, RanScenario]
    findings: tuple[Finding, ...]
    environment: dict[str, str]
    target: str
    """Name of the target; empty when the evidence has none."""
    strict: bool = False
    """Whether what differs from a clarification falls short."""

    @property
    def verdicts(self) -> Counter[Verdict]:
        return Counter(one.verdict for one in self.requirements.values())

    @property
    def results(self) -> Counter[Result]:
        return Counter(one.result for one in self.scenarios.values())

    @property
    def conformant(self) -> bool:
        """As `model.Matrix.conformant`, computed: the file's own `conformant` is not trusted."""
        verdicts = self.verdicts
        fine = sum(verdicts[one] for one in CONFORMANT_VERDICTS)
        fine += 0 if self.strict else verdicts[Verdict.DIFFERS]
        whole = fine == len(self.requirements)
        return whole and not self.findings and verdicts[Verdict.VERIFIED] > 0


def read_matrix(file: Path) -> Run:
    """Return the run of a matrix.json. Raises `MatrixFileError` when it cannot be read."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise MatrixFileError(f"{file}: cannot be read: {error.strerror}") from None
    return parse_matrix(content, file)


def parse_matrix(content: bytes, file: Path) -> Run:
    """Return the run of the content of a matrix.json; `file` is its path in the run and in errors.

    Raises `MatrixFileError`.
    """
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):  # UnicodeDecodeError and JSONDecodeError are ValueErrors
        raise MatrixFileError(f"{file}: holds no JSON: give the matrix.json of a run") from None
    try:
        return _parse_run(file, hashlib.sha256(content).hexdigest(), document)
    except _InvalidDocumentError as missing:
        raise MatrixFileError(
            f"{file}: is no matrix.json that can be read here: {missing}; "
            "write it again with `traceability report`"
        ) from None


class _InvalidDocumentError(Exception):
    """The document is of another format, or a value is missing or wrong."""


def _parse_run(file: Path, content_digest: str, document: Any) -> Run:
    if not isinstance(document, dict) or "format" not in document:
        raise _InvalidDocumentError("it has no format")
    if document["format"] != FORMAT:
        raise _InvalidDocumentError(f"its format is {document['format']!r}, not {FORMAT}")
    spec = _typed_value(document, "spec", dict)
    requirements = [_parse_requirement(one) for one in _objects(document, "requirements")]
    scenarios = [_parse_scenario(one) for one in _objects(document, "scenarios")]
    for noun, ids in (
        ("requirement", [one.id for one in requirements]),
        ("scenario", [one.id for one in scenarios]),
    ):
        repeated = next((name for name, times in Counter(ids).items() if times > 1), None)
        if repeated is not None:
            raise _InvalidDocumentError(f"it has the {noun} {repeated!r} twice")
    known = {one.id for one in scenarios}
    environment = _typed_value(document, "environment", dict)
    for one in requirements:
        if not known.issuperset(one.scenarios):
            raise _InvalidDocumentError(f"{one.id} names a scenario that it does not have")
    return Run(
        file=file,
        content_digest=content_digest,
        title=_typed_value(document, "title", str),
        spec_path=_typed_value(spec, "path", str),
        spec_digest=_typed_value(spec, "digest", str),
        features_digest=str(document.get("features_digest", "")),
        requirements={one.id: one for one in requirements},
        scenarios={one.id: one for one in scenarios},
        findings=tuple(_parse_finding(one) for one in _objects(document, "findings")),
        environment={str(key): _one_line(value) for key, value in environment.items()},
        target=_target_name(environment.get("target")),
        strict=document.get("strict") is True,
    )


def _target_name(value: Any) -> str:
    return _one_line(value.get("name", "") if isinstance(value, dict) else value)


def _one_line(value: Any) -> str:
    """Return a JSON value of the environment as text in one line, without control characters."""
    if isinstance(value, dict):
        value = ", ".join(f"{key} {_one_line(item)}" for key, item in value.items())
    if isinstance(value, list):
        value = ", ".join(_one_line(item) for item in value)
    return "" if value is None else _CONTROL.sub("?", " ".join(str(value).split()))


def _parse_requirement(row: dict[str, Any]) -> JudgedRequirement:
    return JudgedRequirement(
        id=_typed_value(row, "id", str),
        kind=_typed_value(row, "kind", str),
        text=_typed_value(row, "text", str),
        verdict=_enum_member(Verdict, row, "verdict"),
        reason=_typed_value(row, "reason", str),
        scenarios=tuple(_typed_value(one, "id", str) for one in _objects(row, "scenarios")),
    )


def _parse_scenario(row: dict[str, Any]) -> RanScenario:
    steps = _objects(row, "steps")
    failed = [at for at, one in enumerate(steps) if _enum_member(Result, one, "result") == "failed"]
    return RanScenario(
        id=_typed_value(row, "id", str),
        feature=_typed_value(row, "feature", str),
        name=_typed_value(row, "name", str),
        tags=tuple(str(tag) for tag in _typed_value(row, "tags", list)),
        result=_enum_member(Result, row, "result"),
        reason=_typed_value(row, "reason", str),
        steps=tuple(
            f"{_typed_value(one, 'keyword', str)} {_typed_value(one, 'text', str)}" for one in steps
        ),
        failed_step=failed[0] if failed else None,
        exchanges=tuple(_parse_exchange(one) for one in _objects(row, "exchanges")),
        clarifications=_clarification_ids(row),
    )


def _clarification_ids(row: dict[str, Any]) -> tuple[str, ...]:
    """Return the ids on which a scenario rests; none for a file of an older version."""
    if "clarifications" not in row:
        return ()
    return tuple(str(id_) for id_ in _typed_value(row, "clarifications", list))


def _parse_exchange(row: dict[str, Any]) -> ExchangeLine:
    status = row.get("status")
    return ExchangeLine(
        step=_typed_value(row, "step", int),
        method=_typed_value(row, "method", str),
        path=_typed_value(row, "path", str),
        status=None if status is None else _typed_value(row, "status", int),
    )


def _parse_finding(row: dict[str, Any]) -> Finding:
    return Finding(
        _typed_value(row, "kind", str),
        _typed_value(row, "message", str),
        _typed_value(row, "path", str),
        _typed_value(row, "line", int),
    )


def _objects(holder: dict[str, Any], key: str) -> list[dict[str, Any]]:
    rows = _typed_value(holder, key, list)
    if not all(isinstance(row, dict) for row in rows):
        raise _InvalidDocumentError(f"{key!r} holds something that is no object")
    return rows


def _typed_value(holder: dict[str, Any], key: str, kind: type[_T]) -> _T:
    value = holder.get(key)
    if not isinstance(value, kind):
        raise _InvalidDocumentError(f"{key!r} is missing or of another type")
    return value


def _enum_member(kind: type[_E], holder: dict[str, Any], key: str) -> _E:
    text = _typed_value(holder, key, str)
    try:
        return kind(text)
    except ValueError:
        raise _InvalidDocumentError(f"{key!r} cannot be {text!r}") from None
