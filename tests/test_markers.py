"""A slow test has the marker for it, or it fails."""

from __future__ import annotations

import subprocess
import sys

import pytest

from steps.postgres.embedded import EmbeddedPostgres


@pytest.mark.parametrize(
    "words", [["-m", "steps.acceptance"], ["-m", "pytest", "--target", "t.toml", "features"]]
)
def test_a_judging_without_its_marker_fails_by_name(
    request: pytest.FixtureRequest, words: list[str]
) -> None:
    with pytest.raises(pytest.fail.Exception) as failed:
        subprocess.run([sys.executable, *words], check=True)
    said = str(failed.value)
    assert said.startswith(f"{request.node.nodeid} starts ")
    assert said.endswith(": mark it with pytest.mark.judging")


def test_a_postgresql_without_its_marker_fails_by_name(request: pytest.FixtureRequest) -> None:
    postgres = EmbeddedPostgres()
    try:
        with pytest.raises(pytest.fail.Exception) as failed:
            postgres.start()
    finally:
        postgres.close()
    said = str(failed.value)
    assert said == f"{request.node.nodeid} starts initdb: mark it with pytest.mark.postgresql"


@pytest.mark.usefixtures("cluster")
def test_a_test_that_is_given_a_postgresql_is_marked(request: pytest.FixtureRequest) -> None:
    assert request.node.get_closest_marker("postgresql")
