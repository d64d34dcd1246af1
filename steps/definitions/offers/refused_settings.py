"""Settings that the server refuses, one by one."""

from __future__ import annotations

from pytest_bdd import then, when

from steps.http.expectations import expect
from steps.scenario.scene import Scene
from steps.target.capabilities import offered

Starts = dict[str, tuple[int | None, str]]
"""Exit status (None: it serves) and output of the start with each setting."""


@when("the server is started with each of the settings that it refuses", target_fixture="starts")
def start_with_each(scene: Scene) -> Starts:
    starts: Starts = {}
    for setting in offered(scene.target.description.offers.refused_settings):
        name, _, value = setting.partition("=")
        starts[setting] = scene.target.try_start({}, {name: value})
    return starts


@then("each start ends with one sentence that names the variable")
def each_is_named(starts: Starts) -> None:
    expect(starts, "no setting was tried")
    for setting, (status, output) in starts.items():
        name, _, value = setting.partition("=")
        expect(status not in {None, 0}, f"the server starts with {setting}")
        said = output.strip()
        is_sentence = said.startswith(name) and said.endswith(".") and "\n" not in said
        sentence = f"a start with {setting} does not end with one sentence that names {name}"
        expect(is_sentence, sentence, expected=f"{name} ….", actual=output)
        if "://" in value:  # there may be a password in it
            expect(value not in said, f"the value of {name} is shown", actual=output)
