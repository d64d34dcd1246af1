"""Every job of the project, one command each. Works with uv where it is there, and without."""

from __future__ import annotations

import tomllib
from pathlib import Path

import nox

ROOT = Path(__file__).parent
PYPROJECT = nox.project.load_toml(ROOT / "pyproject.toml")
LOCK = ROOT / "uv.lock"

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_venv = "yes"
nox.options.sessions = ["acceptance", "tests", "lint", "types"]


def install(session: nox.Session, *groups: str) -> None:
    """Install the project and dependency groups, in the versions of uv.lock, with uv or pip."""
    constraints = Path(session.create_tmp()) / "constraints.txt"
    packages = tomllib.loads(LOCK.read_text("utf-8"))["package"]
    pins = [f"{p['name']}=={p['version']}" for p in packages if "registry" in p["source"]]
    constraints.write_text("\n".join(pins), "utf-8")
    requirements = nox.project.dependency_groups(PYPROJECT, *groups)
    session.install("-q", "-c", str(constraints), "-e", ".", *requirements)


@nox.session
def acceptance(session: nox.Session) -> None:
    """Drive every requirement of the spec through the server, and write the matrix.

    Options: --target FILE, --database embedded|testcontainers|postgresql://…
    """
    install(session, "acceptance")
    session.run("python", "-m", "steps.acceptance", *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """Run the project's own tests."""
    install(session, "tests")
    session.run("python", "-m", "pytest", *session.posargs)


@nox.session
def serve(session: nox.Session) -> None:
    """Serve the reference server on port 8000, with a database, demo users and their tokens."""
    install(session, "acceptance")
    session.run("python", "-m", "steps.serve", *session.posargs)


@nox.session
def fuzz(session: nox.Session) -> None:
    """Let schemathesis attack the running server, with a token and without."""
    install(session, "fuzz")
    session.run("python", "-m", "steps.fuzz", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and formatting."""
    install(session, "lint")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Check types, strictly."""
    install(session, "types")
    session.run("mypy", "server", "steps", "traceability", "tests", "noxfile.py")
