"""What a run says: JSON for programs, a table for people, a plot for each fault."""

from __future__ import annotations

import json
import os
import platform
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from steps.endurance.environment import ROOT
from steps.endurance.plots import draw
from steps.endurance.result import KINDS, Result

FORMAT = "endurance/1"
DOCUMENT = ROOT / "docs" / "reliability.md"
BEGIN, END = "<!-- begin: the last full run -->", "<!-- end: the last full run -->"
HEAD = (
    "| fault | requests | bad | slowest | well after | rows | lost, foreign, half | let in |"
    " slots | memory | verdict |"
)
COLUMNS = (("lost", "resurrected", "changed"), ("foreign",), ("half", "duplicate", "toggle"))
"""The kinds of wrong things that one figure of the table counts together."""
REQUIREMENTS = {
    "SC-005": ("foreign", "let in"),
    "SC-007": ("lost", "resurrected", "changed"),
    "SC-008": ("half", "duplicate", "toggle"),
}
"""Success criteria, and the kinds of wrong things that would break each."""


def write(results: Sequence[Result], output: Path, *, form: str, clients: int) -> None:
    """Write endurance.json, endurance.md and the plots into the folder `output`."""
    output.mkdir(parents=True, exist_ok=True)
    value = {
        "format": FORMAT,
        "form": form,
        "clients": clients,
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "machine": f"{os.cpu_count()} cores, Python {platform.python_version()}",
        "measurements": _measurements(results),
        "faults": [_fault(one) for one in results],
    }
    text = json.dumps(value, indent=1, ensure_ascii=False)
    (output / "endurance.json").write_text(text + "\n", "utf-8")
    (output / "endurance.md").write_text(_markdown(results, value), "utf-8")
    for one in results[-1:]:
        if one.exchanges and (svg := draw(one)):
            name = re.sub(r"[^a-z0-9]+", "-", one.fault.name.lower()).strip("-")
            (output / f"{name}.svg").write_text(svg, "utf-8")


def summary(results: Sequence[Result]) -> str:
    """Return what the run came to, in lines of at most 79 characters."""
    ran = [one for one in results if not one.not_run]
    counted = [f"{_total(ran, kind)} {kind}" for kind in KINDS]
    wrong = f"{', '.join(counted[:4])},\n{', '.join(counted[4:])}"
    return "\n".join(
        [
            f"{len(ran)} of {len(results)} faults played, {len(results) - len(ran)} not run,",
            (
                f"{sum(len(one.exchanges) for one in ran):,} requests, "
                f"{sum(one.rows for one in ran):,} rows compared,"
            ),
            f"{wrong},",
            (
                f"{sum(len(one.unexpected) for one in ran)} unexpected answers, "
                f"{sum(one.lies for one in ran)} lies told to the checker, "
                f"{sum(len(one.lies_unnoticed) for one in ran)} unnoticed"
            ),
        ]
    )


def remember(output: Path) -> None:
    """Put the table of the run between the marks of docs/reliability.md."""
    table = (output / "endurance.md").read_text("utf-8").partition("\n")[2].strip()
    text = DOCUMENT.read_text("utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    DOCUMENT.write_text(f"{before}{BEGIN}\n\n{table}\n\n{END}{after}", "utf-8")


def _total(results: Sequence[Result], kind: str) -> int:
    return sum(one.count(kind) for one in results)


def _measurements(results: Sequence[Result]) -> list[dict[str, Any]]:
    """Return the figures that belong to success criteria."""
    ran = [one for one in results if not one.not_run]
    requests, rows = sum(len(one.exchanges) for one in ran), sum(one.rows for one in ran)
    return [
        {
            "requirement": requirement,
            "name": " or ".join(kinds),
            "text": f"{sum(_total(ran, kind) for kind in kinds)} {' or '.join(kinds)}, "
            f"{requests:,} requests and {rows:,} rows under {len(ran)} faults",
            "value": sum(_total(ran, kind) for kind in kinds),
            "limit": 0,
        }
        for requirement, kinds in REQUIREMENTS.items()
    ]


def _fault(one: Result) -> dict[str, Any]:
    value: dict[str, Any] = {
        "name": one.fault.name,
        "group": one.fault.group,
        "says": one.fault.says,
        "verdict": one.verdict,
        "seconds": round(one.seconds, 1),
    }
    if one.not_run:
        return value | {"not_run": one.not_run}
    return value | {
        "requests": len(one.exchanges),
        "bad": {str(outcome): count for outcome, count in one.outcomes.items()},
        "unexpected": len(one.unexpected),
        "slowest_seconds": round(one.slowest, 3),
        "recovery_seconds": round(one.recovery, 3) if one.recovery < 1e9 else None,
        "rows": one.rows,
        **{kind.replace(" ", "_"): one.count(kind) for kind in KINDS},
        "stored_unacknowledged": one.stored_unacknowledged,
        "slots": one.slots,
        "lies": one.lies,
        "lies_unnoticed": list(one.lies_unnoticed),
        "measures": [
            {"name": m.name, "value": m.value, "unit": m.unit, "limit": m.limit}
            for m in one.measures
        ],
        "notes": one.notes,
        "complaints": one.complaints,
    }


def _markdown(results: Sequence[Result], value: dict[str, Any]) -> str:
    lines = [
        "# Endurance",
        "",
        (
            f"The {value['form']} form of {value['date']}, {value['clients']} clients, "
            f"{value['machine']}."
        ),
        "",
        HEAD,
        "| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |",
        *(_row(one) for one in results),
        "",
        summary(results) + ".",
        "",
    ]
    said = [one for one in results if one.complaints or one.not_run or one.notes]
    for one in said:
        lines += [
            f"- **{one.fault.name}**: {sentence}."
            for sentence in (*([one.not_run] if one.not_run else []), *one.complaints, *one.notes)
        ]
    return "\n".join(lines).rstrip() + "\n"


def _row(one: Result) -> str:
    name = one.fault.name.replace("|", "\\|")
    if one.not_run:
        return f"| {name} |{' |' * 9} not run |"
    bad = ", ".join(f"{count} × {outcome}" for outcome, count in one.outcomes.most_common(3))
    memory = {m.name: m.value for m in one.measures}
    grown = memory.get("memory of a worker at most", 0) - memory.get("memory of a worker before", 0)
    kinds = ", ".join(str(sum(one.count(kind) for kind in kinds)) for kinds in COLUMNS)
    slots = "" if one.slots is None else str(one.slots)
    return (
        f"| {name} | {len(one.exchanges):,} | {bad or '0'} | {one.slowest:.1f} s | "
        f"{max(0.0, one.recovery):.1f} s | {one.rows:,} | {kinds} | "
        f"{one.count('let in')} | {slots} | +{grown:.0f} MB | {one.verdict} |"
    )
