"""The contents of a project: requirements, scenarios, claims and source files."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Finding:
    """A defect of the trace itself, with its place. Any finding makes the run fail."""

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
    """The reason that the spec gives why no test can show it; empty: a test has to show it."""


@dataclass(frozen=True)
class Clarification:
    """One numbered decision of the spec about what its requirements leave open.

    Whoever implements the spec from its requirements alone may decide otherwise. A scenario that
    shows such a decision carries the id as a tag beside those of its requirements.
    """

    id: str
    text: str
    """Question and answer, without the reason and other items below it."""
    path: str
    line: int
    without_scenario: str = ""
    """The reason that the spec gives why no scenario rests on it; empty: one has to."""


@dataclass(frozen=True)
class Spec:
    """All requirements of one spec.md, in the order of the file."""

    path: str
    title: str
    digest: str
    """SHA-256 of the text."""
    requirements: tuple[Requirement, ...]
    context_ids: tuple[str, ...]
    """Ids of assumptions and dependencies: a scenario may be tagged with them, none has to be."""
    text: str = field(repr=False, default="")
    """The whole document, as written."""
    clarifications: tuple[Clarification, ...] = ()


@dataclass(frozen=True)
class Scenario:
    """One scenario as it will run: a plain scenario, or one example row of an outline."""

    id: str
    """`features/x.feature:12`: path, and the line of the scenario or of its example row."""
    feature: str
    """Path of the feature file."""
    feature_name: str
    rule: str
    name: str
    """For an example row, the outline's name with the row's values filled in or appended."""
    outline: str
    """The name as written, before values are filled in. Unique within a feature."""
    outline_line: int
    """Line of the `Scenario:` or `Scenario Outline:` keyword."""
    example: int | None
    """Index of the example row over all `Examples:` of the outline; None for a plain scenario."""
    line: int
    tags: tuple[str, ...]
    """Tags of feature, rule, scenario and examples, without `@`."""
    steps: tuple[str, ...]
    """Such as `When the user asks for the list`: values filled in, background steps included."""


@dataclass(frozen=True)
class Features:
    """All scenarios of a folder of feature files."""

    digest: str
    paths: tuple[str, ...]
    scenarios: tuple[Scenario, ...]


@dataclass(frozen=True)
class Claim:
    """One id of a comment line `Implements: FR-001, SR-002`, with the place of that line."""

    requirement: str
    path: str
    line: int


@dataclass(frozen=True)
class Definition:
    """A function, a class, a module (for the code outside both), or a statement of SQL."""

    path: str
    symbol: str
    """`Tasks.create`, `<module>`, or for SQL the first words of the statement."""
    first_line: int
    last_line: int
    body: frozenset[int]
    """Executable lines of its body, without those of definitions inside it."""
    claims: tuple[Claim, ...] = ()


@dataclass(frozen=True)
class SourceFile:
    """One file of the traced source, with its definitions and their claims."""

    path: str
    digest: str
    """SHA-256 of the file's bytes."""
    executable: frozenset[int]
    """Lines that can run, as coverage counts them; empty for SQL, whose lines are not measured."""
    definitions: tuple[Definition, ...]
    text: str = field(repr=False, default="")
