"""schemathesis against the running reference server, with a token and without."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from steps.target.demo import Demo
from steps.target.process import free_port

# The Allow header is judged by our own scenarios: schemathesis expects one that lists OPTIONS.
CHECKS = ["--checks", "all", "--exclude-checks", "allow_header_conformance"]


def main(arguments: list[str]) -> int:
    """Run all phases, stateful included; exit status 1 when anything is found."""
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        Path(folder).chmod(0o755)
        demo = Demo(Path(folder), free_port(), "http://localhost:3000")
        try:
            demo.open()
            token = ["--header", f"Authorization: Bearer {demo.user('Alice').token}"]
            runs = {"with a token": token, "without a token": []}
            failed = [name for name, header in runs.items() if not _run(demo, header, arguments)]
        finally:
            demo.close()
    print(f"Found something {' and '.join(failed)}." if failed else "Found nothing.")
    return 1 if failed else 0


def _run(demo: Demo, header: list[str], arguments: list[str]) -> bool:
    command = [sys.executable, "-m", "schemathesis.cli", "run", f"{demo.base_url}/openapi.json"]
    return subprocess.run([*command, *CHECKS, *header, *arguments], check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
