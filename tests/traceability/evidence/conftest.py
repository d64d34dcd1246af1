"""The project that the tests of recording run pytest in."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.traceability.evidence.projects import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)
