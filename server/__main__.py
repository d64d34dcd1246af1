"""Start the server: `python -m server`."""

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


async def _check_role(settings: Settings) -> None:
    """Connect once, to refuse a role that sees too much. A database that is down stops nothing."""
    # Implements: SC-005
    from psycopg import Error

    from server.database import Database

    database = Database(settings)
    try:
        await database.check()
    except Error as error:
        log.warning(
            "The database cannot be reached yet (%s); requests are answered 500 until it can.",
            type(error).__name__,
        )
    finally:
        await database.close()


def _listen(host: str, port: int) -> socket.socket:
    # Implements: C-008
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio switches Nagle's algorithm off only where the protocol is named: without it, every
    # answer on a kept connection waits 40 ms for the client's delayed acknowledgement.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(2048)
    return listener


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
    from server.database import BypassingRoleError
    from server.supervisor import Supervisor
    from server.workers import Worker

    try:
        asyncio.run(_check_role(settings))
        listener = _listen(settings.host, settings.port)
    except BypassingRoleError as error:
        print(error, file=sys.stderr)
        return 2
    except (OSError, UnicodeError, TypeError) as error:
        taken = getattr(error, "errno", None) == errno.EADDRINUSE
        why = (
            "is taken: stop what listens there, or set PORT to another one"
            if taken
            else "cannot be used: set HOST to an address of this machine, PORT to a free one"
        )
        print(f"Port {settings.port} of {settings.host} {why}.", file=sys.stderr)
        return 2
    log.info(f"Serving on http://{settings.host}:{listener.getsockname()[1]}")

    def work(supervisor: int | None = None) -> None:
        # Implements: SC-007
        Worker(settings, supervisor).run([listener])

    with contextlib.suppress(KeyboardInterrupt):
        if settings.workers == 1:
            work()
        else:
            Supervisor(work, listener, settings.shutdown_seconds).run(settings.workers)
    return 0


if __name__ == "__main__":
    sys.exit(main())
