"""Keys of target files for a server that is started: interpreter, port, keys, deviations."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from steps.process.ports import free_port
from tests.steps.run.judge import FOREIGN, ROOT, judged

pytestmark = pytest.mark.judging

REFERENCE = (ROOT / "targets" / "reference.toml").read_text("utf-8")
SELECTION = ["-m", "US4-AS1 or US5-AS1 or OS-09"]


def foreign(changes: str = "", *, fault: str = "", env: str = "") -> str:
    """Return the foreign server's target file; `changes` are lines for its table `server`."""
    text = FOREIGN.replace("[server]\n", f"[server]\n{changes}\n")
    return text.replace("env]\n", f'env]\nBREAK = "{fault}"\n{env}')


# The interpreter of the server, and measured lines


@pytest.fixture(scope="module")
def own_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a virtual environment with the packages of the tests except coverage."""
    folder = tmp_path_factory.mktemp("server") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    packages = next(folder.glob("lib/python*/site-packages"))
    test_packages = next(Path(sys.prefix).glob("lib/python*/site-packages"))
    for package in test_packages.iterdir():
        if not package.name.lower().startswith(
            ("coverage", "a1_coverage", "__editable__", "_virt")
        ):
            (packages / package.name).symlink_to(package)
    return folder / "bin" / "python"


def test_lines_are_measured_in_the_servers_interpreter_without_an_installation(
    own_python: Path, tmp_path: Path
) -> None:
    before = sorted(own_python.parents[1].rglob("*coverage*"))
    judgement = judged(foreign(f'python = "{own_python}"'), tmp_path, *SELECTION)
    assert judgement.reasons("failed") == set()
    assert judgement.matrix["environment"]["lines measured"] == "yes"
    assert sorted(own_python.parents[1].rglob("*coverage*")) == before


def test_measured_code_without_claims_is_sorted_by_specificity(tmp_path: Path) -> None:
    judgement = judged(foreign(), tmp_path, "-m", "FR-006 or FR-011")
    code = {one["id"]: one["code"] for one in judgement.matrix["requirements"]}
    toggle = code["FR-011"]
    assert toggle
    assert not any(place["claimed"] for place in toggle)
    assert all(place["measured"] for place in toggle)
    assert [place["specificity"] for place in toggle] == sorted(
        (place["specificity"] for place in toggle), reverse=True
    )
    assert "Store.toggle" in {place["symbol"] for place in toggle}
    assert "Store.toggle" not in {place["symbol"] for place in code["FR-006"]}
    assert judgement.matrix["findings"] == [
        one for one in judgement.matrix["findings"] if one["kind"] == "skipped-scenario"
    ]  # scenarios that were not selected are findings; code without claims is none


def test_a_server_started_by_a_shell_script_is_judged_and_not_measured(tmp_path: Path) -> None:
    (tmp_path / "start.sh").write_text('#!/bin/sh\nexec "$PYTHON" -m todo_api\n', "utf-8")
    (tmp_path / "start.sh").chmod(0o755)
    text = foreign(env=f'PYTHON = "{sys.executable}"\n')
    text = text.replace('["{python}", "-m", "todo_api"]', f'["{tmp_path}/start.sh"]', 1)
    judgement = judged(text, tmp_path, *SELECTION)
    assert judgement.reasons("failed") == set()
    measured = judgement.matrix["environment"]["lines measured"]
    assert measured == "no: start.sh runs no module and no script of Python that can be measured"
    page = (judgement.folder / "index.html").read_text("utf-8")
    assert "runs no module and no script of Python" in page


def test_measuring_can_be_switched_off(tmp_path: Path) -> None:
    judgement = judged(foreign("measure = false"), tmp_path, *SELECTION)
    assert judgement.reasons("failed") == set()
    measured = judgement.matrix["environment"]["lines measured"]
    assert measured == "no: the target file switches measuring off"


# A fixed port


def test_a_server_with_a_fixed_port_is_judged_and_restarted_there(tmp_path: Path) -> None:
    text = foreign(f"port = {free_port()}").replace("TODO_PORT", "UNREAD")
    text = text.replace('["{python}", "-m", "todo_api"]', '["{python}", "fixed.py"]', 1)
    port = text.split("port = ")[1].split("\n")[0]
    script = (
        "import os, runpy, sys\n"
        f"sys.path.insert(0, {str(ROOT / 'tests' / 'broken')!r})\n"
        f"os.environ['TODO_PORT'] = '{port}'\n"
        "runpy.run_module('todo_api', run_name='__main__')\n"
    )
    (tmp_path / "fixed.py").write_text(script, "utf-8")
    text = text.replace("fixed.py", str(tmp_path / "fixed.py"))
    judgement = judged(text, tmp_path, "-m", "SR-006 or C-008 or SC-007")
    assert judgement.reasons("failed") == set()
    assert "target cannot be told which port to listen on" in judgement.reasons("not run")
    assert judgement.verdicts["SR-006"] == "verified"


# Keys


@pytest.mark.parametrize("algorithm", ["EdDSA", "ES256", "RS256"])
def test_tokens_signed_with_a_key_of_a_published_set(algorithm: str, tmp_path: Path) -> None:
    text = REFERENCE.replace('folder = ".."', f'folder = "{ROOT}"')
    text = text.replace(
        'JWT_SECRET = "{jwt_secret}"',
        f'JWT_ALGORITHM = "{algorithm}"\nJWKS_URL = "{{jwks_url}}"\nJWT_ISSUER = "{{issuer}}"',
        1,
    )
    text = text.partition("[offers]")[0]
    text += f'[tokens]\nalgorithm = "{algorithm}"\nclaims = {{ iss = "{{issuer}}" }}\n'
    judgement = judged(text, tmp_path, "-m", "FR-002 or SR-006 or US1-AS1")
    assert judgement.reasons("failed") == set()
    assert (
        "target cannot be told another JWT secret: a server with published keys has no secret"
        in judgement.reasons("not run")
    )
    assert judgement.verdicts["US1-AS1"] == "verified"


def test_an_invalid_private_key_is_named(tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_text("no key", "utf-8")
    text = '[server]\nurl = "http://127.0.0.1:1"\n'
    text += '[tokens]\nalgorithm = "ES256"\nprivate_key = "key.pem"\n'
    judgement = judged(text, tmp_path)
    assert judgement.status == 2
    assert "[tokens] private_key: not a private key for ES256 in PEM" in judgement.output


# Known deviations


def deviation(requirement: str, *scenarios: str) -> str:
    listed = ", ".join(f'"{name}"' for name in scenarios)
    entry = f'[[deviations]]\nrequirement = "{requirement}"\nreason = "next release"\n'
    return entry + (f"scenarios = [{listed}]\n" if scenarios else "")


def judge_with_deviations(folder: Path, *deviations: str) -> tuple[int, str, dict[str, str]]:
    """Judge the foreign server with the fault that deletions answer 200; measure no lines.

    Return exit status, output, and messages of findings by kind.
    """
    text = "\n".join([foreign("measure = false", fault="deleted-200"), *deviations])
    judgement = judged(text, folder)
    findings = {one["kind"]: one["message"] for one in judgement.matrix["findings"]}
    return judgement.status, judgement.output, findings


def test_known_deviations_do_not_fail_the_run_and_are_reported_as_not_conformant(
    tmp_path: Path,
) -> None:
    known = [deviation(one) for one in ("US3-AS2", "FR-018", "SC-006")]
    status, output, findings = judge_with_deviations(tmp_path, *known)
    assert (status, findings) == (0, {}), output
    assert "Accepted, not conformant: " in output
    assert "3 known deviations" in output
    assert "FR-018 known deviation (next release): " in output


def test_an_expired_deviation_fails_the_run(tmp_path: Path) -> None:
    text = foreign("measure = false") + deviation("US4-AS1")
    judgement = judged(text, tmp_path, *SELECTION)
    findings = {one["kind"]: one["message"] for one in judgement.matrix["findings"]}
    assert judgement.status == 2  # a selection gives no verdict
    assert not judgement.matrix["acceptable"]
    assert findings["expired-deviation"] == (
        "US4-AS1 is listed as a known deviation (next release) and deviates no longer: "
        "take it off the list"
    )


def test_a_deviation_of_one_scenario_does_not_cover_another(tmp_path: Path) -> None:
    other = "A deleted task cannot be read"
    text = foreign("measure = false", fault="deleted-200") + deviation("US3-AS2", other)
    judgement = judged(text, tmp_path, "-m", "US3-AS2")
    findings = {one["message"] for one in judgement.matrix["findings"]}
    assert judgement.status == 2  # a selection gives no verdict
    assert not judgement.matrix["acceptable"]
    assert f"{other!r} is listed as a known deviation of US3-AS2 and passes" in findings
    row = next(one for one in judgement.matrix["requirements"] if one["id"] == "US3-AS2")
    assert (row["verdict"], row["deviation"]) == ("failed", "")
