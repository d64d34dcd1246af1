"""Which of many alike exchanges are kept as evidence."""

from __future__ import annotations

from collections.abc import Iterable

from steps.http.answer import Answer
from steps.http.client import Client


def keep_sample(client: Client, answers: Iterable[Answer]) -> None:
    """Keep, of requests that were sent unrecorded, the first of each kind and the slowest."""
    answers = list(answers)
    first: dict[tuple[str, int | None], Answer] = {}
    for answer in answers:
        first.setdefault((answer.method, answer.status), answer)
    slowest = max(answers, key=lambda answer: answer.seconds)
    for answer in {id(a): a for a in (*first.values(), slowest)}.values():
        client.record(answer)
