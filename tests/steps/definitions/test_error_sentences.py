"""The sentences in which servers say why a token is refused."""

from __future__ import annotations

import pytest

from steps.definitions.then.errors import (
    says_that_the_signature_is_wrong,
    says_that_there_is_no_account,
)


@pytest.mark.parametrize(
    "sentence",
    [
        "The account is invalid or deleted.",
        "The user belonging to this token no longer exists.",
        "User does not exist",
        "This user doesn't exist.",
        "No such user",
        "No user with that id",
        "The account was removed.",
        "The user is gone.",
        "Account disabled",
        "Could not find the user of the token",
        "User not found",
    ],
)
def test_an_account_that_is_not_there(sentence: str) -> None:
    assert says_that_there_is_no_account(sentence)


@pytest.mark.parametrize("sentence", ["Unauthorized", "Invalid token.", "User u1 may not do that."])
def test_a_refusal_that_says_nothing_of_the_account(sentence: str) -> None:
    assert not says_that_there_is_no_account(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "invalid signature",
        "Signature verification failed",
        "bad signature",
        "Signature mismatch",
        "incorrect signature",
        "The signature could not be verified",
        "JWT signature does not match locally computed signature.",
        "Wrong signature.",
    ],
)
def test_a_signature_that_is_wrong(sentence: str) -> None:
    assert says_that_the_signature_is_wrong(sentence)


@pytest.mark.parametrize(
    "sentence", ["Signature has expired", "Invalid token.", "Signature has expired: invalid"]
)
def test_a_refusal_that_says_nothing_of_the_signature(sentence: str) -> None:
    assert not says_that_the_signature_is_wrong(sentence)
