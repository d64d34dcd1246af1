"""Where the step library is loaded from: pytest wants this file at the root of the features."""

pytest_plugins = [
    "steps.run.plugin",
    "steps.definitions.users_and_tasks",
    "steps.definitions.tasks",
    "steps.definitions.status_codes",
    "steps.definitions.cross_user",
    "steps.definitions.outages",
    "steps.definitions.concurrency",
    "steps.definitions.cors",
    "steps.definitions.measurements",
    "steps.definitions.by_hand",
    "steps.definitions.optional_offers",
    "steps.definitions.then.answers",
    "steps.definitions.then.stored_tasks",
]
