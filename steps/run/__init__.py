"""Judging, from the command to the report: the pytest plugin, workers and their watchdog.

`acceptance` is the command; it runs pytest with `plugin` and `fixtures`. `serve` and `fuzz` start
the reference server for other purposes. The steps of the scenarios are in `definitions/`, the
server under judgement in `target/`.
"""
