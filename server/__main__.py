"""Start the server: `python -m server`."""

import signal

if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    # Until it serves, Ctrl-C ends the process as SIGTERM does, wherever it is just then, imports
    # included: Python's own way is an exception, with a traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)

import asyncio
import contextlib
import errno
import gc
import logging
import socket
import sys

from server import logs
from server.settings import Settings, SettingsError, load_settings

log = logging.getLogger("server")


async def _check_database(settings: Settings) -> None:
    """Connect once, to refuse a URL that cannot become right, and a role that sees too much.

    Raises `SettingsError` and `UnusableDatabaseError`. A database that is down stops nothing.
    """
    # Implements: SC-005, SR-006
    from psycopg import Error

    from server.database import Database
    from server.database_url import also, connection_parameters
    from server.refusals import is_lasting

    database = Database(settings)
    where = connection_parameters(settings.database_url)
    try:
        await database.check()
    except Error as error:
        said = " ".join(str(error).split()).rstrip(".")
        if password := where.get("password"):  # libpq does not print it, but for mistaken URLs
            said = said.replace(password, "***")
        if is_lasting(error, where):
            raise SettingsError(
                f"DATABASE_URL {also(where)}leads to no connection: {said}: correct it."
            ) from None
        log.warning(
            "The database of DATABASE_URL cannot be reached yet (%s); requests are answered 500"
            " until it can.",
            said or type(error).__name__,
        )
    finally:
        await database.close()


def _bind(host: str, port: int) -> socket.socket:
    # Implements: C-008
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio switches Nagle's algorithm off only where the protocol is named: without it, every
    # answer on a kept connection waits 40 ms for the client's delayed acknowledgement.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    return listener


def _unusable_address(error: OSError, settings: Settings) -> str:
    """Say in one sentence why nothing can listen there."""
    # Implements: C-008
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        return (
            f"HOST is {settings.host}, which is no address of this machine: set it to one, for"
            " example 127.0.0.1."
        )
    remedies = {
        errno.EADDRINUSE: "is taken: stop what listens there, or set PORT to another one",
        errno.EACCES: "is for the system administrator alone: set PORT to one above 1023",
    }
    why = f"cannot be used ({error.strerror}): set HOST and PORT to others"
    return f"Port {settings.port} of {settings.host} {remedies.get(error.errno or 0, why)}."


def main() -> int:
    """Serve until stopped. Gives 2, after one sentence on stderr, when it cannot start."""
    # Implements: SR-006, SR-007
    logs.configure()
    try:
        settings = load_settings()
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    return _serve(settings)


def _serve(settings: Settings) -> int:
    # Implements: SC-007
    # The framework is loaded only now, so that a wrong setting is reported before that. All of it
    # stays in memory: until it is loaded (`workers.Worker`), collecting garbage would find nothing.
    gc.disable()
    from server.session import UnusableDatabaseError
    from server.supervisor import Supervisor
    from server.workers import Worker

    try:
        listener = _bind(settings.host, settings.port)
        asyncio.run(_check_database(settings))
        listener.listen(2048)  # not before: clients would wait for a server that may not start
    except (UnusableDatabaseError, SettingsError) as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(_unusable_address(error, settings), file=sys.stderr)
        return 2
    log.info(f"Serving on http://{settings.host}:{listener.getsockname()[1]}")

    def work(supervisor: int | None = None) -> None:
        # Implements: SC-007
        worker = Worker(settings, supervisor)
        if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        worker.run([listener])

    with contextlib.suppress(KeyboardInterrupt):
        if settings.workers == 1:
            work()
        else:
            Supervisor(work, listener, settings.shutdown_seconds).run(settings.workers)
    return 0


if __name__ == "__main__":
    sys.exit(main())
