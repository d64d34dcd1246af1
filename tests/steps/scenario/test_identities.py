"""Ids at random are of the kind that a server uses."""

from __future__ import annotations

import uuid

import pytest

from steps.scenario.identities import another_like, kind_of, malformed, one_character_apart

A_UUID = "8E1B9F0C-5b7d-4a30-9f6e-2f0c9a1b2c3d"


@pytest.mark.parametrize(
    ("identity", "kind"),
    [("42", "number"), (A_UUID, "uuid"), ("a" * 32, "text"), ("user_2NNEqL", "text")],
)
def test_the_kind_is_told_and_kept(identity: str, kind: str) -> None:
    assert kind_of(identity) == kind == kind_of(another_like(identity))
    assert another_like(identity) != identity


def test_a_number_fits_into_32_bits_and_a_uuid_is_one() -> None:
    assert int(another_like("7")) < 2**31
    assert str(uuid.UUID(another_like(A_UUID))) != A_UUID.lower()


def test_a_text_keeps_its_start_and_the_classes_of_its_characters() -> None:
    other = another_like("user_2nnEqL2nrIRd")
    assert other.startswith("user_")
    assert len(other) == len("user_2nnEqL2nrIRd")
    assert other[5].isdigit()
    assert other[6].islower()
    assert other[8].isupper()


def test_a_short_text_becomes_long_enough_to_be_nobodys() -> None:
    assert len(another_like("u1")) >= 12


def test_one_character_makes_another_id_of_the_same_kind() -> None:
    for identity in ("41", A_UUID, "a-b_", "x" * 32):
        other = one_character_apart(identity)
        assert len(other) == len(identity)
        assert sum(a != b for a, b in zip(identity, other, strict=True)) == 1
        assert kind_of(other) == kind_of(identity)


def test_what_is_malformed_depends_on_the_kind() -> None:
    assert malformed("of another kind", A_UUID) == "42"
    assert kind_of(malformed("of another kind", "7")) == "uuid"
    assert malformed("a word", "7") == "milk"
