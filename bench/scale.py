"""How the server scales to many machines, as far as one machine can show it.

Four server processes behind HAProxy on one database, and `tasks` partitioned by hash of the user
under the server as it is.
"""

from __future__ import annotations

import csv
import json
import shutil
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from signal import SIGTERM
from statistics import median

import psycopg

from bench import load
from bench.load import LoadError, Request
from bench.serving import CONNECTIONS, REPEATS, TASKS
from bench.testbed import Testbed
from steps.errors import TargetError
from steps.process.child import last_lines, spawn, terminate
from steps.process.ports import free_port, port_in_use

BALANCER = shutil.which("haproxy", path="/usr/sbin:/usr/bin:/usr/local/bin:/usr/local/sbin")
NO_BALANCER = "There is no `haproxy` on this machine, so no load balancer was measured."
PROCESSES = 4
PARTITIONED = Path(__file__).with_name("partitioned.sql")
# The statements of the server, and the values that each of them has.
STATEMENTS = {
    "list": "SELECT * FROM tasks WHERE user_id = %(user)s ORDER BY created_at DESC, id DESC",
    "get": "SELECT * FROM tasks WHERE user_id = %(user)s AND id = %(task)s",
    "update": "UPDATE tasks SET title = 'x' WHERE user_id = %(user)s AND id = %(task)s",
    "delete": "DELETE FROM tasks WHERE user_id = %(user)s AND id = %(task)s",
}


@dataclass(frozen=True)
class Scale:
    """The result of the measurement."""

    rates: dict[str, dict[str, float]]
    """Arrangement to operation to requests per second."""
    served: dict[str, int]
    """How many of the balanced requests each server process answered."""
    partitions: dict[str, list[str]]
    """Statement to the partitions that its plan touches."""


def measure(testbed: Testbed, *, seconds: float) -> Scale:
    """Measure one process, four behind the balancer, and one on partitioned tasks."""
    users = testbed.fill(CONNECTIONS, TASKS, "scale")
    rates: dict[str, dict[str, float]] = {}
    served: dict[str, int] = {}
    requests = {"list": testbed.lists(users), "get": testbed.gets(users)}
    with testbed.server() as server:
        rates["1 process"] = _rates(server.port, requests, seconds)
        if BALANCER is not None:
            with ExitStack() as stack:
                servers = [stack.enter_context(testbed.server()) for _ in range(PROCESSES)]
                ports = [one.port for one in servers]
                front = stack.enter_context(_balancer(testbed.folder, ports))
                rates[f"{PROCESSES} processes behind HAProxy"] = _rates(front, requests, seconds)
                _check_reads_after_writes(testbed, front, users[0])
                served = _answers_by_server(testbed.folder)
    testbed.database.execute(PARTITIONED.read_text("utf-8"))
    users = testbed.fill(CONNECTIONS, TASKS, "part")
    requests = {"list": testbed.lists(users), "get": testbed.gets(users)}
    with testbed.server() as server:
        rates["1 process, partitioned tasks"] = _rates(server.port, requests, seconds)
    return Scale(rates, served, _partitions_touched(testbed, users[0]))


def _rates(port: int, requests: dict[str, list[Request]], seconds: float) -> dict[str, float]:
    return {
        operation: median(
            load.run(port, its, connections=CONNECTIONS, seconds=seconds).rate
            for _ in range(REPEATS)
        )
        for operation, its in requests.items()
    }


@contextmanager
def _balancer(folder: Path, ports: list[int]) -> Iterator[int]:
    """Run HAProxy, which sends the requests to the servers in rotation."""
    port, log, settings = free_port(), folder / "haproxy.log", folder / "haproxy.cfg"
    servers = "\n".join(f"    server s{at} 127.0.0.1:{one}" for at, one in enumerate(ports))
    settings.write_text(
        "global\n    maxconn 1000\n    nbthread 1\n"
        f"    stats socket {folder}/haproxy.sock level admin\n"
        "defaults\n    mode http\n    timeout connect 5s\n    timeout client 60s\n"
        "    timeout server 60s\n"
        f"frontend all\n    bind 127.0.0.1:{port}\n    default_backend api\n"
        f"backend api\n    balance roundrobin\n    http-reuse always\n{servers}\n",
        "utf-8",
    )
    process = spawn([str(BALANCER), "-f", str(settings)], log=log, cwd=folder)
    try:
        while not port_in_use(port):
            if process.poll() is not None:
                raise TargetError(f"HAProxy ended while it started:\n{last_lines(log)}")
        yield port
    finally:
        terminate(process, SIGTERM)


def _answers_by_server(folder: Path) -> dict[str, int]:
    """Ask HAProxy how many requests each server answered."""
    with socket.socket(socket.AF_UNIX) as asking:
        asking.connect(str(folder / "haproxy.sock"))
        asking.sendall(b"show stat\n")
        text = b"".join(iter(lambda: asking.recv(65_536), b"")).decode()
    rows = csv.DictReader(text.removeprefix("# ").splitlines())
    return {
        row["svname"]: int(row["hrsp_2xx"])
        for row in rows
        if row["pxname"] == "api" and row["svname"] != "BACKEND"
    }


def _check_reads_after_writes(testbed: Testbed, port: int, user: str) -> None:
    """Raise `LoadError` unless a task that one process acknowledged is read by the next one."""
    empty = load.send_once(port, testbed.lists([user])[0])
    for _ in range(PROCESSES):
        load.send_once(port, testbed.creates([user])[0])
        longer = load.send_once(port, testbed.lists([user])[0])
        if longer <= empty:
            raise LoadError("a task that one process acknowledged is not in the list of the next")
        empty = longer


def _partitions_touched(testbed: Testbed, user: str) -> dict[str, list[str]]:
    """Explain the server's statements as its own role, with values as parameters."""
    task = testbed.query("SELECT id FROM tasks WHERE user_id = %(user)s LIMIT 1", {"user": user})
    values = {"user": user, "task": task[0][0]}
    touched = {}
    with psycopg.connect(testbed.database.server_url) as connection:
        connection.execute("SELECT set_config('app.user_id', %s, true)", [user])
        for name, statement in STATEMENTS.items():
            cursor = psycopg.ClientCursor(connection)
            row = cursor.execute(f"EXPLAIN (FORMAT JSON) {statement}", values).fetchone()
            assert row is not None
            touched[name] = sorted(set(_relations(row[0][0]["Plan"])) - {"tasks"})
        connection.rollback()
    question = testbed.query(
        "EXPLAIN (FORMAT JSON) SELECT FROM tasks WHERE id = %(task)s AND user_id <> 'x'", values
    )
    plan = question[0][0]
    touched["whose is this id"] = sorted(
        set(_relations((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]))
    )
    return touched


def _relations(node: dict[str, object]) -> Iterator[str]:
    if "Relation Name" in node:
        yield str(node["Relation Name"])
    below = node.get("Plans")
    for one in below if isinstance(below, list) else []:
        yield from _relations(one)
