"""The description (OpenAPI) that the server gives of itself, beside the spec and the features."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from pytest_bdd import then, when

from steps.http.expectations import expect, expect_equal, fail
from steps.scenario.scene import Scene
from traceability.project.config import load_config
from traceability.project.features import read_features
from traceability.project.spec import read_spec

ROOT = Path(__file__).parents[3]


@when("the server's own description is read")
@when("the server's own description is read beside the spec and the features")
def read_description(scene: Scene) -> None:
    scene.answers = [scene.client.send("GET", "/openapi.json")]


@then("it has exactly the six operations of the spec")
def six_operations(scene: Scene) -> None:
    own = scene.client.layout.routes.values()
    roots = {op.path.strip("/").partition("/")[0] for op in own}
    described = {
        (method.upper(), re.sub(r"{\w+}", "{}", path))
        for path, item in _description(scene).get("paths", {}).items()
        for method in item
        if method in {"get", "put", "post", "delete", "patch", "head", "options", "trace"}
        and path.strip("/").partition("/")[0] in roots
    }
    specified = {(op.method, re.sub(r"{\w+}", "{}", op.path)) for op in own}
    expect_equal(
        sorted(" ".join(one) for one in described),
        sorted(" ".join(one) for one in specified),
        "the server's description has other operations than the spec",
        scene.answer,
    )


@then("every operation has an example and the Bearer scheme")
def has_examples_and_scheme(scene: Scene) -> None:
    text, description = scene.answer.text, _description(scene)
    schemes = description.get("components", {}).get("securitySchemes", {}).values()
    bearer = any(str(one.get("scheme")).lower() == "bearer" for one in schemes)
    expect(bearer, "the server's description has no Bearer scheme", actual=list(schemes))
    expect("example" in text, "the server's description has no example")


def _description(scene: Scene) -> dict[str, Any]:
    description = scene.answer.json
    if not isinstance(description, dict):
        wanted = "a JSON object"
        fail("the server does not describe itself", expected=wanted, answer=scene.answer)
    return description


@then("every requirement of the spec that a test can show has a scenario")
def every_requirement_has_one() -> None:
    required, tagged = _required_and_tagged_ids()
    expect(required, "the spec has no requirement")
    missing = sorted(required - tagged)
    expect(not missing, "requirements have no scenario", actual=missing)


@then("every scenario names a requirement of the spec")
def every_scenario_names_one() -> None:
    required, _ = _required_and_tagged_ids()
    found = read_features(load_config(ROOT).features, ROOT)
    untagged = [s.id for s in found.scenarios if not required & set(s.tags)]
    expect(not untagged, "scenarios name no requirement", actual=untagged)


def _required_and_tagged_ids() -> tuple[set[str], set[str]]:
    config = load_config(ROOT)
    required = read_spec(config.spec, ROOT).requirements
    found = read_features(config.features, ROOT)
    tagged = {tag for scenario in found.scenarios for tag in scenario.tags}
    return {r.id for r in required if not r.excluded}, tagged
