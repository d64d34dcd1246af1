"""Says what pytest-bdd would let pass in silence, before anything runs.

A feature that nobody binds, an `async def` step and a step with two definitions all run green
without a check of this kind. What is wrong in a feature file alone, `features.inspect` finds.
"""

from __future__ import annotations

import functools
import inspect
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pytest_bdd import parser
from pytest_bdd.compat import get_fixture_names, getfixturedefs
from pytest_bdd.scenario import scenario_wrapper_template_registry
from pytest_bdd.steps import StepFunctionContext, step_function_context_registry

from traceability.model import Features, Finding, Scenario

EXAMPLE_PARAMETER = "_pytest_bdd_example"
"""The parameter in which pytest-bdd hands an example row to the test."""


@dataclass(frozen=True)
class CollectedScenario:
    """A test that pytest has collected, and the scenario that it runs."""

    item: pytest.Item
    id: str
    """Of the scenario, as the features give it; by its own line where they do not know it."""
    in_features: bool
    feature: str
    bdd_scenario: parser.Scenario


def relative_path(path: str | Path, root: Path) -> str:
    """Return a path below `root` relative to it, in POSIX form, and any other as it is."""
    path = Path(path)
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()


def collected_scenarios(
    items: Iterable[pytest.Item], features: Features, root: Path
) -> list[CollectedScenario]:
    """Return the scenarios among the collected tests."""
    ids = {(one.feature, one.outline_line, one.example): one.id for one in features.scenarios}
    found = []
    for item in items:
        if not isinstance(item, pytest.Function):
            continue
        template = scenario_wrapper_template_registry.get(item.obj)
        if template is None:
            continue
        example: int | None = None
        values: dict[str, Any] = {}
        callspec: Any = getattr(item, "callspec", None)
        if callspec and EXAMPLE_PARAMETER in callspec.params:
            example, values = (
                callspec.indices[EXAMPLE_PARAMETER],
                callspec.params[EXAMPLE_PARAMETER],
            )
        feature = relative_path(template.feature.filename, root)
        scenario = ids.get((feature, template.line_number, example))
        found.append(
            CollectedScenario(
                item=item,
                id=scenario or f"{feature}:{template.line_number}",
                in_features=scenario is not None,
                feature=feature,
                bdd_scenario=template.render(values),
            )
        )
    return found


def collection_findings(
    tests: list[CollectedScenario], features: Features, root: Path
) -> Iterator[Finding]:
    """Yield every defect of the collected scenarios and of the step definitions they can see."""
    yield from binding_findings(tests, features)
    yield from step_definition_findings(tests, root)
    yield from async_step_findings(root)


def binding_findings(tests: list[CollectedScenario], features: Features) -> Iterator[Finding]:
    """Yield features and scenarios that no test runs, or more than one."""
    tests_of = defaultdict(list)
    for test in tests:
        tests_of[test.id].append(test)
    bound = {test.feature for test in tests}
    lines_of = defaultdict(set)
    for scenario in features.scenarios:
        lines_of[scenario.feature, scenario.outline].add(scenario.outline_line)

    def only(scenario: Scenario) -> bool:
        """Of two with one name, the one that is lost is found as a duplicate already."""
        return len(lines_of[scenario.feature, scenario.outline]) == 1

    for path in features.paths:
        if path not in bound:
            message = "no test module binds this feature: add it to a call of `scenarios(...)`"
            yield Finding("unbound-feature", message, path, 1)
    for scenario in features.scenarios:
        if scenario.feature in bound and scenario.id not in tests_of and only(scenario):
            message = f"the scenario {scenario.name!r} was parsed, and no test runs it"
            yield Finding("scenario-not-collected", message, scenario.feature, scenario.line)
    for id_, same in tests_of.items():
        path, _, line = id_.rpartition(":")
        if len(same) > 1:
            names = " and ".join(test.item.nodeid for test in same)
            message = f"the scenario {same[0].bdd_scenario.name!r} runs twice: {names}"
            yield Finding("duplicate-scenario", message, path, int(line))
        if not same[0].in_features:
            message = "this scenario is bound, but the features folder does not have it"
            yield Finding("unbound-feature", message, path, int(line))


def step_definition_findings(tests: list[CollectedScenario], root: Path) -> Iterator[Finding]:
    """Yield steps that no definition matches, and those that several do."""
    visible: dict[Any, list[StepFunctionContext]] = {}
    matches: dict[tuple[Any, str, str], list[StepFunctionContext]] = {}
    seen: set[Any] = set()
    for test in tests:
        module = test.item.parent
        if module not in visible:
            visible[module] = visible_step_definitions(test.item)
        for step in test.bdd_scenario.steps:
            key_of_step = (module, step.type, step.name)
            if key_of_step not in matches:
                matches[key_of_step] = [one for one in visible[module] if matches_step(one, step)]
            # Two definitions in each other's way are one defect, however many steps meet them.
            rivals = frozenset(id(one) for one in matches[key_of_step])
            key = rivals or (test.feature, step.line_number)
            if len(rivals) == 1 or key in seen:
                continue
            seen.add(key)
            text = f"{step.type.capitalize()} {step.name}"
            if not matches[key_of_step]:
                kind, message = "undefined-step", f"no definition matches the step {text!r}"
            else:
                kind = "ambiguous-step"
                places = " and ".join(
                    definition_place(one.step_func, root) for one in matches[key_of_step]
                )
                message = f"several definitions match the step {text!r}: {places}"
            yield Finding(kind, message, test.feature, step.line_number)


def visible_step_definitions(item: pytest.Item) -> list[StepFunctionContext]:
    """Return the step definitions that a test can use, each once."""
    manager = item.session._fixturemanager
    found: dict[int, StepFunctionContext] = {}
    for name in get_fixture_names(fixturemanager=manager):
        for definition in getfixturedefs(manager, name, item) or ():
            context = step_function_context_registry.get(definition.func)
            if context is not None:
                found[id(context)] = context
    return list(found.values())


def matches_step(definition: StepFunctionContext, step: parser.Step) -> bool:
    """Say whether pytest-bdd would take this definition for the step."""
    return definition.type in (None, step.type) and bool(definition.parser.is_matching(step.name))


def async_step_findings(root: Path) -> Iterator[Finding]:
    """Yield step definitions whose body pytest-bdd would never run."""
    seen = set()
    for context in step_function_context_registry.values():
        function = undecorated(context.step_func)
        if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
            path, _, line = definition_place(function, root).rpartition(":")
            if (path, line) not in seen:
                seen.add((path, line))
                message = f"the step {context.parser.name!r} is `async def`: its body never runs"
                yield Finding("async-step", message, path, int(line))


def undecorated(function: Callable[..., object]) -> Callable[..., object]:
    """Return the function below decorators and partial applications."""
    while True:
        below = function.func if isinstance(function, functools.partial) else function
        inner: Callable[..., object] = inspect.unwrap(below)
        if inner is function:
            return function
        function = inner


def definition_place(function: Callable[..., object], root: Path) -> str:
    """Return `path:line` of a step definition."""
    code = getattr(undecorated(function), "__code__", None)
    return (
        f"{relative_path(code.co_filename, root)}:{code.co_firstlineno}" if code else repr(function)
    )
