"""Bodies: JSON read strictly, and what of it makes a task."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, NoReturn

from .faults import broken, differs
from .layouts import laid_out
from .problems import Flaw, Problem, invalid
from .tokens import storable

TITLE, DESCRIPTION = (256 if broken("title-of-256") else 200), 2000


@dataclass(frozen=True)
class Content:
    """What a client may say about a task."""

    title: str
    description: str | None
    more: dict[str, Any]
    """All fields that were sent, for the faults that use them."""


def content(raw: bytes, media_type: str) -> Content:
    """Read a body. Raises a 422 `Problem`."""
    if media_type != "application/json":
        raise _unreadable("it is not said to be JSON")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        if broken("bad-encoding-400"):
            raise Problem(400, "There was an error parsing the body") from error
        raise _unreadable("it is not UTF-8") from error
    try:
        value = json.loads(text, parse_constant=None if broken("nan-is-json") else _constant)
    except RecursionError as error:
        raise _unreadable("it is nested too deep") from error
    except ValueError as error:
        raise _unreadable(str(error)) from error
    if not isinstance(value, dict):
        raise invalid(Flaw(("body",), "It must be an object.", "type"))
    flaws: list[Flaw] = []
    title = _text(flaws, "title", value.get("title"))
    if title is not None and not broken("title-unstripped"):
        title = title.strip()
    if title is not None:
        _measure(flaws, "title", title, 1, TITLE)
    description = value.get("description")
    if description is not None:
        description = _text(flaws, "description", description)
    if description is not None:
        longest = 100_000 if broken("description-unlimited") else DESCRIPTION
        _measure(flaws, "description", description, 0, longest)
    if laid_out("more-fields"):
        _text(flaws, "priority", value.get("priority"))
    if differs("strict-body"):
        for name in sorted(value.keys() - {"title", "description"}):
            echo = f"There must be no such field: {json.dumps(value[name])}."
            flaws.append(Flaw(("body", name), echo, "extra"))
    if flaws or title is None:
        raise invalid(*flaws)
    return Content(title, description, value)


def _text(flaws: list[Flaw], name: str, value: object) -> str | None:
    if broken("numbers-are-text") and isinstance(value, int):
        value = str(value)
    if not isinstance(value, str):
        flaws.append(Flaw(("body", name), "It must be a text.", "type"))
        return None
    if "\0" in value and broken("nul-crash"):
        return value
    if not storable(value) and not ("\0" not in value and broken("surrogate-crash")):
        flaws.append(Flaw(("body", name), "It holds a character that is none.", "character"))
        return None
    return value


def _measure(flaws: list[Flaw], name: str, text: str, least: int, most: int) -> None:
    if not least <= len(text) <= most:
        sentence = f"It must have {least} to {most} characters, and has {len(text)}."
        flaws.append(Flaw(("body", name), sentence, "length"))


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _unreadable(why: str) -> Problem:
    return invalid(Flaw(("body",), f"The body cannot be read: {why}.", "json"))
