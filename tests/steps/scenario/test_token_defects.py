"""A defect of a token is one whatever the ids of this server's users look like."""

from __future__ import annotations

import base64
import json
from types import SimpleNamespace
from typing import Any

import pytest

from steps.scenario.token_defects import headers_with, own_id_of
from steps.target.tokens import segment


def scene_of(own: str, unknown: str) -> Any:
    """Return what these functions ask of a scene, for a user with an id."""
    issuer = SimpleNamespace(
        header=lambda: {"alg": "HS256"},
        payload=lambda subject: {"sub": subject},
        sign=lambda header, payload: f"{segment(header)}.{segment(payload)}.",
    )
    users = SimpleNamespace(unknown_id=lambda: unknown, named=lambda _: SimpleNamespace(id=own))
    return SimpleNamespace(users=users, target=SimpleNamespace(issuer=issuer))


@pytest.mark.parametrize(
    ("own", "unknown", "expected"),
    [("17", "1000000007", 1000000007), ("aB3", "xY9", 42)],
    ids=("numbers", "texts"),
)
def test_a_sub_that_is_a_number_is_the_id_of_nobody(own: str, unknown: str, expected: int) -> None:
    scene, defect = scene_of(own, unknown), "a token whose sub is a number"
    payload = headers_with(defect, scene)[0][1].split(".")[1]
    assert json.loads(base64.urlsafe_b64decode(payload + "==")) == {"sub": expected}
    assert own_id_of(defect, scene) == str(expected)
