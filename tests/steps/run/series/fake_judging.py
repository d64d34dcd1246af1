"""Stands in for `python -m steps.acceptance`: does what the name of the target file says.

`ok`, `short` and `deviates` write a matrix and end with 0, 1 and 1; `broken` ends with 2 and a
sentence; `killed` ends itself by SIGKILL; `silent` ends with 0 and writes nothing; `hangs` waits
until SIGTERM; `meets` waits for a second judging of that kind. Each notes its begin and its end in
the file that FAKE_JOURNAL names.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path

TARGET, FOLDER = (Path(sys.argv[sys.argv.index(name) + 1]) for name in ("--target", "--output"))
KIND = TARGET.stem.partition("-")[0]
JOURNAL = Path(os.environ["FAKE_JOURNAL"])
COUNTS = {"ok": (115, 0, 0), "short": (100, 14, 1), "deviates": (90, 20, 5), "meets": (1, 0, 0)}


def note(event: str) -> None:
    with JOURNAL.open("a") as journal:
        journal.write(f"{event} {TARGET.stem}\n")


def write_matrix() -> None:
    template = json.loads(Path(os.environ["FAKE_MATRIX"]).read_text("utf-8"))
    verified, failed, not_run = COUNTS[KIND]
    template["summary"] |= {"verified": verified, "failed": failed, "not_run": not_run}
    template["conformant"] = failed == 0
    template["environment"] |= {"target": TARGET.stem, "process": os.getpid()}
    (FOLDER / "matrix.json").write_text(json.dumps(template), "utf-8")


def wait_for_another() -> None:
    while JOURNAL.read_text("utf-8").count("begin meets") < 2:
        time.sleep(0.02)


def end(_number: int, _frame: object) -> None:
    note("stop")
    print("Not judged: SIGTERM ended the judging.", file=sys.stderr)
    sys.exit(2)


signal.signal(signal.SIGTERM, end)
note("begin")
print(f"Judging {KIND} with {sys.argv[1:]}", flush=True)
if KIND == "killed":
    os.kill(os.getpid(), signal.SIGKILL)
if KIND == "hangs":
    while True:
        time.sleep(0.1)
if KIND == "meets":
    wait_for_another()
if KIND == "broken":
    print("The judging could not be done. POST creates no task: 500: no users.\nmore", flush=True)
    print("The server's log: server.log")
elif KIND != "silent":
    write_matrix()
time.sleep(0.1)
note("end")
sys.exit({"broken": 2, "short": 1, "deviates": 1}.get(KIND, 0))
