"""Each wall between two rooms, broken on purpose, is reported by the name of its contract."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PYPROJECT = ROOT / "pyproject.toml"
SETTINGS = tomllib.loads(PYPROJECT.read_text("utf-8"))["tool"]["importlinter"]
CONTRACTS = [contract["name"] for contract in SETTINGS["contracts"]]
BREAKS = {
    "The server knows neither harness nor tool": ("server/settings.py", "steps.errors"),
    "The tool knows neither server nor harness": ("traceability/report/junit.py", "steps.errors"),
    "The harness reaches the server over HTTP only": ("steps/http/client.py", "server.settings"),
    "Of the tool, the harness uses model, project, measure, evidence and cli": (
        "steps/run/plugin.py",
        "traceability.matrix.verdicts",
    ),
    "Rooms of the tool: each uses only lower ones": (
        "traceability/evidence/write.py",
        "traceability.matrix.verdicts",
    ),
    "Measuring uses nothing else of the tool": (
        "traceability/measure/probes.py",
        "traceability.model",
    ),
    "The command needs no pytest": ("traceability/project/config.py", "pytest"),
    "Rooms of the harness: each uses only lower ones": (
        "steps/target/tokens.py",
        "steps.scenario.phrases",
    ),
    "A target file is described without knowing a target": (
        "steps/target/description/placeholders.py",
        "steps.postgres.proxy",
    ),
    "Step definitions do not know one another": (
        "steps/definitions/cors.py",
        "steps.definitions.status_codes",
    ),
    "Reports show a matrix, and nothing of a run but what is in it": (
        "traceability/report/junit.py",
        "traceability.evidence.read",
    ),
    "The matrix measures nothing": ("traceability/matrix/gaps.py", "traceability.measure.probes"),
    "The evidence file knows nothing of its recording": (
        "traceability/evidence/write.py",
        "traceability.evidence.recording.not_run",
    ),
    "General Then steps do not know one another": (
        "steps/definitions/then/lists.py",
        "steps.definitions.then.tasks",
    ),
    "Steps about offers do not know one another": (
        "steps/definitions/offers/contract.py",
        "steps.definitions.offers.published_keys",
    ),
    "Steps about life cycles do not know one another": (
        "steps/definitions/lifecycle/deleted_users.py",
        "steps.definitions.lifecycle.server_starts",
    ),
    "Steps that inspect a server do not know one another": (
        "steps/definitions/inspection/server_log.py",
        "steps.definitions.inspection.source_scan",
    ),
    "The benchmark knows the server as a process": ("bench/load.py", "server.settings"),
    "Modules of the server: each uses only lower ones": ("server/errors.py", "server.routes"),
}
"""Name of a contract -> a file, and a module that the file must not import."""


def broken(folder: Path) -> list[str]:
    """Return the names of the contracts that `lint-imports` reports as broken in a folder."""
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo"],
        cwd=folder,
        env={"PATH": "", "COLUMNS": "200", "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    found = [name for name in CONTRACTS if f"{name} BROKEN" in done.stdout]
    assert done.returncode == bool(found), done.stdout + done.stderr
    assert all(f"{name} KEPT" in done.stdout for name in CONTRACTS if name not in found)
    return found


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of all packages that the contracts speak of."""
    folder = tmp_path_factory.mktemp("tree")
    for package in SETTINGS["root_packages"]:
        shutil.copytree(ROOT / package, folder / package)
    shutil.copy(PYPROJECT, folder)
    return folder


def test_every_wall_stands(tree: Path) -> None:
    assert broken(tree) == []


def test_every_contract_is_broken_once() -> None:
    assert sorted(BREAKS) == sorted(CONTRACTS)


@pytest.mark.parametrize("contract", BREAKS)
def test_a_broken_wall_is_reported_by_name(tree: Path, contract: str) -> None:
    path, module = BREAKS[contract]
    file = tree / path
    text = file.read_text("utf-8")
    file.write_text(f"{text}\nimport {module}\n", "utf-8")
    try:
        assert contract in broken(tree)
    finally:
        file.write_text(text, "utf-8")
