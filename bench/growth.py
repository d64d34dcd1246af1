"""How one request slows down with more tasks and users, or with more tasks in one list."""

from __future__ import annotations

import json
import time
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median

from bench import load
from bench.processes import peak_kilobytes
from bench.testbed import Testbed

TABLE_SIZES = ((1_000, 100), (10_000, 1_000), (100_000, 10_000), (1_000_000, 100_000))
LARGEST_TABLE_SIZE = (10_000_000, 1_000_000)
LIST_LENGTHS = (0, 10, 1_000, 50_000)
WARM_UP_TASKS = 1_000
"""Tasks of a first list that is not measured: it makes the server load what every list needs."""
USERS_ASKED = 64
"""Users, evenly spread over all, whose tasks are asked for."""
REPEATS = 9
LOOKUP = (
    "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT * FROM tasks WHERE user_id = %(user)s "
    "ORDER BY created_at DESC, id DESC"
)


@dataclass(frozen=True)
class TableSize:
    """What was measured with so many tasks and users in the tables."""

    tasks: int
    users: int
    latencies: dict[str, float]
    """Operation to milliseconds, the median over all slices."""
    plan: str
    """The nodes of the plan of SC-009's lookup, from the outside in."""
    index: str
    """The index condition of the lookup's index scan."""
    buffers: int
    """Pages that the lookup read."""


@dataclass(frozen=True)
class Listing:
    """One user's list, of so many tasks."""

    tasks: int
    seconds: float
    answer: int
    """Bytes."""
    grown: int
    """By how many bytes the server's memory was larger at its peak than before."""


def measure(testbed: Testbed, *, largest: bool, rounds: int, seconds: float) -> list[TableSize]:
    """Measure one request at a time on tables of each size, in short alternating slices."""
    sizes = (*TABLE_SIZES, *([LARGEST_TABLE_SIZE] if largest else []))
    with ExitStack() as stack:
        testbeds = [stack.enter_context(testbed.another()) for _ in sizes]
        asked = [
            _spread(each.fill(users, tasks // users))
            for each, (tasks, users) in zip(testbeds, sizes, strict=True)
        ]
        servers = [stack.enter_context(each.server()) for each in testbeds]
        requests = [
            {
                "list": each.lists(users_asked),
                "get": each.gets(users_asked),
                "create": each.creates(users_asked),
            }
            for each, users_asked in zip(testbeds, asked, strict=True)
        ]
        samples: dict[tuple[int, str], list[float]] = {}
        for _ in range(rounds):
            for operation in requests[0]:
                for at, server in enumerate(servers):
                    sample = load.run(
                        server.port,
                        requests[at][operation],
                        connections=1,
                        seconds=seconds,
                        warm_up=0.05,
                        max_requests=2_000,
                    )
                    samples.setdefault((at, operation), []).append(sample.percentile(0.5) * 1000)
        return [
            TableSize(
                tasks,
                users,
                {operation: median(samples[at, operation]) for operation in requests[0]},
                *_lookup(testbeds[at], asked[at][-1]),
            )
            for at, (tasks, users) in enumerate(sizes)
        ]


def _spread(users: list[str]) -> list[str]:
    return users[:: max(1, len(users) // USERS_ASKED)][:USERS_ASKED]


def _lookup(testbed: Testbed, user: str) -> tuple[str, str, int]:
    plan = testbed.query(LOOKUP, {"user": user})[0][0][0]["Plan"]
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


def measure_lists(testbed: Testbed) -> list[Listing]:
    """Ask for lists of different lengths, one after the other, and watch the server's memory."""
    found = []
    with testbed.server() as server:
        (warm_up,) = testbed.lists(testbed.fill(1, WARM_UP_TASKS, "warm"))
        for tasks in LIST_LENGTHS:
            (request,) = testbed.lists(testbed.fill(1, tasks, f"lister{tasks}"))
            for _ in range(REPEATS):
                load.send_once(server.port, warm_up)
            before = peak_kilobytes(server.pid, reset=True)
            answer, seconds = 0, []
            for _ in range(REPEATS):
                began = time.perf_counter()
                answer = load.send_once(server.port, request)
                seconds.append(time.perf_counter() - began)
            grown = (peak_kilobytes(server.pid) - before) * 1024
            found.append(Listing(tasks, median(seconds), answer, max(0, grown)))
    return found
