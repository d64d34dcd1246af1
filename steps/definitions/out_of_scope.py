"""What the spec excludes is looked for where servers have it, and where this one lists it."""

from __future__ import annotations

from pytest_bdd import then, when

from steps.http.answer import Answer
from steps.http.expectations import expect
from steps.http.issued_token import issues_token
from steps.scenario.out_of_scope.names import OTHER
from steps.scenario.out_of_scope.search import Found, Search
from steps.scenario.phrases import phrase
from steps.scenario.scene import Scene
from traceability.evidence.redaction import Redactor

SHOWN = 6
"""How many operations a message shows."""
CREDENTIALS = "sign-up or sign-in"
TAKES_CREDENTIALS = (CREDENTIALS, "token issue or refresh", "user management")


@when(
    phrase("{who} looks for {what} at the usual addresses and in what the server lists of itself"),
    target_fixture="found",
)
def look_for(scene: Scene, who: str, what: str) -> list[Found]:
    return Search(scene, who).search(what)


@when(
    phrase("{who} tries every other operation that the server lists of itself"),
    target_fixture="found",
)
def try_other(scene: Scene, who: str) -> list[Found]:
    return Search(scene, who).search(OTHER)


@when(
    phrase("{who} gives credentials to every address that could take them"), target_fixture="found"
)
def give_credentials(scene: Scene, who: str) -> list[Found]:
    return Search(scene, who, {"POST"}).search(*TAKES_CREDENTIALS)


@then("there is none")
def none_found(found: list[Found]) -> None:
    _assert_none(found, "beyond the six operations of the spec")


@then("none takes credentials")
def no_credentials(found: list[Found]) -> None:
    taking = [one for one in found if one.what == CREDENTIALS or one.takes_password]
    _assert_none(taking, "taking credentials")


@then("none takes a password")
def no_password(found: list[Found]) -> None:
    _assert_none([one for one in found if one.takes_password], "taking a password")


@then("no answer to it carries a token")
def no_token(scene: Scene, found: list[Found]) -> None:
    issuing = [one for one in found if issues_token(one.answer)]
    _assert_none(issuing, "issuing a token or a cookie")


def _assert_none(found: list[Found], what: str) -> None:
    """Show the exchanges as `_shown` does: the answers themselves may hold tokens."""
    shown = "; ".join(_shown(one.answer, listed=one.listed) for one in found[:SHOWN])
    more = f"; and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    expect(
        not found,
        f"the server has operations {what}",
        expected="none",
        actual=f"{len(found)}: {shown}{more}",
    )


def _shown(answer: Answer, *, listed: bool) -> str:
    """Return an exchange without the tokens in it: one of them may be good until it expires."""
    text = Redactor().redact_text(" ".join(answer.text.split()))[:80]
    where = ", as its own description lists it" if listed else ""
    return f"{answer.method} {answer.path}{where} -> {answer.status} {text}"
