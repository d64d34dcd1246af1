"""The server compares itself with the API contract that is committed beside it."""

from __future__ import annotations

import json

from pytest_bdd import then, when

from steps.scenario.offers import offered
from steps.scenario.scene import Scene


@when("the server compares itself with the committed contract")
def compare_contract(scene: Scene) -> None:
    command = offered(scene.target.description.offers.contract)
    scene.start_up = scene.target.run_measured(command)


@when("the server compares itself with a contract that lacks an operation")
def compare_poorer_contract(scene: Scene) -> None:
    *command, file = offered(scene.target.description.offers.contract)
    contract = json.loads((scene.target.description.folder / file).read_text("utf-8"))
    contract["paths"].popitem()
    assert scene.target.log is not None
    poorer = scene.target.log.with_name("poorer.json")
    poorer.write_text(json.dumps(contract, indent=2), "utf-8")
    scene.start_up = scene.target.run_measured([*command, str(poorer)])


@then("it finds no difference")
def no_difference(scene: Scene) -> None:
    assert scene.start_up is not None
    assert scene.start_up[0] == 0, f"it differs:\n{scene.start_up[1]}"


@then("it says what differs")
def says_difference(scene: Scene) -> None:
    assert scene.start_up is not None
    status, output = scene.start_up
    assert status not in {0, None}, "it found no difference"
    assert "complete" in output, f"the operation is not named:\n{output}"
