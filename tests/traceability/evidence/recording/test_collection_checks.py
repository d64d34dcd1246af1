"""Each defect that pytest-bdd passes over in silence fails the run, with its kind and place."""

from __future__ import annotations

import pytest

from tests.traceability.evidence.projects import Project, PytestRun

FEATURE = "features/shop.feature"


def assert_found(run: PytestRun, kind: str, path: str, line: int, *words: str) -> None:
    assert run.status == 1, run.output
    assert run.finding_places() == [(kind, path, line)], run.output
    assert f"{path}:{line}: {kind}: " in run.output
    for word in words:
        assert word in run.evidence.findings[0].message


@pytest.mark.parametrize("strict", ["", "[tool.pytest.ini_options]\nstrict_markers = true\n"])
def test_tag_with_a_typo_is_refused(project: Project, strict: str) -> None:
    project.append("pyproject.toml", strict)
    project.replace(FEATURE, "@FR-001 ", "@FR-0O1 ")
    project.replace(FEATURE, "@SC-001", "@SC-999")
    run = project.run()
    assert run.status == pytest.ExitCode.USAGE_ERROR
    assert "features/shop.feature:3: the tag @FR-0O1 names no requirement" in run.output
    assert "features/shop.feature:10: the tag @SC-999 names no requirement" in run.output
    assert "Traceback" not in run.output
    assert run.finding_places() == [("unknown-tag", FEATURE, 3), ("unknown-tag", FEATURE, 10)]


def test_known_tags_pass_under_strict_markers(project: Project) -> None:
    project.append("pyproject.toml", "[tool.pytest.ini_options]\nstrict_markers = true\n")
    project.replace(FEATURE, "@FR-001 ", "@FR-001 @needs-oven ")
    run = project.run()
    assert run.status == 0, run.output


def test_two_scenarios_of_one_name(project: Project) -> None:
    project.append(FEATURE, "\n  @FR-001\n  Scenario: Buy cake\n    Given a shop\n")
    assert_found(project.run(), "duplicate-scenario", FEATURE, 22, "line 4", "Buy cake")


def test_scenario_that_two_modules_bind(project: Project) -> None:
    project.write(
        "test_again.py",
        "from pytest_bdd import scenario\n\n"
        "@scenario('features/shop.feature', 'Buy cake')\ndef test_again():\n    pass\n",
    )
    assert_found(project.run(), "duplicate-scenario", FEATURE, 4, "test_again", "test_features")


def test_async_step(project: Project) -> None:
    project.append("conftest.py", "\n\n@when('nothing uses it')\nasync def idle():\n    assert 0\n")
    assert_found(project.run("-W", "ignore"), "async-step", "conftest.py", 20, "nothing uses it")


def test_async_generator_step_below_a_decorator(project: Project) -> None:
    project.append(
        "conftest.py",
        "\nimport functools\n\ndef wrapped(f):\n    @functools.wraps(f)\n"
        "    def call(*args, **kwargs): return f(*args, **kwargs)\n    return call\n"
        "\n@when('nothing uses it')\n@wrapped\nasync def idle():\n    yield\n",
    )
    run = project.run()
    assert run.status == 1
    assert [kind for kind, _, _ in run.finding_places()] == ["async-step"]


def test_undefined_steps_are_listed_all_at_once(project: Project) -> None:
    project.replace(FEATURE, "When somebody buys", "When nobody buys")
    project.replace(FEATURE, "Then the bill has 1 lines", "Then all is well")
    run = project.run()
    assert run.status == 1
    assert run.finding_places() == [("undefined-step", FEATURE, 6), ("undefined-step", FEATURE, 14)]
    assert run.scenario().reason.startswith("StepDefinitionNotFoundError")
    assert [step.result.value for step in run.scenario().steps][:2] == ["passed", "failed"]


def test_step_with_two_definitions(project: Project) -> None:
    project.append(
        "conftest.py", "\n\n@given(parsers.parse('a {place}'))\ndef other():\n    pass\n"
    )
    assert_found(project.run(), "ambiguous-step", FEATURE, 5, "conftest.py:5", "conftest.py:20")


def test_step_that_a_nearer_definition_shadows(project: Project) -> None:
    project.append(
        "test_features.py",
        "\nfrom pytest_bdd import given\n\n@given('a shop', target_fixture='bill')\n"
        "def other():\n    return []\n",
    )
    assert_found(project.run(), "ambiguous-step", FEATURE, 5, "conftest.py", "test_features.py")


def test_feature_that_no_test_module_binds(project: Project) -> None:
    project.write(
        "features/bakery.feature",
        "Feature: Bakery\n\n  @FR-001\n  Scenario: Bake\n    Given a shop\n",
    )
    project.replace("test_features.py", '"features"', '"features/shop.feature"')
    assert_found(project.run(), "unbound-feature", "features/bakery.feature", 1)


def test_scenario_that_no_test_runs(project: Project) -> None:
    project.write(
        "test_features.py",
        "from pytest_bdd import scenario\n\n"
        "@scenario('features/shop.feature', 'Buy cake')\ndef test_cake():\n    pass\n",
    )
    run = project.run()
    assert run.status == 1
    assert run.finding_places() == [("scenario-not-collected", FEATURE, line) for line in (18, 19)]


def test_feature_outside_of_the_folder(project: Project) -> None:
    project.write("elsewhere/b.feature", "Feature: B\n\n  Scenario: Bake\n    Given a shop\n")
    project.append("test_features.py", "scenarios('elsewhere')\n")
    assert_found(project.run(), "unbound-feature", "elsewhere/b.feature", 3)


def test_scenario_without_steps(project: Project) -> None:
    project.append(FEATURE, "\n  @FR-001\n  Scenario: Dream\n    Somebody will write this.\n")
    assert_found(project.run(), "empty-scenario", FEATURE, 22, "Dream")


@pytest.mark.parametrize(
    ("path", "text", "word"),
    [
        ("spec.md", "", "spec.md"),
        (FEATURE, "Feature: Shop\n  Scenario: Buy\n    Given a\n  oops\n", "shop.feature"),
        ("pyproject.toml", "[tool.traceability]\nspec = 7\n", "pyproject.toml"),
        (
            "pyproject.toml",
            "[tool.traceability]\nspec = 'gone.md'\nfeatures = 'features'\n",
            "gone.md",
        ),
    ],
)
def test_mistake_of_the_user_is_one_sentence(
    project: Project, path: str, text: str, word: str
) -> None:
    project.write(path, text)
    run = project.run()
    assert run.status == pytest.ExitCode.USAGE_ERROR, run.output
    assert word in run.output
    assert "Traceback" not in run.output
