"""A run of pytest-bdd becomes evidence, and the evidence is read back."""

from __future__ import annotations

import secrets

import pytest

from tests.traceability.evidence.projects import BREAD_ID, CAKE_ID, SALT_ID, STEPS, Project
from traceability.evidence.recording.progress import FAILURES_SHOWN
from traceability.model import Result

BUY_STEP = "def buy(bill, what):\n    bill.append(what)\n"


def test_passing_run_is_recorded(project: Project) -> None:
    run = project.run()
    assert run.status == 0, run.output
    assert set(run.evidence.scenarios) == {CAKE_ID, BREAD_ID, SALT_ID}
    assert run.evidence.findings == ()
    plain = run.scenario()
    assert (plain.result, plain.reason) == (Result.PASSED, "")
    assert [(step.keyword, step.text, step.line, step.result) for step in plain.steps] == [
        ("Given", "a shop", 5, Result.PASSED),
        ("When", 'somebody buys "cake"', 6, Result.PASSED),
        ("When", 'somebody buys "pie"', 7, Result.PASSED),
        ("Then", "the bill has 2 lines", 8, Result.PASSED),
    ]
    assert run.scenario(SALT_ID).steps[1].text == 'somebody buys "salt"'


def test_progress_is_one_line_a_feature(project: Project) -> None:
    output = project.run().output
    assert "[1/3] features/shop.feature\n" in output
    assert output.count("features/shop.feature") == 1
    assert "..." not in output
    # The folder of the project is as long as it is.
    shown = output.replace(str(project.folder), ".")
    assert all(len(line) <= 80 for line in shown.splitlines())


def test_failure_keeps_its_message_and_the_steps_that_did_not_run(project: Project) -> None:
    project.replace("conftest.py", BUY_STEP, BUY_STEP + "    assert what != 'cake', 'no cake'\n")
    run = project.run()
    assert run.status == 1
    evidence = run.scenario()
    assert evidence.result is Result.FAILED
    assert evidence.reason.startswith("no cake")
    results = [step.result for step in evidence.steps]
    assert results == [Result.PASSED, Result.FAILED, Result.NOT_RUN, Result.NOT_RUN]
    assert evidence.steps[1].message.startswith("no cake")
    assert f"FAILED {CAKE_ID} Buy cake" in run.output
    assert run.scenario(SALT_ID).result is Result.PASSED


def test_the_first_failures_are_named_while_others_run(project: Project) -> None:
    feature = project.folder / "features" / "shop.feature"
    more = "".join(
        f"\n  @FR-001\n  Scenario: Buy cake number {number}\n"
        '    Given a shop\n    When somebody buys "cake"\n'
        for number in range(FAILURES_SHOWN + 5)
    )
    feature.write_text(feature.read_text("utf-8") + more, "utf-8")
    project.replace("conftest.py", BUY_STEP, BUY_STEP + "    assert what != 'cake', 'no cake'\n")
    run = project.run()
    assert run.status == 1
    progress = run.output.partition(" failed")[0]
    assert progress.count("FAILED features/shop.feature") == FAILURES_SHOWN
    assert progress.count("More fail: what falls short is said at the end.") == 1


def test_error_that_is_no_assertion_names_its_type(project: Project) -> None:
    project.replace("conftest.py", BUY_STEP, BUY_STEP + "    {}['till']\n")
    assert project.run().scenario().reason == "KeyError: 'till'"


@pytest.mark.parametrize("where", ["before", "after"])
def test_fixture_that_breaks_fails_the_scenario(project: Project, where: str) -> None:
    parts = ["    raise OSError('oven')\n", "    yield\n"]
    body = "".join(parts if where == "before" else reversed(parts))
    project.append(
        "conftest.py",
        f"\nimport pytest\n\n@pytest.fixture(autouse=True)\ndef oven():\n{body}    return\n",
    )
    run = project.run()
    assert run.status == 1
    phase = "setup" if where == "before" else "teardown"
    assert (run.scenario().result, run.scenario().reason) == (
        Result.FAILED,
        f"{phase}: OSError: oven",
    )
    assert len(run.scenario().steps) == 4


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("recorder.not_run('target cannot bake')", "target cannot bake"),
        ("pytest.skip('closed')", "skipped: closed"),
        ("pytest.xfail('known')", "skipped: expected to fail: known"),
    ],
)
def test_scenario_that_does_not_run_says_why(project: Project, statement: str, reason: str) -> None:
    project.replace("conftest.py", BUY_STEP, f"def buy(bill, what, recorder):\n    {statement}\n")
    project.append("conftest.py", "\nimport pytest\n")
    evidence = project.run().scenario()
    assert (evidence.result, evidence.reason) == (Result.NOT_RUN, reason.replace("reason: ", ""))
    assert [step.result for step in evidence.steps] == [Result.PASSED] + [Result.NOT_RUN] * 3


def test_expected_failure_that_passes_fails(project: Project) -> None:
    project.append(
        "conftest.py",
        "\nimport pytest\n\ndef pytest_collection_modifyitems(items):\n"
        "    items[0].add_marker(pytest.mark.xfail(reason='known'))\n",
    )
    results = [one.result for one in project.run().evidence.scenarios.values()]
    assert sorted(results) == ["failed", "passed", "passed"]


def test_deselected_scenario_is_not_run(project: Project) -> None:
    run = project.run("-k", "cake")
    assert run.status == 0
    assert run.scenario(BREAD_ID).result is Result.NOT_RUN
    assert run.scenario(BREAD_ID).reason == "skipped: deselected"
    assert "[1/1]" in run.output
    assert run.evidence.findings == ()


def test_scenarios_after_a_stop_are_not_run(project: Project) -> None:
    project.replace("conftest.py", BUY_STEP, BUY_STEP + "    assert 0\n")
    run = project.run("-x")
    reasons = {one.reason for one in run.evidence.scenarios.values()}
    assert "skipped: the run stopped before it" in reasons
    assert len(run.evidence.scenarios) == 3


def test_exchanges_and_measurements_belong_to_their_step(project: Project) -> None:
    project.replace(
        "conftest.py",
        BUY_STEP,
        "def buy(bill, what, recorder):\n    bill.append(what)\n"
        "    recorder.exchange(method='POST', path='/' + what, request_headers={'A': 'b'},\n"
        "        request_body=b'\\xff', status=201, response_headers=[('c', 'd'), ('c', 'e')],\n"
        "        response_body='ok', seconds=0.5)\n"
        "    recorder.measure('purchase', 1.5, 's', limit=3, samples=[1, 1.5], detail='plan')\n"
        "    recorder.environment(target='shop', python=[3, 13])\n",
    )
    run = project.run()
    evidence = run.scenario()
    assert [(one.step, one.path) for one in evidence.exchanges] == [(1, "/cake"), (2, "/pie")]
    exchange = evidence.exchanges[0]
    assert exchange.request_body == "\\xff"
    assert exchange.response_headers == (("c", "d"), ("c", "e"))
    assert (exchange.status, exchange.seconds) == (201, 0.5)
    figure = evidence.measurements[1]
    assert (figure.step, figure.name, figure.value, figure.limit) == (2, "purchase", 1.5, 3)
    assert (figure.samples, figure.detail) == ((1, 1.5), "plan")
    assert run.evidence.environment["target"] == "shop"


def test_no_token_and_no_secret_in_the_file(project: Project) -> None:
    secret = secrets.token_hex(16)
    project.replace(
        "conftest.py",
        BUY_STEP,
        "def buy(bill, what, recorder):\n"
        "    import base64\n"
        "    def part(text): return base64.urlsafe_b64encode(text).decode().rstrip('=')\n"
        f"    secret = '{secret}'\n"
        '    token = \'.\'.join([part(b\'{"alg":"HS256"}\'), part(b\'{"sub":"u1"}\'),\n'
        "        part(secret.encode())])\n"
        "    recorder.redact(secret)\n"
        "    recorder.environment(oops=[token, {'k': secret}])\n"
        "    recorder.exchange(method='GET', path='/?t=' + token, request_body=token,\n"
        "        request_headers={'Authorization': 'Bearer ' + token}, error=secret)\n"
        "    assert not token, f'refused {token} and {secret}'\n",
    )
    run = project.run()
    text = run.file.read_text(encoding="utf-8")
    assert "refused ‹token alg=HS256 sub=u1› and ‹secret›" in run.scenario().reason
    header = run.scenario().exchanges[0].request_headers[0]
    assert header == ("Authorization", "Bearer ‹token alg=HS256 sub=u1›")
    assert secret not in text
    assert "eyJ" not in text
    assert run.evidence.environment["oops"] == ["‹token alg=HS256 sub=u1›", {"k": "‹secret›"}]


def test_recorder_accepts_every_call_without_the_option(project: Project) -> None:
    project.append("pyproject.toml", "[tool.pytest.ini_options]\nfilterwarnings = ['error']\n")
    project.replace(
        "conftest.py",
        BUY_STEP,
        "def buy(bill, what, recorder):\n    bill.append(what)\n"
        "    recorder.exchange(method='GET', path='/')\n    recorder.measure('m', 1, 's')\n"
        "    recorder.environment(a=1)\n    recorder.unmeasured('why')\n",
    )
    run = project.run(file=None)
    assert run.status == 0, run.output


SERVER_SOURCE = """
import http.server


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(sell(self.path))

    def log_message(self, *args):
        pass


def sell(path):
    if path == "/cake":
        return b"cake"
    if path == "/pie":
        return b"pie"
    return b"open"


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
"""
CAKE_LINE, PIE_LINE, OPEN_LINE = 17, 19, 20

MEASURED_STEPS = """
import os
import subprocess
import sys
import urllib.request

import pytest
from traceability.measure.control_socket import ControlSocket


@pytest.fixture(scope="session")
def shop_url(recorder):
    control = ControlSocket()
    recorder.measuring(control)
    process = subprocess.Popen(
        [*control.launcher_command(sources=["app"], root="."), "-m", "app.shop"],
        env={**os.environ, **control.environment()}, stdout=subprocess.PIPE, text=True)
    yield "http://127.0.0.1:" + process.stdout.readline().strip()
    process.kill()
    process.communicate()
    control.close()


def get(url):
    urllib.request.urlopen(url).read()
"""


def test_only_lines_of_when_steps_are_recorded(project: Project) -> None:
    project.write("app/shop.py", SERVER_SOURCE)
    steps = STEPS.replace("def shop():\n", "def shop(shop_url):\n    get(shop_url + '/')\n")
    steps = steps.replace(
        "def buy(bill, what):\n", "def buy(bill, what, shop_url):\n    get(shop_url + '/' + what)\n"
    )
    project.write("conftest.py", steps + MEASURED_STEPS)
    run = project.run()
    assert run.status == 0, run.output
    given, first, second, then = run.scenario().steps
    assert given.lines == then.lines == {}
    assert CAKE_LINE in first.lines["app/shop.py"]
    assert not {PIE_LINE, OPEN_LINE} & first.lines["app/shop.py"]
    assert PIE_LINE in second.lines["app/shop.py"]
    assert not {CAKE_LINE, OPEN_LINE} & second.lines["app/shop.py"]
    assert set(run.evidence.sources) == {"app/shop.py"}
    assert run.evidence.unmeasured == ""


def test_lines_of_a_step_that_fails_are_kept_and_do_not_leak(project: Project) -> None:
    project.write("app/shop.py", SERVER_SOURCE)
    steps = STEPS.replace(
        "def buy(bill, what):\n",
        "def buy(bill, what, shop_url):\n    get(shop_url + '/' + what)\n"
        "    assert what != 'cake'\n    if what == 'bread': pytest.skip('none')\n",
    )
    project.write("conftest.py", steps + MEASURED_STEPS)
    run = project.run()
    assert CAKE_LINE in run.scenario().steps[1].lines["app/shop.py"]
    assert OPEN_LINE in run.scenario(BREAD_ID).steps[1].lines["app/shop.py"]  # skipped in the step
    assert CAKE_LINE not in run.scenario(SALT_ID).steps[1].lines["app/shop.py"]
    assert OPEN_LINE in run.scenario(SALT_ID).steps[1].lines["app/shop.py"]


def test_run_without_measured_lines_says_why(project: Project) -> None:
    project.replace(
        "conftest.py",
        BUY_STEP,
        BUY_STEP.replace("what)", "what, recorder)", 1)
        + "    recorder.unmeasured('the target is not a Python server')\n",
    )
    assert project.run().evidence.unmeasured == "the target is not a Python server"


def test_run_without_a_control_says_why_no_line_is_measured(project: Project) -> None:
    assert project.run().evidence.unmeasured


REPORT_AS_PASSED = """
import pytest

@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item, call):
    report = yield
    report.outcome = "passed"
    return report
"""
RUN_AGAIN = """
import pytest
from _pytest.runner import runtestprotocol

attempts = []

@pytest.fixture(autouse=True)
def attempt():
    attempts.append(1)

def pytest_runtest_protocol(item, nextitem):
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    reports = runtestprotocol(item, nextitem=nextitem, log=False)
    if any(report.failed for report in reports):
        item._initrequest()
        reports = runtestprotocol(item, nextitem=nextitem, log=False)
    for report in reports:
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True
"""


def test_a_plugin_that_reports_failures_as_passed_turns_none_green(project: Project) -> None:
    project.replace("conftest.py", BUY_STEP, BUY_STEP + "    assert 0, 'no cake'\n")
    project.append("conftest.py", REPORT_AS_PASSED)
    run = project.run()
    assert run.status == 0, run.output
    assert run.scenario().result is Result.FAILED
    assert "no cake" in run.scenario().reason


def test_a_plugin_that_runs_failures_again_turns_none_green(project: Project) -> None:
    project.replace(
        "conftest.py", BUY_STEP, BUY_STEP + "    assert len(attempts) > 1, 'not at first'\n"
    )
    project.append("conftest.py", RUN_AGAIN)
    run = project.run("-k", "cake")
    assert run.status == 0, run.output
    assert run.scenario().result is Result.FAILED
    assert "not at first" in run.scenario().reason


def test_a_scenario_whose_steps_are_not_run_does_not_pass(project: Project) -> None:
    run = project.run("--setup-only")
    assert {one.result for one in run.evidence.scenarios.values()} == {Result.NOT_RUN}
    assert run.scenario().reason.startswith("skipped: no run of the step ")


def test_asserts_that_are_switched_off_are_refused(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONOPTIMIZE", "1")
    run = project.run()
    assert run.status == pytest.ExitCode.USAGE_ERROR
    assert "Steps assert: run without PYTHONOPTIMIZE and python -O." in run.output
