"""The committed contract is the one that the server has."""

import json
from pathlib import Path

import pytest

from server import contract
from tests.server.databases import ROOT

COMMITTED = ROOT / "specs/002-backend-api-db/contracts/openapi.json"


def test_the_committed_contract_is_current() -> None:
    assert contract.main(["--check", str(COMMITTED)]) == 0


def test_drift_says_what_changed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = tmp_path / "openapi.json"
    old.write_text(COMMITTED.read_text().replace('"listTasks"', '"getTasks"', 1))
    assert contract.main(["--check", str(old)]) == 1
    said = capsys.readouterr().err
    assert '"operationId": "getTasks"' in said
    assert '"operationId": "listTasks"' in said
    assert "python -m server.contract >" in said


def test_it_can_be_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert contract.main([]) == 0
    assert json.loads(capsys.readouterr().out) == json.loads(COMMITTED.read_text())


def test_every_error_has_the_one_shape() -> None:
    for path in contract.document()["paths"].values():
        for operation in path.values():
            assert {"401", "403", "500"} < set(operation["responses"])
            for status, response in operation["responses"].items():
                if status >= "400":
                    example = response["content"]["application/json"]["example"]
                    assert example["status_code"] == int(status)
                    assert ("errors" in example) == (status == "422")
