"""What happens to one request when there are more tasks and users, or more tasks in one list."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from statistics import median

from bench import load
from bench.processes import peak_kilobytes
from bench.stand import Stand

STAGES = ((1_000, 100), (10_000, 1_000), (100_000, 10_000), (1_000_000, 100_000))
LARGEST = (10_000_000, 1_000_000)
LISTS = (10, 1_000, 50_000)
ASKED = 64
"""Users, evenly spread over all, whose tasks are asked for."""
REPEATS = 3
LOOKUP = (
    "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT * FROM tasks WHERE user_id = %(user)s "
    "ORDER BY created_at DESC, id DESC"
)


@dataclass(frozen=True)
class Stage:
    """Latencies, as medians in milliseconds, with so many tasks in the table."""

    tasks: int
    users: int
    latencies: dict[str, float]
    plan: str
    """The nodes of the plan of SC-009's lookup, from the outside in."""
    index: str
    """What the lookup's index scan is bounded by."""
    buffers: int
    """Pages that the lookup touched."""


@dataclass(frozen=True)
class Listing:
    """One user's list, of so many tasks."""

    tasks: int
    seconds: float
    answer: int
    """Bytes."""
    grown: int
    """By how many bytes the server's memory was larger at its peak than before."""


def measure(stand: Stand, *, largest: bool, seconds: float) -> list[Stage]:
    """Fill the table stage by stage; measure one request at a time after each."""
    stages: list[Stage] = []
    prefixes = 0
    with stand.server() as server:
        filled_tasks = filled_users = 0
        for tasks, users in (*STAGES, *([LARGEST] if largest else [])):
            prefix = f"stage{prefixes}"
            prefixes += 1
            fresh = users - filled_users
            names = stand.fill(fresh, (tasks - filled_tasks) // fresh, prefix)
            filled_tasks, filled_users = tasks, users
            asked = names[:: max(1, len(names) // ASKED)][:ASKED]
            requests = {
                "list": stand.lists(asked),
                "get": stand.gets(asked),
                "create": stand.creates(asked),
            }
            latencies = {
                operation: _latency(server.port, its, seconds)
                for operation, its in requests.items()
            }
            stages.append(Stage(tasks, users, latencies, *_lookup(stand, asked[-1])))
    return stages


def _latency(port: int, requests: list[load.Request], seconds: float) -> float:
    """Give the median of one request at a time: nobody waits for anybody else."""
    samples = [
        load.run(port, requests, connections=1, seconds=seconds, warm_up=0.1, most=5_000)
        for _ in range(REPEATS)
    ]
    return median(sample.percentile(0.5) for sample in samples) * 1000


def _lookup(stand: Stand, user: str) -> tuple[str, str, int]:
    plan = stand.query(LOOKUP, {"user": user})[0][0][0]["Plan"]
    if isinstance(plan, str):
        plan = json.loads(plan)
    nodes, bound, node = [], "", plan
    while node:
        nodes.append(
            node["Node Type"] + (f" on {node['Index Name']}" if "Index Name" in node else "")
        )
        bound = node.get("Index Cond", bound)
        node = (node.get("Plans") or [None])[0]
    return " < ".join(nodes), bound, plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]


def lists(stand: Stand) -> list[Listing]:
    """Ask for lists of different lengths, one after the other, and watch the server's memory."""
    found = []
    with stand.server() as server:
        for tasks in LISTS:
            (user,) = stand.fill(1, tasks, f"lister{tasks}")
            requests = stand.lists([user])
            load.run(server.port, stand.lists(["lister10-1"]), connections=1, seconds=0.3)
            before = peak_kilobytes(server.pid, reset=True)
            before = peak_kilobytes(server.pid)
            began = time.perf_counter()
            answers = [load.once(server.port, requests[0]) for _ in range(REPEATS)]
            elapsed = (time.perf_counter() - began) / REPEATS
            grown = (peak_kilobytes(server.pid) - before) * 1024
            found.append(Listing(tasks, elapsed, answers[0], max(0, grown)))
    return found
