"""Tests of reading a spec.md: its requirements, and the findings about its ids."""

from __future__ import annotations

from pathlib import Path

import pytest

from traceability.model import Spec
from traceability.project.spec import SpecError, inspect_spec, read_spec


def inspect_text(folder: Path, text: str, **counts: int) -> tuple[Spec, list[tuple[str, int]]]:
    (folder / "spec.md").write_text(text, encoding="utf-8")
    found, findings = inspect_spec("spec.md", folder, counts)
    return found, [(one.kind, one.line) for one in findings]


def ids(found: Spec) -> list[str]:
    return [one.id for one in found.requirements]


def test_kinds_texts_and_lines(tmp_path: Path) -> None:
    found, findings = inspect_text(
        tmp_path,
        "# Feature Specification: A *fine* shop\n\n"
        "1. **US1-AS1**: **Given** a shop, **When** it is *open*,\n"
        "   **Then** `__init__` and snake_case_words stay.\n"
        "2. **US1-AS2**: Two.\n\nOutside.\n\n"
        "- **EC-01**: _Edge_ of **all *things***.\n"
        "* **FR-001:** The colon is inside.\n"
        "+ **XY-1** No colon.\n"
        "  - with a detail\n"
        "- **A-001**: Given.\n- **D-001**: Needed.\n",
    )
    assert findings == []
    assert found.title == "A *fine* shop"
    assert [(one.id, one.kind, one.line, one.text) for one in found.requirements] == [
        (
            "US1-AS1",
            "AS",
            3,
            "Given a shop, When it is open, Then `__init__` and snake_case_words stay.",
        ),
        ("US1-AS2", "AS", 5, "Two."),
        ("EC-01", "EC", 9, "Edge of all things."),
        ("FR-001", "FR", 10, "The colon is inside."),
        ("XY-1", "XY", 11, "No colon. with a detail"),
    ]
    assert found.context_ids == ("A-001", "D-001")


def test_excluded(tmp_path: Path) -> None:
    found, findings = inspect_text(
        tmp_path,
        "- **C-001**: Of wood. *(Not testable: the (outer) wall\n  is `paint|ed`.)*\n"
        "- **C-002**: Not (Not testable: in the middle) of it.\n"
        "- **C-003**: Of stone. *(Not testable)*\n",
    )
    assert [one.excluded for one in found.requirements] == [
        "the (outer) wall is `paint|ed`.",
        "",
        "",
    ]
    assert found.requirements[0].text == "Of wood."
    assert findings == [("exclusion-without-reason", 4)]


def test_items_in_fences_and_comments_do_not_count(tmp_path: Path) -> None:
    found, findings = inspect_text(
        tmp_path,
        "- **FR-001**: One.\n\n"
        "```markdown\n- **FR-007**: Example.\n~~~\n- **FR-008**: Example.\n```\n"
        "~~~~\n```\n- **FR-009**: Example.\n~~~~\n"
        "<!-- - **FR-010**: No.\n- **FR-011**: No.\n-->\n"
        "<!-- one line -->\n- **FR-002**: Two. <!-- said\n- **FR-012**: No. --> And more.\n"
        "- text with **FR-013** in it\n\nAnd **FR-014**: alone.\n",
    )
    assert ids(found) == ["FR-001", "FR-002"]
    assert findings == []


@pytest.mark.parametrize(
    ("heads", "expected"),
    [
        (["FR-001", "FR-002", "FR-001"], [("duplicate-id", 3)]),
        (["FR-001", "FR-003"], [("missing-number", 2)]),
        (["FR-002"], [("missing-number", 1)]),
        (["FR-001", "SR-001", "FR-002", "SR-003"], [("missing-number", 4)]),
        (["US1-AS1", "US1-AS3"], [("missing-number", 2)]),
        (["US1-AS1", "US3-AS1"], [("missing-number", 2)]),
        (["A-001", "A-003", "FR-001"], [("missing-number", 2)]),
        (["FR-001", "FR-1O"], [("malformed-id", 2)]),
        (["FR-001", "FR013"], [("malformed-id", 2)]),
        (["FR-001", "fr-002"], [("malformed-id", 2)]),
        (["FR-001", "FR_002"], [("malformed-id", 2)]),
        (["FR-001", "FR 002"], [("malformed-id", 2)]),
        (["FR-001", "FR-OO"], [("malformed-id", 2)]),
        (["FR-001", "FR-002a"], [("malformed-id", 2)]),
        (["FR-001", "FR–002"], [("malformed-id", 2)]),
        (["US1-AS1", "US1-A2"], [("malformed-id", 2)]),
        (["US1-AS1", "US1-ASI"], [("malformed-id", 2)]),
        (["FR-001", "Note", "Given", "The user"], []),
        (["FR-001", "FR-002", "SR-001"], []),
    ],
)
def test_ids(tmp_path: Path, heads: list[str], expected: list[tuple[str, int]]) -> None:
    text = "".join(f"- **{head}**: Text.\n" for head in heads)
    assert inspect_text(tmp_path, text)[1] == expected


def test_bold_words_with_digits_elsewhere_are_no_ids(tmp_path: Path) -> None:
    text = "## A\n- **FR-001**: One.\n## B\n- **HS256**: A word.\n"
    found, findings = inspect_text(tmp_path, text)
    assert (ids(found), findings) == (["FR-001"], [])


def test_missing_numbers_are_named(tmp_path: Path) -> None:
    (tmp_path / "spec.md").write_text("- **FR-002**: Two.\n- **FR-007**: Seven.\n")
    _, findings = inspect_spec("spec.md", tmp_path)
    assert [one.message for one in findings] == [
        "FR-001 is missing before FR-002",
        "FR-003 to FR-006 is missing before FR-007",
    ]


def test_counts(tmp_path: Path) -> None:
    text = "- **FR-001**: One.\n- **US1-AS1**: One.\n- **A-001**: One.\n"
    assert inspect_text(tmp_path, text, FR=1, AS=1, A=1, D=0)[1] == []
    assert inspect_text(tmp_path, text, FR=2, AS=2, A=2, D=1)[1] == [("wrong-count", 1)] * 4


def test_unusable_spec(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"^spec\.md: cannot be read"):
        read_spec("spec.md", tmp_path)
    (tmp_path / "spec.md").write_bytes(b"\xff")
    with pytest.raises(SpecError, match=r"^spec\.md: is not UTF-8"):
        read_spec("spec.md", tmp_path)
    (tmp_path / "spec.md").write_text("- **A-001**: Only an assumption.\n")
    with pytest.raises(SpecError, match=r"^spec\.md:1: the spec has no requirement"):
        read_spec("spec.md", tmp_path)


def test_digest_is_that_of_the_text(tmp_path: Path) -> None:
    digest = inspect_text(tmp_path, "- **FR-001**: One.\n")[0].digest
    assert inspect_text(tmp_path, "- **FR-001**: One!\n")[0].digest != digest
    (tmp_path / "spec.md").write_bytes(b"- **FR-001**: One.\r\n")
    assert read_spec("spec.md", tmp_path).digest == digest
