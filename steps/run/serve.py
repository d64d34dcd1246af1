"""The reference server for frontend work: a database that stays, demo users, tokens to paste."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path

from steps.errors import TargetError
from steps.http.answer import Answer
from steps.postgres.data_folder import accessible_to_all_users
from steps.process.child import end_with_parent
from steps.process.ports import port_in_use
from steps.surroundings import print_anywhere
from steps.target.demo import Demo

ROOT = Path(__file__).parents[2]
TASKS = {
    "Alice": ["Buy milk", "Call the plumber", "Read the spec"],
    "Bob": ["Water the plants", "Sell bread"],
}


def main(arguments: list[str]) -> int:
    """Serve until Ctrl-C or SIGTERM; return the exit status: 2 when it could not serve."""
    end_with_parent()
    print_anywhere()
    parser = argparse.ArgumentParser(prog="nox -s serve --", description=__doc__)
    # argparse applies `type` to a default that is a string, too.
    parser.add_argument("--port", type=tcp_port, default=os.environ.get("PORT", "8000"))
    parser.add_argument("--origin", default="http://localhost:3000", help="of the frontend")
    options = parser.parse_args(arguments)
    if port_in_use(options.port):
        print(
            f"Port {options.port} is taken: stop what listens there, or choose another one with "
            "nox -s serve -- --port 8001.",
            file=sys.stderr,
        )
        return 2
    print("Starting PostgreSQL and the server …", flush=True)
    demo = Demo(data_folder(), options.port, options.origin)
    try:
        demo.open()
        show_demo_users(demo)
        demo.wait()
    except TargetError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nStopped. The data stays for the next time.")
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        demo.close()
    return 0


def tcp_port(text: str) -> int:
    """Return the TCP port that an argument names. Raises `ArgumentTypeError`."""
    number = int(text) if text.isascii() and text.isdigit() else 0
    if not 1 <= number <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: give a number from 1 to 65535")
    return number


def data_folder() -> Path:
    """Return the folder of the data: in the project, unless PostgreSQL's user cannot enter it."""
    if os.geteuid() == 0 and not accessible_to_all_users(ROOT):
        name = ROOT.as_posix().strip("/").replace("/", "-")
        return Path("/var/lib/spec-traceable-harness") / name
    return ROOT / "var" / "serve"


def show_demo_users(demo: Demo) -> None:
    """Print a token and commands for each demo user; on the first start, make users and tasks."""
    client = demo.client()
    shown_folder = (
        demo.folder.relative_to(ROOT) if demo.folder.is_relative_to(ROOT) else demo.folder
    )
    print(f"\nThe API is at {demo.base_url}\nfor a frontend at {demo.origin}")
    print(f"The data stays in {shown_folder}. Stop with Ctrl-C.\n")
    for name, titles in TASKS.items():
        user = demo.user(name)
        path = f"/api/{user.id}/tasks"
        listed = client.send("GET", path, token=user.token)
        if listed.json == [] and demo.fresh:
            for title in reversed(titles):
                _check_created(
                    client.send("POST", path, token=user.token, json_body={"title": title})
                )
        variable = name.upper()
        url = f"{demo.base_url}{path}"
        bearer = f'-H "Authorization: Bearer ${variable}"'
        print(f"# {name}: user id, and a token that is good for 30 days")
        print(f"{variable}_ID={user.id}")
        print(f"{variable}={user.token}")
        print(f"curl {bearer} \\\n     {url}")
        print(f'curl {bearer} -H "Content-Type: application/json" \\')
        print(f'     -d \'{{"title": "Try the API"}}\' \\\n     {url}\n')
    client.close()
    sys.stdout.flush()


def _check_created(answer: Answer) -> None:
    if answer.status != 201:
        raise TargetError(f"A demo task could not be made: {answer}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
