"""What came of one fault, and whether that is well."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from steps.endurance.fault import SILENT, Fault, Measure, Outcome
from steps.endurance.history import Exchange, Wrong

KINDS = ("lost", "resurrected", "foreign", "half", "duplicate", "toggle", "changed", "let in")


@dataclass
class Result:
    """What was sent, what came back, what is in the database, and how long until all was well."""

    fault: Fault
    not_run: str = ""
    """The reason for which it could not run here; empty: it ran."""
    begin: float = 0.0
    end: float = 0.0
    """Span of the fault."""
    exchanges: Sequence[Exchange] = ()
    rows: int = 0
    wrong: tuple[Wrong, ...] = ()
    stored_unacknowledged: int = 0
    slots: int | None = None
    """Statements that wait at once afterwards; None: it could not be tried."""
    slots_expected: int = 0
    lies: int = 0
    lies_unnoticed: tuple[str, ...] = ()
    findings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    measures: list[Measure] = field(default_factory=list)
    seconds: float = 0.0
    """How long all of it took."""

    @property
    def bad(self) -> list[Exchange]:
        """Requests with an unexpected status, or without an answer."""
        return [one for one in self.exchanges if not one.good]

    @property
    def outcomes(self) -> Counter[Outcome]:
        """What the bad ones came to."""
        return Counter(one.outcome for one in self.bad)

    @property
    def unexpected(self) -> list[Exchange]:
        """Bad ones that the fault does not explain: of another kind, before it, or too late."""
        late = self.end + self.fault.recovery
        stops = self.fault.stops
        return [
            one
            for one in self.bad
            if one.outcome not in self.fault.tolerated
            or (stops is not None and one.operation not in stops)
            or one.ended < self.begin
            or one.sent > late
        ]

    @property
    def slowest(self) -> float:
        """Longest time, in seconds, from sending a request to its whole answer, or to none."""
        return max((one.ended - one.sent for one in self.exchanges), default=0.0)

    @property
    def kept_longest(self) -> float:
        """The same of requests that the server answered in the end, or never."""
        kept = [o for o in self.exchanges if isinstance(o.outcome, int) or o.outcome == SILENT]
        return max((one.ended - one.sent for one in kept), default=0.0)

    @property
    def recovery(self) -> float:
        """Seconds from the fault's end until all was well.

        The last bad request that was begun afterwards counts, or else the first good answer.
        """
        bad = [one.sent - self.end for one in self.bad if one.sent >= self.end]
        if bad:
            return max(bad)
        good = [
            one.ended - max(self.end, one.sent)
            for one in self.exchanges
            if one.good and one.ended >= self.end
        ]
        return good[0] if good else float("inf")

    def count(self, kind: str) -> int:
        """Return how many things of a kind are wrong."""
        return sum(one.kind == kind for one in self.wrong)

    @property
    def complaints(self) -> list[str]:
        """Everything that is not well, one sentence each; empty: all is well."""
        if self.not_run:
            return []
        said = [
            f"{self.count(kind)} {kind}, for example {self._first(kind)}"
            for kind in KINDS
            if self.count(kind)
        ]
        if not self.exchanges:
            said.append("no request was sent, so nothing was tried")
        if self.unexpected:
            counted = Counter((one.operation, one.outcome) for one in self.unexpected)
            named = ", ".join(f"{n} × {op}: {came}" for (op, came), n in counted.most_common(4))
            said.append(f"{len(self.unexpected)} unexpected answers ({named})")
        if self.recovery > self.fault.recovery:
            said.append(f"well again after {self.recovery:.1f} s, not {self.fault.recovery:g} s")
        if self.kept_longest > self.fault.keeps_longest:
            said.append(
                f"a request was kept {self.kept_longest:.1f} s, longer than "
                f"{self.fault.keeps_longest:g} s"
            )
        if self.slots is not None and self.slots < self.slots_expected:
            said.append(f"{self.slots} of {self.slots_expected} statements can wait at once")
        said += [f"the checker did not notice: {lie}" for lie in self.lies_unnoticed]
        for one in self.measures:
            if not one.good:
                said.append(f"{one.name}: {one.value:.4g} {one.unit}, the limit is {one.limit:g}")
        return said + self.findings

    @property
    def verdict(self) -> str:
        """good, bad, or not run."""
        return "not run" if self.not_run else "bad" if self.complaints else "good"

    def _first(self, kind: str) -> str:
        return next(one.sentence for one in self.wrong if one.kind == kind)
