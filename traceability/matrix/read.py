"""Reads a matrix.json back, as far as two runs have to be held against each other."""

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
FINE = (Verdict.VERIFIED, Verdict.EXCLUDED)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class MatrixFileError(TraceabilityError):
    """A file cannot be read, or it is no matrix.json."""


@dataclass(frozen=True)
class Call:
    """One HTTP exchange, as far as one line tells it."""

    step: int
    """Index into the scenario's steps."""
    method: str
    path: str
    status: int | None
    """None when no answer came."""


@dataclass(frozen=True)
class RanScenario:
    """One scenario and what became of it."""

    id: str
    feature: str
    name: str
    tags: tuple[str, ...]
    result: Result
    reason: str
    steps: tuple[str, ...]
    """`When somebody buys`. Empty for a scenario that did not run."""
    failed_step: int | None
    calls: tuple[Call, ...]


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
    """Of the file, to tell a copy."""
    title: str
    spec_path: str
    spec_digest: str
    features_digest: str
    """Empty when the file was written before digests of features were kept."""
    requirements: dict[str, JudgedRequirement]
    scenarios: dict[str, RanScenario]
    findings: tuple[Finding, ...]
    environment: dict[str, str]
    target: str
    """Name of what was judged; empty when the harness did not say."""

    @property
    def verdicts(self) -> Counter[Verdict]:
        return Counter(one.verdict for one in self.requirements.values())

    @property
    def results(self) -> Counter[Result]:
        return Counter(one.result for one in self.scenarios.values())

    @property
    def conformant(self) -> bool:
        """The rule of `model.Matrix`, applied to what the file holds and not to what it says."""
        verdicts = self.verdicts
        fine = sum(verdicts[one] for one in FINE) == len(self.requirements)
        return fine and not self.findings and verdicts[Verdict.VERIFIED] > 0


def read(file: Path) -> Run:
    """Return the run of a matrix.json. Raises MatrixFileError, in one sentence."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise MatrixFileError(f"{file}: cannot be read: {error.strerror}") from None
    return parse(content, file)


def parse(content: bytes, file: Path) -> Run:
    """Return the run that the content of a matrix.json tells of; `file` is where it belongs."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):  # UnicodeDecodeError and JSONDecodeError are ValueErrors
        raise MatrixFileError(f"{file}: holds no JSON: give the matrix.json of a run") from None
    try:
        return _run(file, hashlib.sha256(content).hexdigest(), document)
    except _MissingError as missing:
        raise MatrixFileError(
            f"{file}: is no matrix.json that can be read here: {missing}; "
            "write it again with `traceability report`"
        ) from None


class _MissingError(Exception):
    """A value is missing or of another type."""


def _run(file: Path, content_digest: str, document: Any) -> Run:
    if not isinstance(document, dict) or "format" not in document:
        raise _MissingError("it has no format")
    if document["format"] != FORMAT:
        raise _MissingError(f"its format is {document['format']!r}, not {FORMAT}")
    spec = _get(document, "spec", dict)
    requirements = [_requirement(one) for one in _rows(document, "requirements")]
    scenarios = [_scenario(one) for one in _rows(document, "scenarios")]
    for what, ids in (
        ("requirement", [one.id for one in requirements]),
        ("scenario", [one.id for one in scenarios]),
    ):
        repeated = next((name for name, times in Counter(ids).items() if times > 1), None)
        if repeated is not None:
            raise _MissingError(f"it has the {what} {repeated!r} twice")
    known = {one.id for one in scenarios}
    environment = _get(document, "environment", dict)
    for one in requirements:
        if not known.issuperset(one.scenarios):
            raise _MissingError(f"{one.id} names a scenario that it does not have")
    return Run(
        file=file,
        content_digest=content_digest,
        title=_get(document, "title", str),
        spec_path=_get(spec, "path", str),
        spec_digest=_get(spec, "digest", str),
        features_digest=str(document.get("features_digest", "")),
        requirements={one.id: one for one in requirements},
        scenarios={one.id: one for one in scenarios},
        findings=tuple(_finding(one) for one in _rows(document, "findings")),
        environment={str(key): _words(value) for key, value in environment.items()},
        target=_target(environment.get("target")),
    )


def _target(value: Any) -> str:
    return _words(value.get("name", "") if isinstance(value, dict) else value)


def _words(value: Any) -> str:
    """Return a fact about a run in one line, whatever the harness chose to tell it by."""
    if isinstance(value, dict):
        value = ", ".join(f"{key} {_words(item)}" for key, item in value.items())
    if isinstance(value, list):
        value = ", ".join(_words(item) for item in value)
    return "" if value is None else _CONTROL.sub("?", " ".join(str(value).split()))


def _requirement(row: dict[str, Any]) -> JudgedRequirement:
    return JudgedRequirement(
        id=_get(row, "id", str),
        kind=_get(row, "kind", str),
        text=_get(row, "text", str),
        verdict=_one_of(Verdict, row, "verdict"),
        reason=_get(row, "reason", str),
        scenarios=tuple(_get(one, "id", str) for one in _rows(row, "scenarios")),
    )


def _scenario(row: dict[str, Any]) -> RanScenario:
    steps = _rows(row, "steps")
    failed = [at for at, one in enumerate(steps) if _one_of(Result, one, "result") == "failed"]
    return RanScenario(
        id=_get(row, "id", str),
        feature=_get(row, "feature", str),
        name=_get(row, "name", str),
        tags=tuple(str(tag) for tag in _get(row, "tags", list)),
        result=_one_of(Result, row, "result"),
        reason=_get(row, "reason", str),
        steps=tuple(f"{_get(one, 'keyword', str)} {_get(one, 'text', str)}" for one in steps),
        failed_step=failed[0] if failed else None,
        calls=tuple(_call(one) for one in _rows(row, "exchanges")),
    )


def _call(row: dict[str, Any]) -> Call:
    status = row.get("status")
    return Call(
        step=_get(row, "step", int),
        method=_get(row, "method", str),
        path=_get(row, "path", str),
        status=None if status is None else _get(row, "status", int),
    )


def _finding(row: dict[str, Any]) -> Finding:
    return Finding(
        _get(row, "kind", str),
        _get(row, "message", str),
        _get(row, "path", str),
        _get(row, "line", int),
    )


def _rows(holder: dict[str, Any], key: str) -> list[dict[str, Any]]:
    rows = _get(holder, key, list)
    if not all(isinstance(row, dict) for row in rows):
        raise _MissingError(f"{key!r} holds something that is no object")
    return rows


def _get(holder: dict[str, Any], key: str, kind: type[_T]) -> _T:
    value = holder.get(key)
    if not isinstance(value, kind):
        raise _MissingError(f"{key!r} is missing or of another type")
    return value


def _one_of(kind: type[_E], holder: dict[str, Any], key: str) -> _E:
    text = _get(holder, key, str)
    try:
        return kind(text)
    except ValueError:
        raise _MissingError(f"{key!r} cannot be {text!r}") from None
