"""Runs a command and writes its time and memory as JSON.

::

    python bench/measure_command.py SECONDS FILE COMMAND …

It runs in a small process of its own: the peak memory of a command includes that of the process
which started it, so the memory of the whole benchmark would count.
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
