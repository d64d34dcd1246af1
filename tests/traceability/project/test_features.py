"""Tests of reading features: names, examples, tags and steps of scenarios, and findings."""

from __future__ import annotations

from pathlib import Path

import pytest

from traceability.model import Features
from traceability.project.features import FeatureError, inspect_features, read_features

FEATURE = """\
@on-feature
Feature: Library

  Background:
    Given a library

  @on-scenario
  Scenario: Lend
    When a book is lent
    And a second one is
    * a third one is
    Then all are gone
    But nobody cries

  @on-rule
  Rule: Fines

    Background:
      Given a desk

    @on-outline @on-feature
    Scenario Outline: Fine of <sum>
      When <sum> is paid
      Then it is well

      @on-examples
      Examples: small
        | sum |
        | 1   |
      Examples: large
        | sum | currency |
        | 100 | euro     |

    Scenario Outline: Reminder
      When it is sent
        | to      |
        | <whom>  |
      Examples:
        | whom | how  |
        | Ann  | mail |
"""


def inspect_texts(folder: Path, *texts: str) -> tuple[Features, list[tuple[str, str, int]]]:
    (folder / "features/deep").mkdir(parents=True)
    for number, text in enumerate(texts):
        (folder / f"features/deep/{number}.feature").write_text(text, encoding="utf-8")
    found, findings = inspect_features("features", folder)
    return found, [(one.kind, one.path, one.line) for one in findings]


def test_scenarios(tmp_path: Path) -> None:
    found, findings = inspect_texts(tmp_path, FEATURE)
    path = "features/deep/0.feature"
    assert findings == []
    assert found.paths == (path,)
    lend, small, large, reminder = found.scenarios
    assert (lend.id, lend.name, lend.rule, lend.example) == (f"{path}:8", "Lend", "", None)
    assert lend.feature_name == "Library"
    assert lend.tags == ("on-feature", "on-scenario")
    assert lend.steps == (
        "Given a library",
        "When a book is lent",
        "When a second one is",
        "When a third one is",
        "Then all are gone",
        "Then nobody cries",
    )
    assert (small.id, small.line, small.outline_line) == (f"{path}:29", 29, 22)
    assert (small.name, small.outline, small.example) == ("Fine of 1", "Fine of <sum>", 0)
    assert small.tags == ("on-feature", "on-rule", "on-outline", "on-examples")
    assert small.steps == ("Given a library", "Given a desk", "When 1 is paid", "Then it is well")
    assert (large.id, large.name, large.example) == (f"{path}:32", "Fine of 100", 1)
    assert large.tags == ("on-feature", "on-rule", "on-outline")
    assert (reminder.name, reminder.outline) == ("Reminder [Ann, mail]", "Reminder")


def test_defects(tmp_path: Path) -> None:
    _, findings = inspect_texts(
        tmp_path,
        "Feature: A\n  Scenario: One\n    Given a\n  Rule: R\n    Scenario: One\n      Given a\n",
        "Feature: B\n  Scenario: No steps\n",
        "Feature: C\n  Scenario Outline: O\n    Given <a>\n    Examples:\n      | a |\n",
        "Feature: D\n",
        "",
        "Feature: E\n  Scenario: S\n    Given a\n  oops\n",
        "# language: xx\nFeature: F\n",
        "Feature: G\n  Scenario Outline: O\n    Given a\n",
    )
    assert [(kind, path[-9:-8], line) for kind, path, line in findings] == [
        ("duplicate-scenario", "0", 5),
        ("empty-scenario", "1", 2),
        ("outline-without-examples", "2", 2),
        ("feature-without-scenario", "2", 1),
        ("feature-without-scenario", "3", 1),
        ("feature-without-scenario", "4", 1),
        ("unreadable-feature", "5", 4),
        ("unreadable-feature", "6", 1),
        ("outline-without-examples", "7", 2),
    ]


def test_unreadable_feature_does_not_hide_the_others(tmp_path: Path) -> None:
    found, _ = inspect_texts(tmp_path, "Feature: A\n  Scenario: S\n    Given a\n  oops\n", FEATURE)
    assert len(found.scenarios) == 4
    with pytest.raises(FeatureError, match=r"^features/deep/0\.feature:\d: this feature cannot"):
        read_features("features", tmp_path)


def test_unknown_tags_are_found_at_their_own_lines(tmp_path: Path) -> None:
    inspect_texts(tmp_path, FEATURE)
    _, findings = inspect_features("features", tmp_path, {"on-scenario"})
    assert {(one.message.split()[2], one.line) for one in findings} == {
        ("@on-feature", 1),
        ("@on-rule", 15),
        ("@on-outline", 21),
        ("@on-feature", 21),
        ("@on-examples", 26),
    }


def test_digest_covers_names_and_texts(tmp_path: Path) -> None:
    original = inspect_texts(tmp_path, FEATURE)[0].digest
    file = tmp_path / "features/deep/0.feature"
    renamed = file.rename(file.with_name("1.feature"))
    of_renamed_file = read_features("features", tmp_path).digest
    renamed.write_text(FEATURE + "\n")
    assert len({original, of_renamed_file, read_features("features", tmp_path).digest}) == 3
