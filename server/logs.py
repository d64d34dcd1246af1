"""One format for all that is logged: a JSON object a line, on stderr.

JSON escapes whatever would break a line. An error has its traceback once a minute: an outage of the
database would fill a disk with them.
"""

import json
import logging
import sys
import time
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime

TRACEBACK_AGAIN = 60.0
"""Seconds until an error of one kind, raised at one place, is logged with its traceback again."""
TELL_AGAIN = 1.0
"""Seconds until the same notice is logged again."""
MAXIMUM_KINDS = 1000

_OF_EVERY_RECORD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonFormatter(logging.Formatter):
    """Formats a record with its time, level, logger, message, `extra` fields and error."""

    def __init__(self) -> None:
        super().__init__()
        self._told: dict[tuple[object, ...], float] = {}

    def format(self, record: logging.LogRecord) -> str:
        """Return one line. Fields of `extra` that are no JSON are shown as text."""
        # Implements: SR-011
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {key: value for key, value in vars(record).items() if key not in _OF_EVERY_RECORD}
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            line["error"] = f"{type(error).__module__}.{type(error).__qualname__}"
            last = traceback.extract_tb(error.__traceback__, limit=-1)
            kind = (record.name, line["error"], *((at.filename, at.lineno) for at in last))
            if record.created - self._told.get(kind, 0.0) >= TRACEBACK_AGAIN:
                if len(self._told) >= MAXIMUM_KINDS:
                    self._told.clear()
                self._told[kind] = record.created
                line["traceback"] = "".join(traceback.format_exception(error))
        return json.dumps(line, default=str)


def configure() -> None:
    """Log warnings of all parts, and what the server itself says, to stderr."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(handlers=[handler], force=True)
    logging.getLogger("server").setLevel(logging.INFO)


class Notices:
    """Warnings that anybody's behaviour can cause; each is logged once in `seconds` at most."""

    def __init__(self, logger: logging.Logger, seconds: float = TELL_AGAIN) -> None:
        self._logger = logger
        self._seconds = seconds
        self._again: dict[str, float] = {}
        self._times: dict[str, int] = {}

    def warn(self, message: str, extra: Mapping[str, object]) -> None:
        """Log the message with how many `times` it was to be logged since the last line."""
        now = time.monotonic()
        self._times[message] = self._times.get(message, 0) + 1
        if now >= self._again.get(message, 0.0):
            self._again[message] = now + self._seconds
            times = self._times.pop(message)
            self._logger.warning(message, extra={**extra, "times": times})
