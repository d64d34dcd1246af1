"""The reference server for frontend work: a database that stays, demo users, tokens to paste."""

from __future__ import annotations

import argparse
import os
import signal
import socket
import sys
from pathlib import Path

from steps.client import Answer, Client
from steps.target.demo import Demo
from steps.target.process import TargetError

ROOT = Path(__file__).parents[1]
TASKS = {
    "Alice": ["Buy milk", "Call the plumber", "Read the spec"],
    "Bob": ["Water the plants", "Sell bread"],
}


class _Unrecorded:
    def exchange(self, **_: object) -> None:
        """Keep nothing: nobody judges here."""


def main(arguments: list[str]) -> int:
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="nox -s serve --", description=__doc__)
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))
    parser.add_argument("--origin", default="http://localhost:3000", help="of the frontend")
    options = parser.parse_args(arguments)
    if taken(options.port):
        print(
            f"Port {options.port} is taken: stop what listens there, or choose another one with "
            "nox -s serve -- --port 8001.",
            file=sys.stderr,
        )
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    demo = Demo(folder(), options.port, options.origin)
    try:
        demo.open()
        introduce(demo)
        demo.wait()
    except TargetError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nStopped. The data stays for the next time.")
    finally:
        demo.close()
    return 0


def taken(port: int) -> bool:
    """Return whether somebody listens on the port already."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def folder() -> Path:
    """Return where the data lives: in the project, unless PostgreSQL's user cannot get there."""
    if os.name == "posix" and os.geteuid() == 0:
        inside = [ROOT, *ROOT.parents]
        if not all(path.stat().st_mode & 0o001 for path in inside):
            return Path("/var/lib/spec-traceable-harness") / ROOT.as_posix().strip("/").replace(
                "/", "-"
            )
    return ROOT / "var" / "serve"


def introduce(demo: Demo) -> None:
    """Make the demo users and their tasks on the first start; print what to paste."""
    client = Client(demo.base_url, _Unrecorded())
    print(f"\nThe API is at {demo.base_url}, for a frontend at {demo.origin}.")
    print(f"The data is in {demo.folder} and stays there. Stop with Ctrl-C.\n")
    for name, titles in TASKS.items():
        user = demo.user(name)
        url = f"/api/{user.id}/tasks"
        listed = client.send("GET", url, token=user.token)
        if listed.json == [] and demo.fresh:
            for title in reversed(titles):
                _must(client.send("POST", url, token=user.token, json_body={"title": title}))
        variable = name.upper()
        print(f"# {name}, user id {user.id}, token good for 30 days:")
        print(f"{variable}={user.token}")
        print(f'curl -H "Authorization: Bearer ${variable}" {demo.base_url}{url}')
        print(
            f'curl -H "Authorization: Bearer ${variable}" -H "Content-Type: application/json" \\\n'
            f'     -d \'{{"title": "Try the API"}}\' {demo.base_url}{url}\n'
        )
    client.close()
    sys.stdout.flush()


def _must(answer: Answer) -> None:
    if answer.status != 201:
        raise TargetError(f"A demo task could not be made: {answer}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
