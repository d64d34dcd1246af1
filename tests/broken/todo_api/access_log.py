"""An access log in JSON, as loggers of requests write it, with the headers of both sides."""

from __future__ import annotations

import base64
import hashlib
import json
import time

from aiohttp import web


def log_in_json(request: web.BaseRequest, response: web.Response) -> None:
    """Write the line that any request gets."""
    body = response.body if isinstance(response.body, bytes) else b""
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()[:27]
    sent = {name.lower(): value for name, value in response.headers.items()}
    given = {"host": request.headers.get("Host", "")}
    if "Authorization" in request.headers:
        given["authorization"] = "[Redacted]"
    path = request.raw_path.partition("?")[0]
    line = {
        "level": 30,
        "time": int(time.time() * 1000),
        "req": {"method": request.method, "url": path, "headers": given},
        "res": {
            "statusCode": response.status,
            "headers": sent | {"etag": f'W/"{len(body):x}-{digest}"'},
        },
        "responseTime": 3,
        "msg": "request completed",
    }
    print(json.dumps(line), flush=True)
