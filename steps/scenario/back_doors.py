"""Tokens that a server with a back door accepts: fixed signatures, endings, tokens and secrets."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from steps.http.answer import Answer
from steps.http.expectations import expect
from steps.http.operations import LIST
from steps.scenario.evidence_sample import keep_sample
from steps.scenario.scene import Scene
from steps.target.tokens import decode, encode, sign
from traceability.evidence.recording.not_run import NotRun

FIXED = (
    "signature mock mock-signature mock-token fake fake-signature fake-token fake-jwt test "
    "test-signature test-token dummy dummy-signature dummy-token dev dev-signature dev-token debug "
    "debug-token demo demo-token demo-signature valid valid-signature valid-token secret bypass "
    "skip admin admin-token master master-token magic root local localhost guest anonymous sample "
    "example placeholder invalid none null undefined 1234567890 123456 abc123 deadbeef better-auth"
)
KNOWN_SECRETS = (
    "secret secretkey secret-key secret_key your-secret-key your_secret_key your-256-bit-secret "
    "your-super-secret-key your-jwt-secret your-secret-key-change-in-production supersecret "
    "super-secret super-secret-key super_secret_key changeme change-me change_me_in_production "
    "jwt-secret jwt_secret jwtsecret my-secret my-secret-key mysecret mysecretkey my_secret_key "
    "dev-secret dev_secret dev-secret-key development development-secret test-secret test_secret "
    "test default default-secret default_secret_key password key private shhhhh s3cr3t "
    "better-auth-secret better-auth-secret-123456789 better_auth_secret "
    "a-string-secret-at-least-256-bits-long"
)
SECONDS = 60.0
"""How long texts are tried at most: those that come first are the most suspicious."""
ENOUGH = 100
"""How many of them have to be tried in that time."""


@dataclass(frozen=True)
class Attempt:
    """One forged token."""

    how: str
    """What it is made of, after `a token`."""
    authorization: str


@dataclass(frozen=True)
class Opened:
    """A forged token that was not refused."""

    attempt: Attempt
    answer: Answer


def with_fixed_text(scene: Scene, text: str, shown: str, *, joined: bool) -> Iterator[Attempt]:
    """Yield Alice's token with a text instead of its signature, or the text instead of a token.

    With `joined`, the text also comes behind other letters and before her id, with what separates
    words in between.
    """
    user = scene.users.named("Alice")
    claims = user.token.rpartition(".")[0]
    signatures = [text, encode(text.encode())]
    tokens = [text, f"{text}{user.id}"]
    if joined:
        signatures += [f"x-{text}", f"x_{text.replace('-', '_')}", text.replace("-", "_")]
        tokens += [f"{text}-{user.id}", f"{text.replace('-', '_')}_{user.id}"]
    for one in dict.fromkeys(signatures):
        yield Attempt(f"whose signature is or ends in {shown}", f"{claims}.{one}")
    for one in dict.fromkeys(tokens):
        yield Attempt(f"that is or begins with {shown}", one)


def with_secret(scene: Scene, text: str, shown: str) -> Iterator[Attempt]:
    """Yield Alice's token signed with a text as the secret."""
    header, payload, _ = (scene.users.named("Alice").token + "..").split(".")[:3]
    algorithm = {**json.loads(decode(header)), "alg": "HS256"}
    yield Attempt(f"signed with {shown}", sign(algorithm, json.loads(decode(payload)), text))


def try_all(scene: Scene, attempts: Iterable[Attempt]) -> list[Opened]:
    """Ask for Alice's list with each of them; return those that are not refused.

    What a random text is answered is a refusal. Whoever is let in as somebody else gets 403. Ends
    the scenario as not run when the server is too slow to try enough of them.
    """
    claims = scene.users.named("Alice").token.rpartition(".")[0]
    refused = {_ask(scene, one).status for one in (f"{claims}.{_random()}", _random())}
    answers: list[Answer] = []
    opened: list[Opened] = []
    end = time.monotonic() + SECONDS
    for attempt in attempts:
        if time.monotonic() > end:
            if not opened and len(answers) < ENOUGH:
                raise NotRun(f"target cannot answer {ENOUGH} forged tokens within {SECONDS:g} s")
            break
        answer = _ask(scene, attempt.authorization)
        answers.append(answer)
        as_somebody = answer.status in {403, 404} and answer.status not in refused
        if 200 <= (answer.status or 0) < 300 or as_somebody:
            opened.append(Opened(attempt, answer))
    expect(answers, "there was no token to try")
    keep_sample(scene.client, answers)
    scene.answers = [one.answer for one in opened] or answers
    return opened


def _ask(scene: Scene, token: str) -> Answer:
    url = LIST.url(scene.users.named("Alice").id, "")
    headers = [("Authorization", f"Bearer {token}")]
    return scene.client.send("GET", url, headers=headers, record=False)


def _random() -> str:
    return secrets.token_urlsafe(32)
