"""A plot of one fault: good and bad requests of each half second, and when the fault lasted."""

from __future__ import annotations

from collections import Counter
from typing import Any

from steps.endurance.result import Result

BIN = 0.5
"""Seconds of one bar."""
COLOURS = ["#5b9bd5", "#d62728", "#e377c2", "#ff7f0e", "#8c564b", "#17becf"]
"""Good, then each kind of bad answer."""


def draw(result: Result) -> str:
    """Return an SVG; empty where vl-convert, of the dependency group `bench`, is not installed."""
    try:
        from vl_convert import vegalite_to_svg
    except ImportError:
        return ""
    start = min(one.sent for one in result.exchanges)
    counted = Counter(
        (int((one.sent - start) / BIN) * BIN, "good" if one.good else str(one.outcome))
        for one in result.exchanges
    )
    rows = [
        {"seconds": at, "answer": name, "requests": count / BIN}
        for (at, name), count in sorted(counted.items())
    ]
    names = ["good", *sorted({name for _, name in counted} - {"good"})]
    span = [{"begin": result.begin - start, "end": result.end - start}]
    x = {"type": "quantitative", "title": "seconds"}
    layers: list[dict[str, Any]] = [
        {
            "data": {"values": span},
            "mark": {"type": "rect", "color": "#888888", "opacity": 0.2},
            "encoding": {"x": {"field": "begin", **x}, "x2": {"field": "end"}},
        },
        {
            "data": {"values": rows},
            "mark": {"type": "bar", "width": {"band": 0.9}},
            "encoding": {
                "x": {"field": "seconds", **x, "bin": {"step": BIN}},
                "y": {"field": "requests", "type": "quantitative", "title": None},
                "color": {
                    "field": "answer",
                    "title": None,
                    "scale": {"domain": names, "range": COLOURS[: len(names)]},
                },
            },
        },
    ]
    return vegalite_to_svg(
        {
            "title": {
                "text": result.fault.name,
                "subtitle": "requests a second; grey: the fault lasts",
                "anchor": "start",
            },
            "width": 560,
            "height": 200,
            "layer": layers,
        }
    )
