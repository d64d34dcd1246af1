"""Tests of the page in a real Chromium. `nox -s browser` runs them, `nox -s tests` does not."""
