"""Plots as SVG: here they are only described, in Vega-Lite, and vl-convert draws them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vl_convert import vegalite_to_svg

Points = Sequence[tuple[float, float]]
SERIES = {"field": "series", "sort": None, "title": None}
LOGARITHMIC = {"type": "log", "nice": True}
"""From one power of ten to another: what hardly grows is seen as a flat line."""


def bars(title: str, unit: str, groups: Mapping[str, Mapping[str, float]]) -> str:
    """Draw groups of bars side by side: group name to series name to value."""
    rows = [
        {"group": group, "series": name, "value": value}
        for group, values in groups.items()
        for name, value in values.items()
    ]
    figure = {
        "mark": {"type": "text", "baseline": "bottom", "fontSize": 9},
        "encoding": {"text": {"field": "value", "format": ",.0f"}, "color": {"value": "black"}},
    }
    encoding = {
        "x": {"field": "group", "sort": None, "title": None, "axis": {"labelAngle": 0}},
        "xOffset": {"field": "series", "sort": None},
        "y": {"field": "value", "type": "quantitative", "title": None},
    }
    return _draw(title, unit, rows, encoding, [{"mark": "bar"}, figure])


def lines(title: str, x_unit: str, y_unit: str, series: Mapping[str, Points]) -> str:
    """Draw one line for each series; both axes are logarithmic."""
    rows = [{"series": name, "x": x, "y": y} for name, points in series.items() for x, y in points]
    axes = {"type": "quantitative", "scale": LOGARITHMIC}
    encoding = {
        "x": {"field": "x", "title": x_unit, "axis": {"format": ",d", "tickCount": 5}, **axes},
        "y": {"field": "y", "title": None, "axis": {"format": "~g", "tickCount": 5}, **axes},
    }
    return _draw(title, y_unit, rows, encoding, [{"mark": {"type": "line", "point": True}}])


def _draw(
    title: str,
    unit: str,
    rows: Sequence[Mapping[str, Any]],
    encoding: Mapping[str, Any],
    layers: Sequence[Mapping[str, Any]],
) -> str:
    """Draw marks over rows of data; series are told apart by their colours."""
    return vegalite_to_svg(
        {
            "title": {"text": title, "subtitle": unit, "anchor": "start"},
            "width": 460,
            "height": 290,
            # Where the viewer's letters are wider than those that were measured.
            "padding": {"left": 10, "top": 10, "right": 50, "bottom": 10},
            "background": "white",
            "data": {"values": rows},
            "encoding": {**encoding, "color": {**SERIES, "legend": {"labelLimit": 0}}},
            "layer": layers,
        }
    )
