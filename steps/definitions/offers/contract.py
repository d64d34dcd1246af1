"""The server compares itself with the API contract that is committed beside it."""

from __future__ import annotations

import json

from pytest_bdd import then, when

from steps.http.expectations import expect
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
    incomplete = offered(scene.target.log).with_name("incomplete.json")
    incomplete.write_text(json.dumps(contract, indent=2), "utf-8")
    return scene.target.run_measured([*command, str(incomplete)])


@then("it finds no difference")
def no_difference(comparison: Comparison) -> None:
    status, output = comparison
    expect(status == 0, "the contract differs from the server", actual=output)


@then("it says what differs")
def says_difference(comparison: Comparison) -> None:
    status, output = comparison
    expect(status != 0, "the server finds no difference to another contract", actual=output)
    named = "complete" in output
    expect(named, "the operation that differs is not named", expected="complete", actual=output)
