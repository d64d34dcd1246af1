"""The table at the end of a series: one line for each server, on the terminal and in Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import wrap

from steps.run.series.result import Result
from steps.run.series.servers import Server

WIDTH = 80
COUNTS = ("verified", "failed", "differs", "not run")
"""Verdicts that are counted, as `summary` of a matrix names them with underscores."""
Row = tuple[Server, Result]


def render_terminal(rows: Sequence[Row], width: int = WIDTH) -> str:
    """Return the table, and under it why servers were not judged, in lines of at most `width`."""
    columns = _columns(rows)
    heads = [*columns, "not judged", "time"]
    widths = [max(len(head), 7) for head in heads]
    room = width - sum(widths) - 2 * len(widths)
    names = max([len("server"), *(len(server.name) for server, _ in rows)])
    first = min(names, room)
    lines = [_line("server", heads, first, widths)]
    lines += [_line(server.name, _cells(result, columns), first, widths) for server, result in rows]
    if missing := [(server, result) for server, result in rows if not result.judged]:
        lines += ["", "Not judged"]
        for server, result in missing:
            said = f"{server.name}: {result.reason}"
            lines += wrap(said, width, initial_indent="  ", subsequent_indent="    ")
    lines += ["", *wrap(sentence(rows), width)]
    return "".join(f"{line}\n" for line in lines)


def sentence(rows: Sequence[Row]) -> str:
    """Return the series in one sentence, such as `3 servers: 2 judged, 1 not judged; …`."""
    judged = [result for _, result in rows if result.judged]
    conformant = sum(result.conformant for result in judged)
    noun = "server" if len(rows) == 1 else "servers"
    return (
        f"{len(rows)} {noun}: {len(judged)} judged, {len(rows) - len(judged)} not judged; "
        f"{conformant} conformant."
    )


def render_markdown(rows: Sequence[Row], *, compared: bool) -> str:
    """Return the table in Markdown, with links to the reports in the folders beside it."""
    columns = _columns(rows)
    lines = ["# Servers that were judged", "", f"**{sentence(rows)}**", ""]
    if compared:
        lines += ["[The comparison](comparison/comparison.html), requirement by requirement.", ""]
    lines.append(f"| server | {' | '.join([*columns, 'not judged', 'time'])} |")
    lines.append(f"| --- |{' ---: |' * (len(columns))} --- | ---: |")
    for server, result in rows:
        name = _escaped(server.name)
        linked = f"[{name}]({server.folder}/index.html)" if result.counts else name
        *counts, _, time = _cells(result, columns)
        reason = "" if result.judged else _escaped(result.reason)
        lines.append(f"| {' | '.join([linked, *counts, reason, time])} |")
    return "\n".join(lines) + "\n"


def duration(seconds: float) -> str:
    """Return a time as minutes and seconds, `1:05`; hours are minutes, too."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"


def described(result: Result) -> str:
    """Return the counts of a result in words, or why it was not judged."""
    if not result.judged:
        return f"not judged: {result.reason}"
    counts = [
        f"{result.counts[key]} {name}"
        for name in COUNTS
        if (key := _key(name)) in result.counts and (result.counts[key] or name == "verified")
    ]
    return ", ".join(counts)


def shortened(line: str, width: int = WIDTH) -> str:
    """Return the line, cut to a width."""
    return line if len(line) <= width else f"{line[: width - 1]}…"


def _columns(rows: Sequence[Row]) -> list[str]:
    """Return the verdicts that have a column: `differs` only where a matrix counts it."""
    counted = {name for _, result in rows for name in result.counts}
    return [name for name in COUNTS if name != "differs" or name in counted]


def _cells(result: Result, columns: Sequence[str]) -> Iterator[str]:
    for name in columns:
        yield str(result.counts[_key(name)]) if _key(name) in result.counts else "-"
    yield "" if result.judged else "x"
    yield duration(result.seconds) if result.status is not None or result.seconds else "-"


def _key(name: str) -> str:
    return name.replace(" ", "_")


def _line(name: str, cells: Iterator[str] | Sequence[str], first: int, widths: list[int]) -> str:
    shown = shortened(name, first)
    parts = [f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True)]
    return "  ".join([f"{shown:<{first}}", *parts]).rstrip()


def _escaped(text: str) -> str:
    return "".join(f"\\{c}" if c in "\\|[]*_`<>" else c for c in " ".join(text.split()))
