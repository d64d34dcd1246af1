"""Which fields an error is about, read from where errors say so.

Frameworks echo what was sent. So a field's name counts where an error names a place (`loc`,
`field`, a pointer), and as a key of an error map; only an error that has neither is read as a
sentence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import Any

from steps.http.answer import Answer, as_json

FIELD_NAMES = {
    "title": ("title",),
    "description": ("description",),
    "task_id": ("taskid", "id", "task"),
}
"""Of each field of a request, its names in lower case, without the characters between words."""
ECHOES = {
    "input", "body", "value", "ctx", "received", "request", "payload", "rejectedvalue",
    "original", "originalvalue",
}  # fmt: skip
"""Keys under which frameworks repeat what was sent."""
PLACES = {
    "loc", "location", "field", "fields", "path", "param", "parameter", "property", "name",
    "pointer", "source", "instancepath", "attribute", "argument", "key", "target",
}  # fmt: skip
"""Keys whose value names the place of an error."""
TEXTS = {"detail", "message", "msg", "error", "reason"}
"""Keys under which an error itself says what is wrong."""
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
    return _fields_in_sentence(" ".join(texts(value, _is_echo))) - (sent.keys() - {field}) == {
        field
    }


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
                yield from _fields_of_place(list(_parts_of(inner)))
            elif _is_key_of_error_map(name, inner, value) and not (
                key in sent and sent[key] == inner
            ):
                yield from _fields_of([key])
            yield from _structured(inner, sent)


def _fields_of_place(parts: list[str]) -> Iterator[str]:
    """Yield the fields that a place names: in `create.task.title`, the task is no task's id."""
    yield from _fields_of(part for part in parts[:-1] if plain(part) not in {"task", "id"})
    yield from _fields_of(parts[-1:])


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


def _is_key_of_error_map(key: str, said: Any, errors: dict[str, Any]) -> bool:
    """Whether a key says which field is wrong, and `said` what is wrong with it.

    It is no such key where `id` is that of a request, and `title` that of a problem (RFC 9457).
    A field of which nothing is said is all right. And where an error has texts of its own that
    name a field, `title` and `description` are two of them.
    """
    if key in {"id", "task"} or not said or not isinstance(said, str | list | dict):
        return False
    names = set(map(plain, errors))
    if key == "title" and {"status", "detail", "type"} & names:
        return False
    own = isinstance(said, str) and not TEXTS.isdisjoint(names)
    return not (own and _fields_in_sentence(" ".join(texts(errors, _is_echo))))


def _fields_of(names: Iterable[str]) -> Iterator[str]:
    for name in map(plain, names):
        yield from (field for field, known in FIELD_NAMES.items() if name in known)


def texts(value: Any, left_out: Callable[[str], bool]) -> Iterator[str]:
    """Yield the texts in a JSON value, without what stands under a key that is left out."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner, left_out)
    elif isinstance(value, dict):
        for key, inner in value.items():
            if not left_out(key):
                yield from texts(inner, left_out)


def _fields_in_sentence(text: str) -> frozenset[str]:
    words = _WORD_GAP.sub(" ", text.lower()).split()
    pairs = {first + second for first, second in pairwise(words)}
    names = {**FIELD_NAMES, "task_id": ("taskid", "id")}
    said = pairs.union(words)
    return frozenset(field for field, known in names.items() if said.intersection(known))


def plain(name: str) -> str:
    """Return a key in lower case, without what stands between its words."""
    return _WORD_GAP.sub("", name.lower())


def _is_echo(key: str) -> bool:
    return plain(key) in ECHOES
