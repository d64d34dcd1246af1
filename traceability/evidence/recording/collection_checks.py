"""Finds, before anything runs, defects that pytest-bdd passes over in silence.

A feature that no test module binds, an `async def` step and a step with two definitions are green
without these checks. Defects of a feature file alone are found by `inspect_features`.
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
    """Id of the scenario; path and line of the outline where the features do not have it."""
    in_features: bool
    """Whether the features folder has the scenario."""
    feature: str
    """Path of the feature file."""
    bdd_scenario: parser.Scenario
    """The scenario as pytest-bdd runs it, with the values of its example row."""


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
            example = callspec.indices[EXAMPLE_PARAMETER]
            values = callspec.params[EXAMPLE_PARAMETER]
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
    """Yield the defects of the collected scenarios and of all step definitions."""
    yield from binding_findings(tests, features)
    yield from step_definition_findings(tests, root)
    yield from async_step_findings(root)


def binding_findings(tests: list[CollectedScenario], features: Features) -> Iterator[Finding]:
    """Yield features and scenarios that no test runs, and scenarios that several tests run."""
    tests_by_id = defaultdict(list)
    for test in tests:
        tests_by_id[test.id].append(test)
    bound = {test.feature for test in tests}
    outline_lines = defaultdict(set)
    for scenario in features.scenarios:
        outline_lines[scenario.feature, scenario.outline].add(scenario.outline_line)

    def has_unique_name(scenario: Scenario) -> bool:
        """Return whether no other scenario of the feature has this name.

        pytest-bdd loses one of two; that one is a finding of `inspect_features` already.
        """
        return len(outline_lines[scenario.feature, scenario.outline]) == 1

    for path in features.paths:
        if path not in bound:
            message = "no test module binds this feature: add it to a call of `scenarios(...)`"
            yield Finding("unbound-feature", message, path, 1)
    for scenario in features.scenarios:
        if (
            scenario.feature in bound
            and scenario.id not in tests_by_id
            and has_unique_name(scenario)
        ):
            message = f"the scenario {scenario.name!r} was parsed, and no test runs it"
            yield Finding("scenario-not-collected", message, scenario.feature, scenario.line)
    for id_, same in tests_by_id.items():
        path, _, line = id_.rpartition(":")
        if len(same) > 1:
            names = " and ".join(test.item.nodeid for test in same)
            message = f"the scenario {same[0].bdd_scenario.name!r} runs twice: {names}"
            yield Finding("duplicate-scenario", message, path, int(line))
        if not same[0].in_features:
            message = "this scenario is bound, but the features folder does not have it"
            yield Finding("unbound-feature", message, path, int(line))


def step_definition_findings(tests: list[CollectedScenario], root: Path) -> Iterator[Finding]:
    """Yield steps that no definition matches, and steps that several definitions match."""
    visible: dict[Any, list[StepFunctionContext]] = {}
    matches: dict[tuple[Any, str, str], list[StepFunctionContext]] = {}
    seen: set[Any] = set()
    for test in tests:
        module = test.item.parent
        if module not in visible:
            visible[module] = visible_step_definitions(test.item)
        for step in test.bdd_scenario.steps:
            step_key = (module, step.type, step.name)
            if step_key not in matches:
                matches[step_key] = [one for one in visible[module] if matches_step(one, step)]
            # Definitions that match the same step are one defect, however many steps they match.
            definitions = frozenset(id(one) for one in matches[step_key])
            key = definitions or (test.feature, step.line_number)
            if len(definitions) == 1 or key in seen:
                continue
            seen.add(key)
            text = f"{step.type.capitalize()} {step.name}"
            if not matches[step_key]:
                kind, message = "undefined-step", f"no definition matches the step {text!r}"
            else:
                kind = "ambiguous-step"
                places = " and ".join(
                    definition_place(one.step_func, root) for one in matches[step_key]
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
    """Return whether pytest-bdd would take this definition for the step."""
    return definition.type in (None, step.type) and bool(definition.parser.is_matching(step.name))


def async_step_findings(root: Path) -> Iterator[Finding]:
    """Yield `async def` step definitions: pytest-bdd never runs their body."""
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
        called = function.func if isinstance(function, functools.partial) else function
        inner: Callable[..., object] = inspect.unwrap(called)
        if inner is function:
            return function
        function = inner


def definition_place(function: Callable[..., object], root: Path) -> str:
    """Return `path:line` of a step definition, its `repr` when it has no code object."""
    code = getattr(undecorated(function), "__code__", None)
    return (
        f"{relative_path(code.co_filename, root)}:{code.co_firstlineno}" if code else repr(function)
    )
