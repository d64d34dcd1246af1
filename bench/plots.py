"""Plots as SVG, written by hand: a library for three of them would be the bench's largest part."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT = 720, 380
LEFT, RIGHT, TOP, BOTTOM = 70, 190, 40, 50
COLOURS = ("#1b6ca8", "#d1495b", "#2e8b57", "#8d6a9f", "#8a8d91", "#c98b1b")
Points = Sequence[tuple[float, float]]


def bars(title: str, unit: str, groups: Mapping[str, Mapping[str, float]]) -> str:
    """Draw groups of bars side by side: group name to series name to value."""
    names = list(dict.fromkeys(name for group in groups.values() for name in group))
    top = max(value for group in groups.values() for value in group.values())
    room = (WIDTH - LEFT - RIGHT) / len(groups)
    width = room * 0.8 / len(names)
    drawn = []
    for at, (group, values) in enumerate(groups.items()):
        left = LEFT + room * (at + 0.1)
        for number, name in enumerate(names):
            if name in values:
                height = (HEIGHT - TOP - BOTTOM) * values[name] / top
                x, y = left + number * width, HEIGHT - BOTTOM - height
                drawn.append(
                    f'<rect x="{x:.1f}" y="{y:.1f}" width="{width - 2:.1f}" '
                    f'height="{height:.1f}" fill="{_colour(number)}"/>'
                )
                drawn.append(_text(x + width / 2 - 1, y - 4, f"{values[name]:,.0f}", "middle", 9))
        drawn.append(_text(left + room * 0.4, HEIGHT - BOTTOM + 18, group, "middle"))
    return _page(title, unit, names, drawn)


def lines(title: str, x_unit: str, y_unit: str, series: Mapping[str, Points]) -> str:
    """Draw one line for each series; both axes are logarithmic."""
    xs = [math.log10(x) for points in series.values() for x, _ in points]
    ys = [math.log10(y) for points in series.values() for _, y in points]
    low_x, high_x = math.floor(min(xs)), math.ceil(max(xs))
    low_y, high_y = math.floor(min(ys)), math.ceil(max(ys))

    def place(x: float, y: float) -> tuple[float, float]:
        across = (math.log10(x) - low_x) / max(1, high_x - low_x)
        up = (math.log10(y) - low_y) / max(1, high_y - low_y)
        return (
            LEFT + across * (WIDTH - LEFT - RIGHT),
            HEIGHT - BOTTOM - up * (HEIGHT - TOP - BOTTOM),
        )

    drawn = []
    for power in range(low_x, high_x + 1):
        x, y = place(10**power, 10**low_y)
        drawn.append(f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{x:.1f}" y2="{TOP}" stroke="#ddd"/>')
        drawn.append(_text(x, y + 18, f"{10**power:,}" if power >= 0 else f"1e{power}", "middle"))
    for power in range(low_y, high_y + 1):
        x, y = place(10**low_x, 10**power)
        right = WIDTH - RIGHT
        drawn.append(f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{right}" y2="{y:.1f}" stroke="#ddd"/>')
        drawn.append(_text(x - 6, y + 4, f"{10.0**power:g}", "end"))
    for number, points in enumerate(series.values()):
        placed = [place(*point) for point in points]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in placed)
        colour = _colour(number)
        drawn.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        drawn += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in placed]
    drawn.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, x_unit, "middle"))
    return _page(title, y_unit, list(series), drawn)


def _page(title: str, unit: str, names: Sequence[str], drawn: Sequence[str]) -> str:
    legend = []
    for number, name in enumerate(names):
        y = TOP + 10 + 20 * number
        x = WIDTH - RIGHT + 16
        legend.append(f'<rect x="{x}" y="{y}" width="12" height="12" fill="{_colour(number)}"/>')
        legend.append(_text(x + 18, y + 10, name))
    head = [_text(LEFT, 20, title, size=15), _text(LEFT, TOP - 6, unit, size=10)]
    base = HEIGHT - BOTTOM
    axis = f'<line x1="{LEFT}" y1="{base}" x2="{WIDTH - RIGHT}" y2="{base}" stroke="#333"/>'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">',
            "<style>text { font-family: sans-serif }</style>",
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
            *head,
            axis,
            *drawn,
            *legend,
            "</svg>\n",
        ]
    )


def _text(x: float, y: float, text: str, anchor: str = "start", size: int = 11) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}">'
        f"{escape(text)}</text>"
    )


def _colour(number: int) -> str:
    return COLOURS[number % len(COLOURS)]
