"""Several processes that serve one port; they share nothing else: the server keeps nothing."""

import logging
import socket
import sys

from fastapi import FastAPI
from uvicorn import Config
from uvicorn.supervisors import Multiprocess

from server.app import create_app
from server.settings import load_settings


def app() -> FastAPI:
    """Make the server of one worker, from the environment that it has from its parent."""
    logging.basicConfig(format="%(message)s", stream=sys.stderr)
    return create_app(load_settings())


def serve(config: Config, listener: socket.socket) -> None:
    """Serve until stopped; a worker that dies is replaced."""
    Multiprocess(config, [listener]).run()
