"""Nobody is let in by a fixed text: as a signature, an ending, a whole token or a secret."""

from __future__ import annotations

from pytest_bdd import then, when

from steps.http.expectations import expect, fail
from steps.scenario.back_doors import (
    FIXED,
    KNOWN_SECRETS,
    Opened,
    try_all,
    with_fixed_text,
    with_secret,
)
from steps.scenario.phrases import phrase
from steps.scenario.scene import Scene
from steps.scenario.source_literals import Literal, literals

SHOWN = 5


@when(
    phrase("{who}'s list is asked for with usual fixed texts as signature, ending and token"),
    target_fixture="opened",
)
def try_fixed_texts(scene: Scene, who: str) -> list[Opened]:
    attempts = (
        attempt
        for text in FIXED.split()
        for attempt in with_fixed_text(scene, text, f"“{text}”", joined=True)
    )
    return try_all(scene, attempts)


@when(
    phrase("{who}'s list is asked for with tokens that are signed with well-known secrets"),
    target_fixture="opened",
)
def try_known_secrets(scene: Scene, who: str) -> list[Opened]:
    attempts = (
        attempt
        for text in KNOWN_SECRETS.split()
        for attempt in with_secret(scene, text, f"the well-known secret “{text}”")
    )
    return try_all(scene, attempts)


@when(
    phrase("{who}'s list is asked for with the texts of the source as signature, ending and token"),
    target_fixture="opened",
)
def try_source_as_signature(scene: Scene, who: str) -> list[Opened]:
    return try_all(
        scene,
        (
            attempt
            for one in _texts_of_source(scene)
            if one.text.isascii()  # others cannot stand in a header (RFC 9110, section 5.5)
            for attempt in with_fixed_text(scene, one.text, _shown(one), joined=False)
        ),
    )


@when(
    phrase("{who}'s list is asked for with tokens that are signed with the texts of the source"),
    target_fixture="opened",
)
def try_source_as_secret(scene: Scene, who: str) -> list[Opened]:
    attempts = (
        attempt
        for one in _texts_of_source(scene)
        for attempt in with_secret(scene, one.text, _shown(one))
    )
    return try_all(scene, attempts)


def _texts_of_source(scene: Scene) -> list[Literal]:
    description = scene.target.description
    files, texts = literals(description.folder, description.server.source)
    expect(files > 0, "there was no source to read")
    return texts


def _shown(literal: Literal) -> str:
    """Return where the text stands, not the text: it may be a secret in use."""
    return f"the text at {literal.place}"


@then("none of them opens it")
def none_opens(opened: list[Opened]) -> None:
    """Say how the tokens are made and what they were answered, never the tokens themselves."""
    lines = [f"a token {one.attempt.how} -> {one.answer.status}" for one in opened]
    if opened:
        fail(
            "forged tokens are not refused",
            expected="a refusal of each",
            actual=f"{len(opened)} are not: {'; '.join(dict.fromkeys(lines[:SHOWN]))}",
            answer=opened[0].answer,
        )
