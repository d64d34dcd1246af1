"""Where the step library is loaded from: pytest wants this file at the root of the features."""

pytest_plugins = [
    "steps.plugin",
    "steps.stage",
    "steps.actions",
    "steps.situations",
    "steps.attacks",
    "steps.lifecycle",
    "steps.races",
    "steps.origins",
    "steps.figures",
    "steps.judging",
    "steps.provider",
    "steps.answers",
    "steps.states",
]
