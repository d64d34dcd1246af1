"""One process that serves a port, or several. They share nothing, for the server has no state."""

import gc
import logging
import socket
import sys

from fastapi import FastAPI
from uvicorn import Config, Server
from uvicorn.supervisors import Multiprocess

from server.app import create_app
from server.settings import load_settings


def app() -> FastAPI:
    """Make the application of one process, from the environment that all of them have."""
    # Implements: SR-006
    logging.basicConfig(format="%(message)s", stream=sys.stderr)
    app = create_app(load_settings())
    # All objects that exist now stay: no collection walks through these 100,000 again, which takes
    # 50 ms, while every request waits.
    gc.freeze()
    gc.enable()
    return app


def serve(listener: socket.socket, count: int) -> None:
    """Serve until stopped. One process is this one; of several, each that dies is replaced."""
    # Implements: SC-007
    config = Config(
        "server.workers:app",
        factory=True,
        workers=count,
        access_log=False,
        log_level="warning",
        # Named, because behaviour depends on it: httptools takes half the time of h11, and passes
        # an over-long token on to the check that answers 401, where h11 would answer 400.
        http="httptools",
        # The client in the log is the peer of the connection: a header about it can be forged.
        proxy_headers=False,
    )
    if count > 1:
        Multiprocess(config, [listener]).run()
    else:
        Server(config).run(sockets=[listener])
