"""Runs a command and writes its time and memory as JSON.

::

    python bench/measure_command.py SECONDS FILE COMMAND …

A process of its own, and a small one: what a process held at its most is counted from the moment
before it becomes another program, and would include all that the benchmark holds itself.
"""

import json
import os
import subprocess
import sys
import threading
import time


def main(limit: str, file: str, *command: str) -> None:
    """Run the command, at most `limit` seconds."""
    began = time.perf_counter()
    process = subprocess.Popen(command)
    timer = threading.Timer(float(limit), process.kill)
    timer.start()
    _, status, used = os.wait4(process.pid, 0)
    timer.cancel()
    taken = {
        "seconds": time.perf_counter() - began,
        "processor": used.ru_utime + used.ru_stime,
        "megabytes": used.ru_maxrss / 1024,
        "status": os.waitstatus_to_exitcode(status),
    }
    with open(file, "w") as output:  # noqa: PTH123 - `pathlib` is larger than all else here
        json.dump(taken, output)


if __name__ == "__main__":
    main(*sys.argv[1:])
