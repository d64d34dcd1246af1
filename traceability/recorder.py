"""The name under which pytest loads the plugin: `pytest -p traceability.recorder`."""

from traceability.evidence.recording.plugin import pytest_addoption, pytest_configure, recorder

__all__ = ["pytest_addoption", "pytest_configure", "recorder"]
