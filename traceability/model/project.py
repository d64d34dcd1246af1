"""What a project says of itself: requirements, scenarios, claims and source files."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Finding:
    """Something that is wrong with the trace itself, with its place. A finding fails the run."""

    kind: str
    message: str
    path: str
    line: int


@dataclass(frozen=True)
class Requirement:
    """One numbered sentence of the spec."""

    id: str
    kind: str
    """The part of the id that names its kind: FR, SR, SC, AS, EC, OS, C."""
    text: str
    path: str
    line: int
    excluded: str = ""
    """Why no test can show it, in the spec's own words; empty for all others."""


@dataclass(frozen=True)
class Spec:
    """All requirements of one spec.md, in the order in which they stand there."""

    path: str
    title: str
    digest: str
    requirements: tuple[Requirement, ...]
    context_ids: tuple[str, ...]
    """Ids that the spec defines and nobody has to prove: assumptions, dependencies."""
    text: str = field(repr=False, default="")
    """The whole document, as written."""


@dataclass(frozen=True)
class Scenario:
    """One scenario as it will run: a plain one, or one example row of an outline."""

    id: str
    """`features/x.feature:12`, the line of the scenario or of its example row."""
    feature: str
    """Path of the feature file."""
    feature_name: str
    rule: str
    name: str
    """For an example row, the outline's name with the row's values filled in or added."""
    outline: str
    """The name as written, before values are filled in. Unique within a feature."""
    outline_line: int
    """Line of the `Scenario:` or `Scenario Outline:` keyword."""
    example: int | None
    """Position of the example row, from 0, over all `Examples:` of the outline."""
    line: int
    tags: tuple[str, ...]
    """Without `@`, from feature, rule, scenario and examples."""
    steps: tuple[str, ...]
    """`When the user asks for the list`, values filled in, background steps included."""


@dataclass(frozen=True)
class Features:
    """All scenarios of a folder of features, as parsed."""

    digest: str
    paths: tuple[str, ...]
    scenarios: tuple[Scenario, ...]


@dataclass(frozen=True)
class Claim:
    """A line `Implements: FR-001, SR-002` in a comment, and the definition that it stands in."""

    requirement: str
    path: str
    line: int


@dataclass(frozen=True)
class Definition:
    """A function, class or, outside any of these, the module; for SQL, a statement."""

    path: str
    symbol: str
    """`Tasks.create`, `<module>`, or for SQL the first words of the statement."""
    first_line: int
    last_line: int
    body: frozenset[int]
    """Executable lines that belong to it and to no definition inside it, without its header."""
    claims: tuple[Claim, ...] = ()


@dataclass(frozen=True)
class SourceFile:
    """One file of the traced source, with what it defines and claims."""

    path: str
    digest: str
    executable: frozenset[int]
    """Lines that can run, as coverage counts them. Empty where lines cannot be measured (SQL)."""
    definitions: tuple[Definition, ...]
    text: str = field(repr=False, default="")
