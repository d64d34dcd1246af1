"""Which fields an error is about, read from where errors say so.

Frameworks echo what was sent. So a field's name counts where an error names a place (`loc`,
`field`, a pointer), and as a key of an error map; only an error that has neither is read as a
sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

from steps.http.answer import Answer, as_json

FIELD_NAMES = {
    "title": ("title",),
    "description": ("description",),
    "task_id": ("taskid", "id", "task"),
}
"""Of each field of a request, its names in lower case, without the characters between words."""
ECHOES = {"input", "body", "value", "ctx", "received", "request", "payload", "rejectedvalue"}
"""Keys under which frameworks repeat what was sent."""
PLACES = {
    "loc", "location", "field", "fields", "path", "param", "parameter", "property", "name",
    "pointer", "source", "instancepath", "attribute", "argument", "key", "target",
}  # fmt: skip
"""Keys whose value names the place of an error."""
_WORD_GAP = re.compile(r"[\W_]+")
_PARTS = re.compile(r"[./\[\]#\"' ]+")


def names_only(answer: Answer, field: str) -> bool:
    """Return whether the error says that it is about this one of `FIELD_NAMES`, and no other.

    Without places and error maps, the sentence may repeat another field that was sent beside it.
    """
    value, sent = as_json(answer.body), as_json(answer.sent_body)
    sent = sent if isinstance(sent, dict) else {}
    if value is None:
        return _fields_in_sentence(answer.text) - (sent.keys() - {field}) == {field}
    structured = frozenset(_structured(value, sent))
    if structured:
        return structured == {field}
    return _fields_in_sentence(" ".join(_sentences(value))) - (sent.keys() - {field}) == {field}


def _structured(value: Any, sent: dict[str, Any]) -> Iterator[str]:
    """Yield the fields that places and keys of error maps name. An echo of `sent` names none."""
    if isinstance(value, list):
        for inner in value:
            yield from _structured(inner, sent)
    elif isinstance(value, dict):
        for key, inner in value.items():
            name = plain(key)
            if name in ECHOES:
                continue
            if name in PLACES:
                yield from _fields_of(_parts_of(inner))
            elif _is_key_of_error_map(name, value) and not (key in sent and sent[key] == inner):
                yield from _fields_of([key])
            yield from _structured(inner, sent)


def _parts_of(place: Any) -> Iterator[str]:
    """Yield the parts of a place: of `["body", "title"]`, `body.title` or `/data/title`."""
    if isinstance(place, str):
        yield from _PARTS.split(place)
    elif isinstance(place, list):
        for one in place:
            yield from _parts_of(one)
    elif isinstance(place, dict):
        for one in place.values():
            yield from _parts_of(one)


def _is_key_of_error_map(key: str, errors: dict[str, Any]) -> bool:
    """Whether a key says which field is wrong.

    It is no such key where `id` is that of a request, and `title` that of a problem (RFC 9457).
    """
    if key in {"id", "task"} or (key == "title" and {"status", "detail", "type"} & errors.keys()):
        return False
    return any(isinstance(value, str | list | dict) and value for value in errors.values())


def _fields_of(names: Iterable[str]) -> Iterator[str]:
    for name in map(plain, names):
        yield from (field for field, known in FIELD_NAMES.items() if name in known)


def _sentences(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for inner in value:
            yield from _sentences(inner)
    elif isinstance(value, dict):
        for key, inner in value.items():
            if plain(key) not in ECHOES:
                yield from _sentences(inner)


def _fields_in_sentence(text: str) -> frozenset[str]:
    words = _WORD_GAP.sub(" ", text.lower()).split()
    pairs = {first + second for first, second in pairwise(words)}
    names = {**FIELD_NAMES, "task_id": ("taskid", "id")}
    said = pairs.union(words)
    return frozenset(field for field, known in names.items() if said.intersection(known))


def plain(name: str) -> str:
    """Return a key in lower case, without what stands between its words."""
    return _WORD_GAP.sub("", name.lower())
