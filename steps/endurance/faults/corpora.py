"""Hostile requests, tokens and statements, beside the load: each gets the answer of its line."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Iterable
from typing import Any

from steps.endurance.corpora.reader import Outcome, wrong
from steps.endurance.corpora.request_cases import play_requests, read_requests
from steps.endurance.corpora.sql_cases import play_sql, read_sql
from steps.endurance.corpora.token_cases import play_tokens, read_tokens
from steps.endurance.fault import Fault, Stage

MARKER = "only-the-other-user-may-read-this"
SHOWN = 5
"""Wrong answers of one corpus that are named; the rest is counted."""


async def send_requests(stage: Stage) -> None:
    """Send every request of requests.jsonl."""
    values = await _values(stage)
    url = f"http://127.0.0.1:{stage.server.port}"
    cases = read_requests()
    await _play(stage, "requests", lambda: play_requests(url, cases, values, [MARKER]))


async def send_tokens(stage: Stage) -> None:
    """Send every token of tokens.jsonl."""
    values = await _values(stage)
    url = f"http://127.0.0.1:{stage.server.port}"
    cases = read_tokens()
    await _play(stage, "tokens", lambda: play_tokens(url, cases, values, stage.secret))


async def run_statements(stage: Stage) -> None:
    """Run every statement of sql.jsonl with the role of the server."""
    values = await _values(stage)
    cases = read_sql()
    url = stage.place.server_url
    await _play(stage, "statements", lambda: play_sql(url, cases, values, [MARKER]))


async def _values(stage: Stage) -> dict[str, str]:
    """Make a task for each of two users; return the values of the placeholders."""
    (user, token), (other, _) = list(stage.spare.items())[:2]
    values = {"user": user, "other": other, "token": token, "unknown": str(uuid.uuid4())}
    for name, owner, title in (("task", user, "own"), ("foreign", other, MARKER)):
        rows = await stage.sql(
            "INSERT INTO public.tasks (user_id, title) VALUES (%(owner)s, %(title)s)"
            " RETURNING id::text",
            {"owner": owner, "title": title},
        )
        values[name] = str(rows[0][0])
    return values


async def _play(stage: Stage, what: str, play: Callable[[], Iterable[Outcome[Any]]]) -> None:
    async with stage.fault():
        outcomes = await asyncio.to_thread(lambda: list(play()))
    found = wrong(outcomes)
    stage.measure(f"hostile {what}", len(outcomes), "sent")
    stage.measure(f"hostile {what} with another answer than theirs", len(found), "", 0)
    for sentence in found[:SHOWN]:
        stage.find(sentence)


FAULTS = (
    Fault(
        "corpus of requests",
        "corpora",
        "Every hostile request of requests.jsonl.",
        send_requests,
        short=True,
    ),
    Fault(
        "corpus of tokens",
        "corpora",
        "Every hostile token of tokens.jsonl.",
        send_tokens,
        short=True,
    ),
    Fault(
        "corpus of SQL",
        "corpora",
        "Every statement of sql.jsonl, as the server's role: row-level security.",
        run_statements,
        short=True,
    ),
)
