"""Run schemathesis against the reference server, with a token and without.

All options go to schemathesis: `--seed 7` makes it try other requests than the default seed does.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from steps.errors import TargetError
from steps.postgres.data_folder import temporary_folder
from steps.process.child import end_with_parent
from steps.process.ports import free_port
from steps.process.server_process import environment
from steps.surroundings import print_anywhere
from steps.target.demo import Demo
from steps.target.user_accounts import User

# Scenarios judge the Allow header: schemathesis expects it to list OPTIONS.
CHECKS = ["--checks", "all", "--exclude-checks", "allow_header_conformance"]
# The same requests each time, so that a new failure comes from a change of the server, and few
# enough for a minute.
LIMITS = ["--seed", "1", "--max-examples", "40"]


def main(arguments: list[str]) -> int:
    """Run all phases of schemathesis, the stateful one included.

    Exit status: 0 it found no failure, 1 it found one, 2 it could not run.
    """
    end_with_parent()
    print_anywhere()
    with temporary_folder() as folder:
        demo = Demo(folder, free_port(), "http://localhost:3000")
        try:
            demo.open()
            found = _run_schemathesis(demo, folder, arguments)
        except TargetError as error:
            print(error, file=sys.stderr)
            return 2
        except KeyboardInterrupt:
            print("\nStopped.", file=sys.stderr)
            return 2
        finally:
            demo.close()
    print("\n".join(found) if found else "Found nothing, with a token and without.")
    return 1 if found else 0


def _run_schemathesis(demo: Demo, folder: Path, arguments: list[str]) -> list[str]:
    """Return a sentence for each run of schemathesis that found a failure."""
    user = demo.user("Alice")
    # With a generated user id, every answer would be 403.
    config = folder / "schemathesis.toml"
    config.write_text(f'[parameters]\n"path.user_id" = "{user.id}"\n', "utf-8")
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(config), "run"]
    command += [f"{demo.base_url}/openapi.json", *CHECKS, *LIMITS]
    runs = {
        "with a token": ["--header", f"Authorization: Bearer {user.token}"],
        "without a token": ["--warnings", "off"],  # each answer is 401, as it should be
    }
    found = []
    for name, options in runs.items():
        print(f"\nschemathesis {name}:", flush=True)
        words = [*command, *options, *arguments]
        # Proxies and hooks of schemathesis that the shell names are meant for other servers.
        if subprocess.run(words, env=environment({}), check=False).returncode != 0:
            found.append(f"Found something {name}: see above.")
    if not _has_tasks(demo, user):
        found.append("Reached nothing: no task was ever created.")
    return found


def _has_tasks(demo: Demo, user: User) -> bool:
    """Return whether the user has tasks: schemathesis that sees only errors creates none."""
    client = demo.client()
    answer = client.send("GET", f"/api/{user.id}/tasks", token=user.token)
    client.close()
    return bool(answer.json)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
