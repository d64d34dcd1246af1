"""Environments of the server: each starts it, or is refused by a sentence with the variable."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace

import pytest

from server.settings import SettingsError, load_settings
from steps.endurance.corpora.reader import wrong
from steps.endurance.corpora.settings_cases import (
    STARTS,
    play_settings,
    read_settings,
    start_process,
)


def start_here(variables: Mapping[str, str]) -> str:
    """Read the settings as the server does first, without the process around them."""
    with pytest.MonkeyPatch.context() as changed:
        for name in list(os.environ):  # one by one: libpq reads the environment of the process
            changed.delenv(name)
        for name, value in variables.items():
            changed.setenv(name, value)
        try:
            load_settings()
        except SettingsError as error:
            return str(error)
    return ""


def test_every_environment_starts_the_server_or_is_refused_by_name() -> None:
    cases = read_settings()
    assert len(cases) > 120
    assert sum(case.expected == STARTS for case in cases) > 30
    assert wrong(play_settings(cases, start_here, at_a_time=1)) == []


def test_a_server_as_a_process_says_the_same() -> None:
    cases = read_settings()
    some = [case for case in cases if "PORT" not in case.environment][:: len(cases) // 8]
    assert {STARTS} < {case.expected for case in some}
    assert wrong(play_settings(some, start_process)) == []


def test_an_environment_with_a_wrong_answer_is_named() -> None:
    usual, *_, other = (case for case in read_settings() if case.expected in (STARTS, "WORKERS"))
    refused = replace(usual, expected="PORT")
    (sentence,) = wrong(play_settings([usual, refused], start_here, at_a_time=1))
    assert sentence == f"{usual.why}: starts came, PORT is right"
    assert other.expected == STARTS
