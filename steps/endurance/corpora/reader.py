"""Corpora as files: a JSON object a line, of a fixed set of fields, each with its own `why`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

FOLDER = Path(__file__).parent


class CorpusError(Exception):
    """A line of a corpus cannot be read. The message names file, line and what to change."""


class Described(Protocol):
    """What every case has."""

    @property
    def why(self) -> str:
        """What is tried, in words that no other line of the file has."""


Kind = TypeVar("Kind", bound=Described)


@dataclass(frozen=True)
class Outcome(Generic[Kind]):
    """A case that was played."""

    case: Kind
    came: str
    """What came of it, for a message."""
    ok: bool
    """Whether that is what the line expects."""

    def __str__(self) -> str:
        """Return the sentence that names the case."""
        expected = getattr(self.case, "expected", "")
        return f"{self.case.why}: {self.came} came, {expected} is right"


def read_cases(kind: type[Kind], path: Path) -> list[Kind]:
    """Read every line of a file as a `kind`, a dataclass. Raises `CorpusError`.

    A field without a default has to be there, and a field that the dataclass does not have must
    not. What else a line has to be, the dataclass says by a ValueError.
    """
    found: dict[str, Kind] = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        place = f"{path.name}, line {number}"
        try:
            case = _case(kind, json.loads(line, object_pairs_hook=_unique))
        except (ValueError, RecursionError) as error:
            raise CorpusError(f"{place}: {error}") from None
        if case.why in found:
            raise CorpusError(f"{place}: another line has this 'why' too; say what differs")
        found[case.why] = case
    if not found:
        raise CorpusError(f"{path.name}: it has no line, so it would show nothing")
    return list(found.values())


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    for name in {name for name, _ in pairs}:
        if [one for one, _ in pairs].count(name) > 1:
            raise ValueError(f"'{name}' stands there twice; keep one")
    return dict(pairs)


def _case(kind: type[Kind], given: object) -> Kind:
    if not isinstance(given, dict):
        raise ValueError("it is no JSON object; write one object a line")  # noqa: TRY004
    known = {field.name: field for field in fields(kind)}  # type: ignore[arg-type]
    for name in given:
        if name not in known:
            raise ValueError(f"'{name}' is no field; there are {', '.join(known)}")
    for name, field in known.items():
        if name not in given and field.default is MISSING and field.default_factory is MISSING:
            raise ValueError(f"'{name}' is missing; add it")
    if not isinstance(given.get("why"), str) or not given["why"].strip():
        raise ValueError("'why' has to be text that says what is tried")
    return kind(**given)


def wrong(outcomes: Iterable[Outcome[Kind]]) -> list[str]:
    """Return a sentence for each outcome that is not what its line expects."""
    return [str(outcome) for outcome in outcomes if not outcome.ok]
