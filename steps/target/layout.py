"""The layout of the server that a target file describes."""

from __future__ import annotations

from steps.http.layout import Layout
from steps.http.operations import EVERY, NAMED, Operation
from steps.target.description.tables import Description


def layout_of(description: Description) -> Layout:
    """Return where the server has the operations of the spec, and what it calls their fields."""
    routes = NAMED
    if description.paths is not None:
        given = {name: text.partition(" ") for name, text in description.paths if text}
        routes = {
            one.name: Operation(one.name, given[one.name][0], given[one.name][2], one.has_body)
            for one in EVERY
            if one.name in given
        }
    names = {ours: theirs for ours, theirs in description.fields.given.items() if ours != theirs}
    return Layout(routes, names, {name: more for name, more in description.bodies if more})
