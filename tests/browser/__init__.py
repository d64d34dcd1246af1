"""The report in a real Chromium; `nox -s browser` runs these, and `nox -s tests` does not."""
