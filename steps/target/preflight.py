"""Finds out whether the judging can be done: is this the API, and does it take our tokens?

What is wrong with the target file, or with where it leads, is said here in one sentence; what is
wrong with the server, the scenarios say.
"""

from __future__ import annotations

import httpx2

from steps.operations import LIST
from steps.target.accounts import User
from steps.target.process import TargetError
from steps.target.target import Target

SECONDS = 10.0


def preflight(target: Target) -> User:
    """Make a user, ask for the user's list, and return the user. Raises `TargetError`."""
    user = target.make_user("Preflight")
    secure = target.base_url.startswith("https:")
    with httpx2.Client(timeout=SECONDS, trust_env=False, verify=secure) as http:
        path = LIST.url(user.id, "")
        headers = {"Authorization": f"Bearer {user.own_token}"} if user.own_token else {}
        try:
            answer = http.get(target.base_url + path, headers=headers)
        except httpx2.HTTPError:
            return user  # a server that does not answer is judged for it
    problem = _problem(answer, bool(user.own_token))
    if problem:
        asked = f"GET {target.base_url}{LIST.path}"
        raise TargetError(f"{target.description.path}: {asked}, asked to begin with, {problem}")
    return user


def _problem(answer: httpx2.Response, with_token: bool) -> str:
    """Say why nothing could be judged, in the words after `GET …`; empty: it can."""
    status = answer.status_code
    content_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if 300 <= status < 400:
        to = answer.headers.get("location", "nowhere")
        return f"is redirected to {to} ({status}). Is the URL that of the API itself?"
    if content_type in {"text/html", "application/xhtml+xml"} and status < 500:
        return f"is answered with HTML ({status}). Is this the API, and not a website before it?"
    if status == 401 and with_token:
        said = " ".join(answer.text.split())[:200]
        return (
            f"is refused with a token that is signed as [tokens] says (401: {said or 'no body'}). "
            "Check algorithm, key or secret, and whether the server wants more claims."
        )
    return ""
