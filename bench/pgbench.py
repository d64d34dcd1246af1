"""PostgreSQL itself: the same statements, prepared, sent by pgbench from one thread."""

from __future__ import annotations

import re
import shutil
import subprocess

from bench.baseline import CREATE, GET, LIST
from bench.testbed import Testbed, pgbench_environment

PROGRAM = shutil.which("pgbench")
MISSING = "There is no `pgbench` on this machine, so PostgreSQL alone was not measured."
VALUES = {
    "list": ("user",),
    "get": ("user", "task"),
    "create": ("user", "title", "description"),
}


def rate(testbed: Testbed, operation: str, seconds: float, connections: int = 16) -> float:
    """Give transactions per second, as the database's owner; 0 where there is no pgbench."""
    if PROGRAM is None:
        return 0.0
    statement = {"list": LIST, "get": GET, "create": CREATE}[operation]
    user = "writer-1" if operation == "create" else "reader-1"
    task = testbed.query("SELECT id FROM tasks WHERE user_id = 'reader-1' LIMIT 1")[0][0]
    values = {"user": user, "task": task, "title": "Buy milk", "description": "Two litres"}
    for name in VALUES[operation]:
        statement = statement.replace("%s", f":{name}", 1)
    script = testbed.folder / f"{operation}.sql"
    script.write_text(statement + ";\n", "utf-8")
    given = [f"--define={name}={values[name]}" for name in VALUES[operation]]
    command = [PROGRAM, "-n", "-M", "prepared", "-c", str(connections), "-j", "1"]
    command += ["-T", str(max(1, round(seconds))), "-f", str(script), *given]
    done = subprocess.run(
        command,
        env=pgbench_environment(testbed.database.owner_url),
        capture_output=True,
        text=True,
        timeout=seconds + 60,
        check=True,
    )
    found = re.search(r"^tps = ([\d.]+)", done.stdout, re.MULTILINE)
    return float(found[1]) if found else 0.0
