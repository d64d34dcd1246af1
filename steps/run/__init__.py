"""Judging, from the command to the report: the pytest plugin, workers and their watchdog.

`serve` and `fuzz` start the reference server for other purposes. What a scenario does is in
`definitions/`, what is judged in `target/`.
"""
