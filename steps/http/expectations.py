"""What steps expect. Each function fails the step with what was expected and what came instead.

Steps use these in place of `assert`, whose message would be one block of text: the report shows
both values side by side, and says the same deviation of many scenarios once. A sentence says what
is wrong (`the list is not ordered newest first`), and holds no value that differs from run to run.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from typing import Any, NoReturn, TypeVar

from steps.http.answer import LIMITED, Answer
from steps.http.operations import NAMES, operation_name
from traceability.evidence.recording.mismatch_error import MismatchError
from traceability.model import Mismatch

T = TypeVar("T")

SHOWN = 400
"""Characters of a value that are shown; the exchange below has the whole of it."""
WITHOUT_HEADER = "without a header"
NO_VALUE: Any = object()
"""Stands for a value that the sentence has said already."""


class LimitedError(MismatchError):
    """Every answer in question is a 429 (RFC 6585): the server did not do what was asked for."""


class IndependentError(MismatchError):
    """What is wrong shows by itself, whatever other requests of the scenario were answered."""


def expect(
    holds: object,
    sentence: str,
    *,
    expected: Any = NO_VALUE,
    actual: Any = NO_VALUE,
    answer: Answer | None = None,
) -> None:
    """Fail the step unless something holds.

    `answer` is the one that it was seen on; without an actual value, its body is shown.
    """
    if not holds:
        fail(sentence, expected=expected, actual=actual, answer=answer)


def fail(
    sentence: str,
    *,
    expected: Any = NO_VALUE,
    actual: Any = NO_VALUE,
    answer: Answer | None = None,
) -> NoReturn:
    """Fail the step: see `expect`."""
    if answer is not None and actual is NO_VALUE:
        actual = came(answer)
    subjects = operations_of([answer]) if answer else ()
    mismatch = Mismatch(sentence, "", shown(expected), shown(actual), subjects)
    raise LimitedError(mismatch) if answer and answer.status == LIMITED else MismatchError(mismatch)


def expect_equal(actual: T, expected: T, sentence: str, answer: Answer | None = None) -> None:
    """Fail the step unless two values are equal; both are shown."""
    expect(actual == expected, sentence, expected=expected, actual=actual, answer=answer)


def expect_status(answer: Answer, *allowed: int) -> None:
    """Fail the step unless the answer has one of these statuses."""
    expect_statuses([answer], allowed)


def expect_statuses(answers: Sequence[Answer], allowed: Collection[int], wanted: str = "") -> None:
    """Fail the step unless every answer has one of these statuses.

    `wanted` names them where they are too many to list: `a success`.
    """
    wrong: dict[tuple[int | None, str], list[Answer]] = {}
    judged, error = wrong_answers(answers, lambda answer: answer.status in allowed)
    for answer in judged:
        case = WITHOUT_HEADER if 401 in allowed and _anonymous(answer) else answer.case
        wrong.setdefault((answer.status, case), []).append(answer)
    wanted = wanted or " or ".join(str(one) for one in sorted(allowed))
    mismatches = [
        Mismatch(
            f"{'no answer' if status is None else status} instead of {wanted}",
            case,
            wanted,
            came(found[0]),
            operations_of(found),
            by_subject=not case,
        )
        for (status, case), found in wrong.items()
    ]
    if mismatches:
        raise error(*mismatches)


def wrong_answers(
    answers: Sequence[Answer], holds: Callable[[Answer], bool]
) -> tuple[list[Answer], type[MismatchError]]:
    """Return the answers that are wrong, and the error that says so.

    Beside others, a 429 is left out: the server only did not want to do so much.
    """
    wrong = [answer for answer in answers if not holds(answer)]
    others = [answer for answer in wrong if answer.status != LIMITED]
    return (others, IndependentError) if others else (wrong, LimitedError)


def expect_unchanged(actual: T, before: T, sentence: str) -> None:
    """Fail the step unless a value is as before: a change is no consequence of a refusal."""
    if actual != before:
        raise IndependentError(Mismatch(sentence, "", shown(before), shown(actual)))


def expect_success(answer: Answer) -> None:
    """Fail the step unless the answer has any status of success: others judge which one."""
    expect_statuses([answer], range(200, 300), "a success")


def _anonymous(answer: Answer) -> bool:
    return not any(name.lower() == "authorization" for name, _ in answer.sent_headers)


def operations_of(answers: Sequence[Answer]) -> tuple[str, ...]:
    """Return the operations that the answers are to, each once; several other paths are one."""
    names: dict[str, bool] = {}
    for one in answers:
        name = operation_name(one.method, one.path)
        names[name] = names.get(name, name in NAMES) or bool(one.operation)
    own = [name for name, is_own in names.items() if is_own]
    others = [name for name, is_own in names.items() if not is_own]
    return tuple(own + (["other paths"] if len(others) > 1 else others))


def json_object(answer: Answer) -> dict[str, Any]:
    """Return the JSON object in an answer; fail the step when there is none."""
    value = answer.json
    if not isinstance(value, dict):
        fail(f"expected a JSON object, got {shape(answer)}", answer=answer)
    return value


def json_array(answer: Answer) -> list[Any]:
    """Return the JSON array in an answer; fail the step when there is none."""
    value = answer.json
    if not isinstance(value, list):
        fail(f"expected a JSON array, got {shape(answer)}", answer=answer)
    return value


def shape(answer: Answer) -> str:
    """Say in words what a body is: `an object with the key `tasks``."""
    value = answer.json
    if answer.status is None:
        return "no answer"
    if isinstance(value, dict):
        keys = [f"`{key}`" for key in list(value)[:8]]
        names = ", ".join([*keys[:-2], " and ".join(keys[-2:])])
        more = " and more" if len(value) > 8 else ""
        return f"an object with the key{'s' * (len(keys) > 1)} {names}{more}" if keys else "`{}`"
    if isinstance(value, list):
        return "an array"
    if not answer.body:
        return "no body"
    kinds = {bool: "true or false", int: "a number", float: "a number", str: "a text"}
    return kinds.get(type(value), "null" if answer.body.strip() == b"null" else "no JSON")


def came(answer: Answer) -> str:
    """Return what came: status and body, or why there is no answer."""
    if answer.status is None:
        return f"no answer: {answer.error}"
    return f"{answer.status} {answer.text}".strip()


def shown(value: Any) -> str:
    """Return a value as a reader knows it: text as it is, all else as JSON where that can be."""
    if value is NO_VALUE:
        return ""
    text = value
    if not isinstance(value, str):
        try:
            text = json.dumps(value, ensure_ascii=False, default=str)
        except (TypeError, ValueError):
            text = str(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
