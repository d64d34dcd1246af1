"""Plays one fault: server, load, fault, and then the comparison of all that was said and stored."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from steps.endurance import processes, server_log, watching
from steps.endurance.checker import compare, read_rows
from steps.endurance.environment import Place
from steps.endurance.fault import Fault, NotRunError, Stage, run_sql
from steps.endurance.issuer import KeyServer
from steps.endurance.lies import tell_all
from steps.endurance.load import Load
from steps.endurance.proxy import Proxy
from steps.endurance.result import Result
from steps.endurance.server import Server
from steps.errors import TargetError
from steps.process.ports import free_port
from steps.run.secret_search import RunSecrets
from steps.target.tokens import Issuer, Secret

SPARE_USERS = 24
WARM_UP = 2.0
"""Seconds of load before the fault, in the full form."""
SHORT_SECONDS = 4.0
"""The longest span of a fault in the short form, and half of the settling after it."""
LIFETIME = 6 * 3600
MB = 1_000_000
FILES_LEFT = 30
"""Files that a worker may have more than before: two for each database connection, and a few."""


@dataclass(frozen=True)
class Form:
    """How a run is played."""

    clients: int = 200
    short: bool = False
    secrets: RunSecrets = field(default_factory=RunSecrets, compare=False)
    """What is looked for in all that the run prints and writes."""

    def seconds(self, fault: Fault) -> float:
        """Return how long a fault lasts."""
        return min(fault.seconds, max(fault.least, SHORT_SECONDS)) if self.short else fault.seconds

    def settle(self, fault: Fault) -> float:
        """Return how long the load goes on after it."""
        return min(fault.settle, SHORT_SECONDS / 2) if self.short else fault.settle


@dataclass
class Cast:
    """The users of one fault, and what signs their tokens."""

    issuer: Issuer
    keys: KeyServer | None
    load: dict[str, str]
    spare: dict[str, str]


async def play(fault: Fault, place: Place, form: Form, tell: Callable[[str], None]) -> Result:
    """Play one fault in an open environment. `tell` shows what is done right now."""
    result = Result(fault)
    begun = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="endurance-"))
    keys = KeyServer() if fault.published_keys else None
    proxy = server = None
    try:
        if keys is not None:
            await keys.start()
        if fault.through_proxy:
            url = urlsplit(place.server_url)
            proxy = Proxy(url.hostname or "127.0.0.1", url.port or 5432)
            await proxy.start()
        cast = await asyncio.to_thread(_cast, fault, place, form, keys)
        _keep_secret(place, cast, form.secrets)
        server = _server(fault, place, proxy, cast, folder)
        await server.start()
        stage = Stage(
            fault,
            place,
            server,
            proxy,
            folder,
            cast.load,
            cast.spare,
            form.seconds(fault),
            cast.issuer.secret,
            keys,
        )
        await _play_on(stage, cast, form, result, tell)
    except NotRunError as error:
        result.not_run = str(error)
    except TargetError as error:
        result.findings.append(str(error))
    except (psycopg.Error, OSError) as error:  # a time that is over is an OSError, too
        said = " ".join(str(error).split())
        result.findings.append(
            f"the fault could not be played to its end: {type(error).__name__} {said}"
        )
    finally:
        if server is not None and server.running:
            await server.stop()
        if proxy is not None:
            await proxy.close()
        if keys is not None:
            keys.close()
        shutil.rmtree(folder, ignore_errors=True)
        result.seconds = time.monotonic() - begun
    return result


async def _play_on(
    stage: Stage, cast: Cast, form: Form, result: Result, tell: Callable[[str], None]
) -> None:
    """Play the fault on a server that runs."""
    fault, server = stage.fault_played, stage.server
    mark = f"m{secrets.token_hex(6)}"
    load = Load(server.port, cast.load, mark)
    watch = watching.Watch(server)
    files_before = _files(server)
    load.start()
    try:
        tell("load")
        await asyncio.sleep(WARM_UP / 2 if form.short else WARM_UP)
        watch.start()
        tell("fault")
        try:
            await fault.run(stage)
        finally:
            begin, end = stage.span or (time.monotonic(), time.monotonic())
            result.begin, result.end = begin, end
        tell("recovery")
        await asyncio.sleep(form.settle(fault))
        await load.stop()
        await watch.stop()
    except BaseException:
        await load.cancel()
        await watch.stop()
        raise
    tell("check")
    result.exchanges = load.exchanges
    if server.running:
        stage.measure(
            "open transactions afterwards", await watching.open_transactions(stage), "", 0
        )
        most = watching.POOL * fault.workers
        result.slots_expected = min(most, stage.place.connections or most)
        result.slots = await watching.count_slots(stage, result.slots_expected)
        left = await _files_left(server, files_before)
        stage.measure("open files left", left, "", FILES_LEFT)
        await server.stop()
    stage.measure("memory of a worker before", watch.base, "MB")
    stage.measure("memory of a worker at most", watch.peak, "MB", watch.base + fault.worker_memory)
    stage.measure("memory of a worker afterwards", watch.last, "MB")
    _read_log(stage, form.secrets, mark, len(result.bad))
    await asyncio.to_thread(_compare, stage, load, result)
    result.findings += stage.findings
    result.notes += stage.notes
    result.measures += stage.measures


def _compare(stage: Stage, load: Load, result: Result) -> None:
    """Compare all histories with the rows, and let the checker find lies in a copy of them."""
    with psycopg.connect(stage.place.owner_url, autocommit=True, connect_timeout=10) as connection:
        compared = compare(load.histories, read_rows(connection, load.histories))
        told = tell_all(connection, load.histories)
    shown = tuple(one for history in load.histories for one in history.wrong)
    result.rows, result.wrong = compared.rows, shown + compared.wrong
    result.stored_unacknowledged = compared.stored_unacknowledged
    result.lies, result.lies_unnoticed = told.told, told.unnoticed


def _keep_secret(place: Place, cast: Cast, run_secrets: RunSecrets) -> None:
    """Let the run look for what nobody may read of this fault, in all that it prints and writes."""
    for url in (place.server_url, place.owner_url):
        run_secrets.add({"a password of the database": urlsplit(url).password or ""})
    run_secrets.add({"JWT_SECRET": cast.issuer.secret or ""})
    for token in (*cast.load.values(), *cast.spare.values()):
        run_secrets.add_token(token)


def _read_log(stage: Stage, run_secrets: RunSecrets, mark: str, bad: int) -> None:
    """Measure the log, and look for what must not be in it."""
    logged = server_log.read(stage.server.log, run_secrets)
    stage.measure("log", logged.size / 1000, "kB")
    stage.measure("lines in the log", logged.lines, "")
    if bad:
        stage.measure("lines in the log for each bad request", logged.lines / bad, "")
    for sentence in logged.secrets:
        stage.find(sentence)
    text = stage.server.log.read_text("utf-8", "replace") if stage.server.log.exists() else ""
    if mark in text:
        stage.find("text of a task stands in the log")
    if "InvalidStateError" in text:
        stage.find("the log has an InvalidStateError of a callback")


async def _files_left(server: Server, before: int) -> int:
    """Return how many files a worker has more than before, once it has seen its clients go."""
    left = 0
    for _ in range(20):
        left = _files(server) - before
        if left <= FILES_LEFT:
            break
        await asyncio.sleep(0.1)
    return left


def _files(server: Server) -> int:
    return max(map(processes.open_files, server.workers()), default=0)


def _cast(fault: Fault, place: Place, form: Form, keys: KeyServer | None) -> Cast:
    """Make the users of a fault in the database."""
    family = f"u{secrets.token_hex(4)}"
    clients = max(2, round(form.clients * fault.clients))
    users = [f"{family}-{number}" for number in range(clients + SPARE_USERS)]
    run_sql(
        place.owner_url,
        "INSERT INTO users (id, name, email) SELECT one, 'A user', one || '@example.test' "
        "FROM unnest(%(users)s::text[]) one",
        {"users": users},
    )
    issuer = keys.issuer() if keys else Issuer(Secret(secrets.token_urlsafe(48)))
    issuer = Issuer(issuer.key, issuer.claims, LIFETIME)
    tokens = {user: issuer.token(user) for user in users}
    return Cast(
        issuer,
        keys,
        {user: tokens[user] for user in users[:clients]},
        {user: tokens[user] for user in users[clients:]},
    )


def _server(fault: Fault, place: Place, proxy: Proxy | None, cast: Cast, folder: Path) -> Server:
    """Make the server of a fault, which is not started yet."""
    url = place.server_url
    if proxy is not None:
        parts = urlsplit(url)
        login = parts.netloc.rpartition("@")[0]
        url = parts._replace(netloc=f"{login}@127.0.0.1:{proxy.port}").geturl()
    signed = cast.keys.variables if cast.keys else {"JWT_SECRET": cast.issuer.secret}
    variables = {
        "DATABASE_URL": url,
        "CORS_ORIGIN": "https://app.example.test",
        "WORKERS": str(fault.workers),
        **signed,
        **place.variables,
        **fault.settings,
    }
    return Server(variables, free_port(), folder / "server.log", fault.files)
