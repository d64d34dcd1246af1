"""The figures of a run: as JSON for programs, in Markdown and plots for readers."""

from __future__ import annotations

import json
import os
import platform
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from steps.endurance.fault import Measure
from steps.endurance.result import KINDS, Result

PROVES = {
    "SC-005": ("foreign", "let in"),
    "SC-007": ("lost", "resurrected"),
    "SC-008": ("half", "duplicate", "toggle", "changed"),
}
"""Success criterion -> what counts against it."""
HEADINGS = (
    *("fault", "requests", "bad", "slowest", "recovery", "lost / foreign / half"),
    *("let in", "slots", "memory", "verdict"),
)
ALIGNED = ("---", "---:", "---", "---:", "---:", "---:", "---:", "---:", "---:", "---")


def summary(results: Sequence[Result]) -> str:
    """Return what a run came to, in a few lines that fit a terminal."""
    ran = [one for one in results if not one.not_run]
    counts = ", ".join(f"{total(ran, kind)} {kind}" for kind in KINDS)
    verdicts = Counter(one.verdict for one in results)
    lies = sum(one.lies for one in ran)
    unnoticed = sum(len(one.lies_unnoticed) for one in ran)
    return (
        f"{len(ran)} faults, {sum(len(one.exchanges) for one in ran):,} requests, "
        f"{sum(one.rows for one in ran):,} rows compared:\n{counts};\n"
        f"{sum(len(one.unexpected) for one in ran)} unexpected answers; "
        f"{lies - unnoticed} of {lies} lies planted in the database were named.\n"
        f"{verdicts['good']} good, {verdicts['bad']} bad, {verdicts['not run']} not run."
    )


def total(results: Sequence[Result], kind: str) -> int:
    """Return how many things of a kind are wrong in all results."""
    return sum(one.count(kind) for one in results)


def as_data(results: Sequence[Result], *, form: str, clients: int) -> dict[str, Any]:
    """Return all figures, as they go into endurance.json."""
    ran = [one for one in results if not one.not_run]
    return {
        "format": 1,
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "machine": machine(),
        "form": form,
        "clients": clients,
        "measurements": [
            {
                "requirement": requirement,
                "name": f"{', '.join(kinds)} under {len(ran)} faults",
                "value": sum(total(ran, kind) for kind in kinds),
                "unit": "",
                "limit": 0,
                "samples": sum(len(one.exchanges) for one in ran),
            }
            for requirement, kinds in PROVES.items()
        ],
        "faults": [_fault_data(one) for one in results],
    }


def machine() -> str:
    """Describe the machine in a few words, without its name."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.split(":")[1].strip() for line in lines if "model name" in line]
    processor = names[0] if names else platform.machine()
    return f"{os.cpu_count()} × {processor}, Python {platform.python_version()}"


def markdown(data: dict[str, Any]) -> str:
    """Return the table, and under it what else was seen."""
    faults = data["faults"]
    lines = [
        f"{data['date']}, {data['machine']}, {data['clients']} clients, {data['form']} form.",
        "",
        f"| {' | '.join(HEADINGS)} |",
        f"| {' | '.join(ALIGNED)} |",
        *(_row(one) for one in faults),
    ]
    said = [
        f"- {one['fault']}: {text}"
        for one in faults
        for text in [one["not_run"], *one["complaints"], *one["notes"]]
        if text
    ]
    return "\n".join([*lines, "", *said]).rstrip() + "\n"


def write(results: Sequence[Result], folder: Path, *, form: str, clients: int) -> dict[str, Any]:
    """Write endurance.json and endurance.md; return the figures."""
    folder.mkdir(parents=True, exist_ok=True)
    data = as_data(results, form=form, clients=clients)
    (folder / "endurance.json").write_text(json.dumps(data, indent=1, ensure_ascii=False), "utf-8")
    text = f"# Faults under load\n\n{summary(results)}\n\n{markdown(data)}"
    (folder / "endurance.md").write_text(text, "utf-8")
    return data


def _fault_data(result: Result) -> dict[str, Any]:
    fault = result.fault
    return {
        "fault": fault.name,
        "group": fault.group,
        "says": fault.says,
        "verdict": result.verdict,
        "not_run": result.not_run,
        "complaints": result.complaints,
        "notes": result.notes,
        "seconds": round(result.seconds, 1),
        "lasted": round(result.end - result.begin, 1),
        "requests": len(result.exchanges),
        "bad": {str(outcome): count for outcome, count in result.outcomes.most_common()},
        "unexpected": len(result.unexpected),
        "slowest": round(result.slowest, 2),
        "recovery": round(min(result.recovery, 9999.0), 2),
        "rows": result.rows,
        "wrong": {kind: result.count(kind) for kind in KINDS},
        "stored_unacknowledged": result.stored_unacknowledged,
        "slots": result.slots,
        "slots_expected": result.slots_expected,
        "lies": result.lies,
        "lies_unnoticed": list(result.lies_unnoticed),
        "measures": [_measure_data(one) for one in result.measures],
        "over_time": _over_time(result),
    }


def _measure_data(one: Measure) -> dict[str, Any]:
    return {"name": one.name, "value": round(one.value, 2), "unit": one.unit, "limit": one.limit}


def _over_time(result: Result) -> dict[str, Any]:
    """Return answers a second, good and bad, from the first request on, and the fault's span."""
    if not result.exchanges:
        return {"good": [], "bad": [], "span": [0, 0]}
    first = min(one.sent for one in result.exchanges)
    length = int(max(one.ended for one in result.exchanges) - first) + 1
    good, bad = [0] * length, [0] * length
    for one in result.exchanges:
        (good if one.good else bad)[int(one.ended - first)] += 1
    span = [round(result.begin - first, 1), round(result.end - first, 1)]
    return {"good": good, "bad": bad, "span": span}


def _row(one: dict[str, Any]) -> str:
    """Return the line of a fault."""
    if one["not_run"]:
        return f"| {one['fault']} |{' |' * (len(HEADINGS) - 2)} not run |"
    wrong = one["wrong"]
    bad = ", ".join(f"{count} × {outcome}" for outcome, count in one["bad"].items()) or "0"
    changed = sum(wrong[kind] for kind in PROVES["SC-008"])
    memory = {item["name"]: item["value"] for item in one["measures"]}
    before = memory.get("memory of a worker before", 0)
    most = memory.get("memory of a worker at most", 0)
    cells = (
        one["fault"],
        f"{one['requests']:,}",
        bad,
        f"{one['slowest']:.1f} s",
        f"{one['recovery']:.1f} s",
        f"{wrong['lost'] + wrong['resurrected']} / {wrong['foreign']} / {changed}",
        str(wrong["let in"]),
        "" if one["slots"] is None else f"{one['slots']}",
        f"{before:.0f} → {most:.0f} MB",
        one["verdict"],
    )
    return f"| {' | '.join(cells)} |"
