"""Requests per second: PostgreSQL alone, the hand-written baseline, the reference server.

All servers run all the time and are measured alternately in short slices, so that other load of the
machine affects all of them; a repeat is a number of such slices, and its figures are those of all
its answers. Only figures of one run are compared.
"""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median

from bench import load, pgbench
from bench.half_core import at_half_a_core
from bench.load import LoadError, Request
from bench.processes import busiest, seconds_used
from bench.testbed import BASELINE, REFERENCE, Testbed
from steps.process.server_process import ServerProcess

CONNECTIONS = 16
TASKS = 20
REPEATS = 3
OTHER_USERS = 1_000
"""More users in the same table: PostgreSQL plans to read an almost empty table as a whole."""
BASE, ONE, TWO, POSTGRESQL = "baseline", "reference", "reference, 2 workers", "pgbench"
HALF_ONE, HALF_TWO = "reference, half a core", "reference, 2 workers, half a core each"


@dataclass(frozen=True)
class Repeat:
    """One subject doing one operation for the length of one repeat."""

    rate: float
    """Requests per second."""
    p50: float
    """Milliseconds."""
    p99: float
    processor: float
    """Microseconds of processor time a request, of the server's own processes; 0: not known."""


@dataclass(frozen=True)
class Series:
    """All repeats of one subject and one operation."""

    subject: str
    operation: str
    repeats: tuple[Repeat, ...]

    def median(self, quantity: str) -> float:
        """Return the median over the repeats; `quantity` names a field of `Repeat`."""
        return float(median(getattr(repeat, quantity) for repeat in self.repeats))

    def spread(self, quantity: str) -> tuple[float, float]:
        """Return the least and the greatest value of a field of `Repeat`."""
        values = [getattr(repeat, quantity) for repeat in self.repeats]
        return min(values), max(values)


def measure(testbed: Testbed, *, slices: int, seconds: float) -> list[Series]:
    """Measure every subject with every operation; each repeat lasts `slices` times `seconds`."""
    testbed.fill(OTHER_USERS, TASKS, "other")
    readers = testbed.fill(CONNECTIONS, TASKS, "reader")
    requests = {
        "list": testbed.lists(readers),
        "get": testbed.gets(readers),
        "create": testbed.creates(testbed.fill(CONNECTIONS, 0, "writer")),
    }
    found: dict[tuple[str, str], list[Repeat]] = {}
    with ExitStack() as stack:
        servers = {
            BASE: stack.enter_context(testbed.server(BASELINE)),
            ONE: stack.enter_context(testbed.server(REFERENCE)),
            TWO: stack.enter_context(testbed.server(REFERENCE, WORKERS="2")),
        }
        check_same_answers([servers[BASE].port, servers[ONE].port], requests)
        for its in requests.values():  # connections are made and code is warm before it counts
            _repeat(servers, its, 1, seconds)
        for _ in range(REPEATS):
            for operation, its in requests.items():
                repeats = _repeat(servers, its, slices, seconds)
                repeats |= _repeat_at_half_a_core(servers, its, max(1, slices // 4), seconds)
                for subject, repeat in repeats.items():
                    found.setdefault((subject, operation), []).append(repeat)
                rate = pgbench.rate(testbed, operation, slices * seconds)
                if rate:
                    alone = Repeat(rate, CONNECTIONS / rate * 1000, 0.0, 0.0)
                    found.setdefault((POSTGRESQL, operation), []).append(alone)
    return [Series(*key, tuple(repeats)) for key, repeats in found.items()]


def _repeat(
    servers: Mapping[str, ServerProcess], requests: Sequence[Request], slices: int, seconds: float
) -> dict[str, Repeat]:
    samples: dict[str, list[load.Sample]] = {subject: [] for subject in servers}
    used = dict.fromkeys(servers, 0.0)
    for _ in range(slices):
        for subject, server in servers.items():
            before = seconds_used(server.pid)
            sample = load.run(
                server.port, requests, connections=CONNECTIONS, seconds=seconds, warm_up=0.0
            )
            used[subject] += seconds_used(server.pid) - before
            samples[subject].append(sample)
    return {
        subject: _summarize(load.join_samples(samples[subject]), used[subject])
        for subject in servers
    }


def _repeat_at_half_a_core(
    servers: Mapping[str, ServerProcess], requests: Sequence[Request], slices: int, seconds: float
) -> dict[str, Repeat]:
    """Measure one process and two processes, each held to half a core."""
    held = {HALF_ONE: (servers[ONE], 1), HALF_TWO: (servers[TWO], 2)}
    samples: dict[str, list[load.Sample]] = {subject: [] for subject in held}
    for _ in range(slices):
        for subject, (server, count) in held.items():
            with at_half_a_core(busiest(server.pid, count)):
                sample = load.run(server.port, requests, connections=CONNECTIONS, seconds=seconds)
            samples[subject].append(sample)
    return {subject: _summarize(load.join_samples(its), 0.0) for subject, its in samples.items()}


def _summarize(sample: load.Sample, used: float) -> Repeat:
    return Repeat(
        sample.rate,
        sample.percentile(0.5) * 1000,
        sample.percentile(0.99) * 1000,
        used / max(1, len(sample.latencies)) * 1e6,
    )


def check_same_answers(ports: Sequence[int], requests: Mapping[str, Sequence[Request]]) -> None:
    """Raise `LoadError` unless all servers answer the same JSON: otherwise none can be compared."""
    for operation in ("list", "get"):
        answers = [_body(port, requests[operation][0]) for port in ports]
        if any(answer != answers[0] for answer in answers):
            raise LoadError(f"the servers answer {operation} differently: {answers}")


def _body(port: int, asked: Request) -> object:
    head = asked.data.partition(b"\r\n\r\n")[0].decode().splitlines()
    headers = dict(line.split(": ", 1) for line in head[1:])
    url = f"http://127.0.0.1:{port}{head[0].split(' ')[1]}"
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
        return json.load(answer)
