"""The sample project with clarifications: one that a scenario rests on, and one that none does."""

from __future__ import annotations

from pathlib import Path

from tests.traceability.shops import LINES_RUN, MILK, SHOP, Project

CLARIFICATIONS = """\

### Clarifications

- **CL-01**: Q: Is *milk* sold warm?
  → A: It is.
  - Reason: **CL-01** is a custom.
  - Makes precise: FR-002
- **CL-02**: Q: Is cake cut? → A: Yes. *(No scenario rests on it: FR-001 says so.)*
  - Reason: It is a custom, too.
"""
ROWS = "      Examples:\n        | what |\n        | tea  |\n        | milk |\n"
TAGGED_ROWS = (
    "      Examples:\n        | what |\n        | tea  |\n\n"
    "      @CL-01\n      Examples: A clarification\n        | what |\n        | milk |\n"
)
WARM_MILK = f"{SHOP}:26"
"""The scenario that rests on CL-01; the other one of FR-002 shows its own sentence."""


def clarified_shop(folder: Path) -> Project:
    """Return the sample project with two clarifications, one of them with a scenario."""
    shop = Project(folder)
    shop.append("spec.md", CLARIFICATIONS)
    shop.replace(SHOP, ROWS, TAGGED_ROWS)
    shop.lines = dict(LINES_RUN)
    shop.lines[WARM_MILK] = shop.lines.pop(MILK)
    return shop
