"""One plot for each fault: answers a second, good and bad, with the span of the fault."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

WIDTH, HEIGHT = 460, 120
COLOURS = {"domain": ["good", "bad"], "range": ["#4c78a8", "#e45756"]}


def write(data: dict[str, Any], folder: Path) -> list[Path]:
    """Draw a plot for each fault that ran; none where vl-convert is not installed."""
    try:
        from vl_convert import vegalite_to_svg
    except ImportError:
        return []
    written = []
    for one in data["faults"]:
        if not one["over_time"]["good"]:
            continue
        name = re.sub(r"[^a-z0-9]+", "-", one["fault"].lower()).strip("-")
        path = folder / f"{name}.svg"
        path.write_text(vegalite_to_svg(describe(one)), "utf-8")
        written.append(path)
    return written


def describe(one: dict[str, Any]) -> dict[str, Any]:
    """Return the plot of one fault in Vega-Lite."""
    over_time = one["over_time"]
    rows = [
        {"second": second, "answers": count, "kind": kind}
        for kind in ("good", "bad")
        for second, count in enumerate(over_time[kind])
    ]
    begin, end = over_time["span"]
    x = {"type": "quantitative", "title": "seconds"}
    return {
        "title": {"text": one["fault"], "subtitle": "answers a second", "anchor": "start"},
        "width": WIDTH,
        "height": HEIGHT,
        "background": "white",
        "layer": [
            {
                "data": {"values": [{"begin": begin, "end": end}]},
                "mark": {"type": "rect", "opacity": 0.15, "color": "gray"},
                "encoding": {"x": {"field": "begin", **x}, "x2": {"field": "end"}},
            },
            {
                "data": {"values": rows},
                "mark": {"type": "line", "interpolate": "step-after"},
                "encoding": {
                    "x": {"field": "second", **x},
                    "y": {"field": "answers", "type": "quantitative", "title": None},
                    "color": {"field": "kind", "scale": COLOURS, "title": None},
                },
            },
        ],
    }
