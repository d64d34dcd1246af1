"""Checks that the judging can be done: the API answers, and accepts the harness's tokens.

A mistake in the target file, such as the URL of another server, is reported here in one sentence.
Mistakes of the server itself are left to the scenarios.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import httpx2

from steps.errors import TargetError
from steps.http import deadline
from steps.http.operations import LIST
from steps.target.target import Target
from steps.target.user_accounts import User

ANSWER_SECONDS = 10.0
HTML_TYPES = {"text/html", "application/xhtml+xml"}


def preflight(target: Target) -> User:
    """Make a user, get the user's list, and return the user.

    Raises `TargetError` when another server than the API answers, or a good token is refused.
    """
    user = target.make_user("Preflight")
    if not target.layout.offers(LIST):
        return user
    place = target.layout.place("GET", LIST.url(user.id, ""))
    path = place.path
    with deadline.client(target.base_url, ANSWER_SECONDS) as http:

        def get_list(token: str) -> httpx2.Response:
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            return http.request(place.method, target.base_url + path, headers=headers)

        try:
            answer = get_list(user.own_token)
            problem = _not_the_api(answer, path)
            if not problem and user.own_token and _token_refused(target, user, answer, get_list):
                problem = _token_problem(answer)
        except httpx2.HTTPError:
            return user  # that it does not answer is for the scenarios to judge
    if problem:
        route = target.layout.route(LIST)
        asked = f"{route.method} {target.base_url}{route.path}"
        raise TargetError(f"{asked}, asked to begin with, {problem}")
    return user


def _not_the_api(answer: httpx2.Response, path: str) -> str:
    """Say why the answer is not the API's, in the words after `GET …`; empty: it is the API's."""
    status = answer.status_code
    if 300 <= status < 400:
        to = answer.headers.get("location", "nowhere")
        # A redirect that adds or removes the last slash is a deviation of the API itself.
        if urlsplit(to).path.rstrip("/") != path and not to.startswith(path):
            return f"is redirected to {to} ({status}). Is the URL that of the API itself?"
    content_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type in HTML_TYPES and (status < 300 or status == 404):
        return f"is answered with HTML ({status}). Is this the API, and not a website before it?"
    return ""


def _token_refused(
    target: Target, user: User, answer: httpx2.Response, get_list: Callable[[str], httpx2.Response]
) -> bool:
    """Whether a good token is answered like one that is signed with an unknown key."""
    if answer.status_code == 401:
        return True
    if answer.status_code not in {403, 500} or "signing" not in target.capabilities:
        return False
    forged = get_list(target.issuer.with_unknown_key().token(user.id))
    return (forged.status_code, forged.content) == (answer.status_code, answer.content)


def _token_problem(answer: httpx2.Response) -> str:
    body = " ".join(answer.text.split())[:200] or "no body"
    return (
        "is refused with a token that is signed as [tokens] says "
        f"({answer.status_code}: {body}). Check algorithm, key or secret, and whether the server "
        "wants more claims."
    )
