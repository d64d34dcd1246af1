"""Every job of the project, one command each. Works with uv where it is there, and without."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import nox

ROOT = Path(__file__).parent
PYPROJECT = nox.project.load_toml(ROOT / "pyproject.toml")
LOCK = ROOT / "uv.lock"
BROWSER_TESTS = ROOT / "tests" / "browser"
AXE = ROOT / "build" / "axe"

# Ctrl-C reaches the program itself, too: let it stop its servers and remove its files.
INTERRUPT_SECONDS = 30.0

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_venv = "yes"
nox.options.sessions = ["acceptance", "tests", "lint", "types"]


def install(session: nox.Session, *groups: str) -> None:
    """Install the project and dependency groups, in the versions of uv.lock, with uv or pip."""
    constraints = Path(session.create_tmp()) / "constraints.txt"
    # nox sets TMPDIR to this folder inside the project: a project that a test puts there would find
    # this pyproject.toml above it, and PostgreSQL's user may not have access.
    session.env.pop("TMPDIR", None)
    packages = tomllib.loads(LOCK.read_text("utf-8"))["package"]
    pins = [f"{p['name']}=={p['version']}" for p in packages if "registry" in p["source"]]
    constraints.write_text("\n".join(pins), "utf-8")
    requirements = nox.project.dependency_groups(PYPROJECT, *groups)
    session.install("-q", "-c", str(constraints), "-e", ".", *requirements)


def run_to_its_end(command: list[str], environment: dict[str, str]) -> int:
    """Run a command; after Ctrl-C, which reaches it too, wait until it has cleaned up."""
    with subprocess.Popen(command, env=environment) as process:
        while True:
            with contextlib.suppress(KeyboardInterrupt):
                return process.wait()


@nox.session
def acceptance(session: nox.Session) -> None:
    """Drive every requirement of the spec through the server, and write the matrix.

    Options: --target FILE, --database embedded|testcontainers|postgresql://…, --output DIR,
    --minutes N, --workers N (how many judge at the same time; by default one for each core),
    --strict (what differs from a clarification falls short; always so for the reference server)
    """
    install(session, "acceptance")
    command = [str(Path(session.bin) / "python"), "-m", "steps.acceptance", *session.posargs]
    session.log(f"python -m steps.acceptance {' '.join(session.posargs)}".rstrip())
    environment = {name: value for name, value in session.env.items() if value is not None}
    status = run_to_its_end(command, {**os.environ, **environment})
    # 1, not conformant, is a failed session; 2, not judged, must not be taken for it.
    if status > 1:
        sys.exit(status)
    if status:
        session.error("not conformant: what falls short is said above")


@nox.session
def judge(session: nox.Session) -> None:
    """Judge many servers, one after the other: targets/*.toml. Ends with a table and a comparison.

    Options: --jobs N (several at a time), --output DIR, --resume, --limit MINUTES; others go to
    each judging, such as --database or --anyway
    """
    install(session, "acceptance")
    command = [str(Path(session.bin) / "python"), "-m", "steps.run.series", *session.posargs]
    environment = {name: value for name, value in session.env.items() if value is not None}
    status = run_to_its_end(command, {**os.environ, **environment})
    if status > 1:
        sys.exit(status)
    if status:
        session.error("not all servers are conformant: the table above counts what falls short")


@nox.session
def compare(session: nox.Session) -> None:
    """Set the matrix.json of several judged servers side by side, as a page and in Markdown."""
    install(session)
    session.run("traceability", "compare", *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """Run the project's own tests, several at the same time.

    Options are pytest's: a folder, -m "not judging" (leaves out what is slow), -n 0 (one by one)
    """
    install(session, "tests")
    session.run(
        *("python", "-m", "pytest", "-n", "auto", *session.posargs),
        # They start hundreds of Pythons, which would compile everything anew.
        env={"PYTHONDONTWRITEBYTECODE": None},
        interrupt_timeout=INTERRUPT_SECONDS,
    )


@nox.session
def serve(session: nox.Session) -> None:
    """Serve the reference server on port 8000, with a database, demo users and their tokens."""
    install(session, "acceptance")
    session.run(
        "python", "-m", "steps.run.serve", *session.posargs, interrupt_timeout=INTERRUPT_SECONDS
    )


@nox.session
def fuzz(session: nox.Session) -> None:
    """Let schemathesis attack the running server, with a token and without."""
    install(session, "fuzz")
    session.run(
        "python", "-m", "steps.run.fuzz", *session.posargs, interrupt_timeout=INTERRUPT_SECONDS
    )


@nox.session
def browser(session: nox.Session) -> None:
    """Test the report in a real Chromium, and keep screenshots of it in build/browser."""
    install(session, "browser")
    if shutil.which("npm") is None:
        session.error("npm is missing: install it (apt-get install npm); axe-core comes from there")
    AXE.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(BROWSER_TESTS / name, AXE / name)
    with session.chdir(AXE):
        session.run("npm", "ci", "--silent", "--no-audit", "--no-fund", external=True)
    session.run("python", "-m", "pytest", str(BROWSER_TESTS), *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Measure server and tool beside baselines, into build/bench (a quarter of an hour).

    Options: --short (two minutes), --only PART, --full, --peers, --remember
    """
    install(session, "bench")
    session.run("python", "-m", "bench", *session.posargs, interrupt_timeout=INTERRUPT_SECONDS)


@nox.session
def endurance(session: nox.Session) -> None:
    """Break one thing after another under load, and compare answers and rows (three minutes).

    Options: --full (an hour), --only NAME…, --list, --output DIR, --clients N, --remember
    """
    install(session, "bench")
    session.run(
        "python", "-m", "steps.endurance", *session.posargs, interrupt_timeout=INTERRUPT_SECONDS
    )


@nox.session
def cuts(session: nox.Session) -> None:
    """Cut the exchange with PostgreSQL after every single byte, and count it (half an hour)."""
    install(session, "tests")
    shutil.rmtree(ROOT / "build" / "cuts", ignore_errors=True)
    tests = "tests/server/test_cut_connections.py"
    # Most of the time is waiting for what has fallen silent.
    command = ("python", "-m", "pytest", "-n", "8", tests, *session.posargs)
    session.run(*command, env={"EVERY_BYTE": "1"})
    session.run("python", "-m", "tests.server.cuts")


@nox.session
def broken(session: nox.Session) -> None:
    """Judge every broken foreign server, and see exactly its requirements turn red (an hour).

    Options: --resume (leave out what has passed since the last change), and those of pytest
    """
    install(session, "tests")
    command = ("python", "-m", "pytest", "-n", "auto", "tests/broken", "--all-broken")
    session.run(*command, *session.posargs, interrupt_timeout=INTERRUPT_SECONDS)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, formatting, and the imports between rooms."""
    install(session, "lint")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("lint-imports", "--no-cache", "--no-logo")


@nox.session
def audit(session: nox.Session) -> None:
    """Look up licences of all packages, and known vulnerabilities of the locked versions.

    Exit status 2 where nobody could be asked about vulnerabilities: "not run" is no pass.
    """
    install(session, "dev", "fuzz")
    session.run("python", ".ci/audit.py", "licences")
    # Not in uv.lock: an audit wants the newest, and what only audits is no part of the project.
    session.install("-q", "pip-audit>=2.10,<3")
    command = [str(Path(session.bin) / "python"), ".ci/audit.py", "vulnerabilities"]
    status = run_to_its_end(command, {**os.environ})
    if status > 1:
        sys.exit(status)
    if status:
        session.error("a locked version has a known vulnerability: it is named above")


@nox.session
def types(session: nox.Session) -> None:
    """Check types, strictly."""
    install(session, "types")
    session.run("mypy", "server", "steps", "traceability", "bench", "tests", "noxfile.py", ".ci")
