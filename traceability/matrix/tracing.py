"""Traces requirements to the lines that ran for them and to their definitions, and lines back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from traceability.model import CodePlace, Definition, Result, SourceFile, TracedScenario
from traceability.project.source import statement_first_lines

Lines = dict[str, frozenset[int]]
"""Path to executable lines."""


@dataclass(frozen=True)
class Trace:
    """Which lines ran for which requirement, and where a requirement is claimed."""

    by_requirement: dict[str, Lines]
    by_line: dict[str, dict[int, tuple[str, ...]]]
    """Path to executable line to the ids of requirements, in the order of the spec."""
    places: dict[str, tuple[CodePlace, ...]]
    """Id to the places that claim it or ran for it: claimed first, then by falling specificity."""

    @property
    def line_count(self) -> int:
        """How many lines ran for any requirement."""
        return sum(len(lines) for lines in self.by_line.values())


def trace_lines(
    scenarios: dict[str, Sequence[TracedScenario]], sources: Sequence[SourceFile]
) -> Trace:
    """Return the trace. `scenarios` are those of each requirement; only passed ones count."""
    distinct = {id(one): one for tagged in scenarios.values() for one in tagged}
    ran = _executed_lines(distinct.values(), sources)
    by_requirement: dict[str, Lines] = {}
    by_line: dict[str, dict[int, list[str]]] = {source.path: {} for source in sources}
    for name, tagged in scenarios.items():
        lines: dict[str, set[int]] = {}
        for traced in tagged:
            for path, numbers in ran.get(id(traced), {}).items():
                lines.setdefault(path, set()).update(numbers)
        by_requirement[name] = {path: frozenset(numbers) for path, numbers in lines.items()}
        for path, file_lines in lines.items():
            of_file = by_line[path]
            for number in file_lines:
                of_file.setdefault(number, []).append(name)
    return Trace(
        by_requirement=by_requirement,
        by_line={
            path: {line: tuple(of_file[line]) for line in sorted(of_file)}
            for path, of_file in by_line.items()
        },
        places=_code_places(by_requirement, sources),
    )


def _executed_lines(
    scenarios: Iterable[TracedScenario], sources: Sequence[SourceFile]
) -> dict[int, Lines]:
    """Return the executable lines that each passed scenario ran, by the identity of the scenario.

    The probes note each line of a statement that spans several; its first one counts.
    """
    executable = {source.path: source.executable for source in sources if source.executable}
    first = {source.path: statement_first_lines(source) for source in sources}
    ran: dict[int, Lines] = {}
    for traced in scenarios:
        if traced.result is not Result.PASSED:
            continue
        lines: Lines = {}
        for path, numbers in traced.evidence.lines().items():
            if path in executable:
                counted = {first[path].get(number, number) for number in numbers}
                if known := executable[path] & counted:
                    lines[path] = known
        ran[id(traced)] = lines
    return ran


def _code_places(
    by_requirement: dict[str, Lines], sources: Sequence[SourceFile]
) -> dict[str, tuple[CodePlace, ...]]:
    owners = {source.path: _definition_of_line(source) for source in sources}
    claimed = _claimed_definitions(sources)
    places: dict[str, dict[tuple[str, int], set[int]]] = {}
    requirement_counts: Counter[tuple[str, int]] = Counter()
    for name, lines in by_requirement.items():
        ran = places[name] = {}
        for path, numbers in lines.items():
            owner = owners[path]
            for number in numbers & owner.keys():
                ran.setdefault((path, owner[number]), set()).add(number)
        requirement_counts.update(ran.keys())
    definitions = {source.path: source.definitions for source in sources}
    code: dict[str, tuple[CodePlace, ...]] = {}
    for name, ran in places.items():
        keys = ran.keys() | claimed.get(name, set())
        found = [
            _code_place(
                definition=definitions[key[0]][key[1]],
                claimed=key in claimed.get(name, ()),
                own_lines=ran.get(key, set()),
                file_lines=by_requirement[name].get(key[0], frozenset()),
                owners=(owners[key[0]], definitions[key[0]]),
                requirement_count=requirement_counts[key],
            )
            for key in keys
        ]
        code[name] = tuple(sorted(found, key=_place_order))
    return code


def _place_order(place: CodePlace) -> tuple[bool, float, str, int]:
    return (not place.claimed, -place.specificity, place.path, place.first_line)


def _code_place(
    *,
    definition: Definition,
    claimed: bool,
    own_lines: set[int],
    file_lines: frozenset[int],
    owners: tuple[dict[int, int], tuple[Definition, ...]],
    requirement_count: int,
) -> CodePlace:
    return CodePlace(
        path=definition.path,
        symbol=definition.symbol,
        first_line=definition.first_line,
        last_line=definition.last_line,
        claimed=claimed,
        measured=bool(own_lines) or (claimed and _ran_inside(definition, file_lines, *owners)),
        lines=tuple(sorted(own_lines)),
        specificity=1 / requirement_count if requirement_count else 0.0,
    )


def _ran_inside(
    definition: Definition,
    ran: frozenset[int],
    owner: dict[int, int],
    definitions: tuple[Definition, ...],
) -> bool:
    """Return whether a definition inside a claimed one ran: a method of a claimed class."""
    first, last = definition.first_line, definition.last_line
    inside = (definitions[owner[line]] for line in ran if first <= line <= last)
    return any(first <= one.first_line and one.last_line <= last for one in inside)


def _definition_of_line(source: SourceFile) -> dict[int, int]:
    """Return, for each line, the index of the definition to whose body it belongs."""
    return {
        line: at for at, definition in enumerate(source.definitions) for line in definition.body
    }


def _claimed_definitions(sources: Sequence[SourceFile]) -> dict[str, set[tuple[str, int]]]:
    claimed: dict[str, set[tuple[str, int]]] = {}
    for source in sources:
        for at, definition in enumerate(source.definitions):
            for claim in definition.claims:
                claimed.setdefault(claim.requirement, set()).add((source.path, at))
    return claimed
