"""The server compares itself with the API contract that is committed beside it."""

from __future__ import annotations

import json

from pytest_bdd import then, when

from steps.scenario.scene import Scene
from steps.target.capabilities import offered

Comparison = tuple[int, str]
"""Exit status and output of the command that compares."""


@when("the server compares itself with the committed contract", target_fixture="comparison")
def compare_contract(scene: Scene) -> Comparison:
    command = offered(scene.target.description.offers.contract)
    return scene.target.run_measured(command)


@when(
    "the server compares itself with a contract that lacks an operation",
    target_fixture="comparison",
)
def compare_incomplete_contract(scene: Scene) -> Comparison:
    *command, file = offered(scene.target.description.offers.contract)
    contract = json.loads((scene.target.description.folder / file).read_text("utf-8"))
    contract["paths"].popitem()
    assert scene.target.log is not None
    incomplete = scene.target.log.with_name("incomplete.json")
    incomplete.write_text(json.dumps(contract, indent=2), "utf-8")
    return scene.target.run_measured([*command, str(incomplete)])


@then("it finds no difference")
def no_difference(comparison: Comparison) -> None:
    status, output = comparison
    assert status == 0, f"it differs:\n{output}"


@then("it says what differs")
def says_difference(comparison: Comparison) -> None:
    status, output = comparison
    assert status != 0, "it found no difference"
    assert "complete" in output, f"the operation is not named:\n{output}"
