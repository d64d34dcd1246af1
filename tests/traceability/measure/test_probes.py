"""The probes report the lines that run, and do not change how a program behaves."""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import subprocess
import sys
import threading
import types
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any

import pytest

from traceability.measure import probes
from traceability.measure.control_socket import ControlSocket
from traceability.measure.probes import Probes
from traceability.project.source import read_sources, statement_first_lines

SAMPLE = Path(__file__).with_name("every_statement.txt")
"""A program with every kind of statement. A text file, because linters would reject it."""
RUN_SAMPLE = """
import json, sys, types
module = types.ModuleType("every_statement")
module.__file__ = file = sys.argv[1]
{start}
exec(code, vars(module))
{stop}
print(json.dumps(sorted(lines)), file=sys.stderr)
"""
BY_COVERAGE = RUN_SAMPLE.format(
    start="""
import coverage
tracer = coverage.Coverage(data_file=None, config_file=False, include=[file])
tracer.set_option("run:core", "ctrace")
code = compile(open(file, "rb").read(), file, "exec", dont_inherit=True)
tracer.start()
""",
    stop="tracer.stop(); lines = tracer.get_data().lines(file)",
)
BY_PROBES = RUN_SAMPLE.format(
    start="""
from pathlib import Path
from traceability.measure.probes import Probes
folder = str(Path(file).parent)
tracer = Probes([folder], folder)
tracer.install()
code = tracer.compile_module(open(file, "rb").read(), file)
""",
    stop='lines = tracer.take_lines()["every_statement.py"]',
)


def lines_and_output(program: str, file: Path) -> tuple[set[int], str]:
    """Return the statement lines of the sample that ran, and the output of the sample."""
    completed = subprocess.run(
        [sys.executable, "-c", program, str(file)], capture_output=True, text=True, check=True
    )
    (source,), _ = read_sources([file.name], file.parent)
    first_lines = statement_first_lines(source)
    lines = {first_lines.get(line, line) for line in json.loads(completed.stderr.splitlines()[-1])}
    return lines & source.executable, completed.stdout


def test_probes_report_the_lines_that_coverage_reports(tmp_path: Path) -> None:
    file = tmp_path / "every_statement.py"
    file.write_bytes(SAMPLE.read_bytes())
    expected, expected_output = lines_and_output(BY_COVERAGE, file)
    seen, output = lines_and_output(BY_PROBES, file)
    assert sorted(seen) == sorted(expected)
    assert output == expected_output
    (source,), _ = read_sources([file.name], tmp_path)
    assert 0 < len(seen) < len(source.executable)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to import from; the import hook of the probes is removed after the test."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(probes, "PROBE_FUNCTION", "__ran_in_a_test__")
    monkeypatch.setattr(SourceFileLoader, "get_code", SourceFileLoader.get_code)
    return tmp_path


def install_probes(folder: Path) -> Probes:
    installed_probes = Probes([str(folder / "app")], str(folder))
    installed_probes.install()
    return installed_probes


def test_only_modules_below_the_folders_have_probes(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "app").mkdir()
    (folder / "app" / "__init__.py").write_text("")
    (folder / "app" / "part.py").write_text("HERE = 1\n")
    (folder / "apparel.py").write_text("HERE = 1\n")
    installed_probes = install_probes(folder)
    for name in ("apparel", "app.part", "app"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    __import__("apparel")
    __import__("app.part")
    assert installed_probes.take_lines() == {"app/part.py": [1]}
    assert installed_probes.take_lines() == {}


def test_plug_in_loaded_without_a_finder_has_probes(folder: Path) -> None:
    (folder / "app").mkdir()
    plug_in = folder / "app" / "plug-in.py"
    plug_in.write_text("def run():\n    return 1\n")
    installed_probes = install_probes(folder)
    spec = importlib.util.spec_from_file_location("plug_in", plug_in)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert installed_probes.take_lines() == {"app/plug-in.py": [1]}
    assert module.run() == 1
    assert installed_probes.take_lines() == {"app/plug-in.py": [2]}


def test_tracebacks_and_syntax_errors_are_printed_as_without_probes(
    control: ControlSocket, tmp_path: Path
) -> None:
    (tmp_path / "raises.py").write_text("def f(a):\n    return (a +\n        a.b)\n\n\nf(1)\n")
    (tmp_path / "wrong.py").write_text("def f(:\n")
    for name, lines in (("raises", 100), ("wrong", 4)):
        (tmp_path / "main.py").write_text(f"import {name}\n")
        plain, probed = (
            subprocess.run(
                command,
                cwd=tmp_path,
                env={**os.environ, **control.environment()},
                capture_output=True,
                text=True,
                check=False,
            ).stderr.splitlines()
            for command in (
                [sys.executable, "main.py"],
                [*control.launcher_command(sources=[tmp_path], root=tmp_path), "main.py"],
            )
        )
        assert "Error" in plain[-1]
        assert probed[-lines:] == plain[-lines:]
    assert control.unmeasured == ""


def test_packages_installed_below_a_folder_have_no_probes(folder: Path) -> None:
    installed_probes = install_probes(folder)
    packages = folder / "app" / ".venv" / "lib" / "python3.13" / "site-packages"
    assert installed_probes.is_measured(str(folder / "app" / "part.py"))
    assert not installed_probes.is_measured(str(packages / "library" / "part.py"))
    assert Probes([str(packages)], str(folder)).is_measured(str(packages / "library" / "part.py"))


def test_lines_of_a_loop_are_reported_in_each_step_in_which_it_runs(folder: Path) -> None:
    (folder / "app").mkdir()
    installed_probes = install_probes(folder)
    namespace: dict[str, Any] = {}
    source = (
        b"def forever():\n"
        b"    while True:\n"
        b"        for one in (1, 2):\n"
        b"            yield one\n"
        b"waiting = forever()\n"
    )
    code = installed_probes.compile_module(source, str(folder / "app" / "loops.py"))
    assert code
    exec(code, namespace)
    for _ in range(2):
        next(namespace["waiting"])
        installed_probes.take_lines()
    next(namespace["waiting"])
    assert installed_probes.take_lines() == {"app/loops.py": [2, 3, 4]}


def test_probes_do_not_look_names_up_in_a_class_namespace(folder: Path) -> None:
    (folder / "app").mkdir()
    installed_probes = install_probes(folder)
    source = (
        b"class Counting(dict):\n"
        b"    def __missing__(self, name):\n"
        b"        if name.startswith('__'): raise KeyError(name)\n"
        b"        self[name] = len(self)\n"
        b"        return self[name]\n"
        b"class Numbered(type):\n"
        b"    def __prepare__(name, bases): return Names()\n"
        b"class Names(Counting):\n"
        b"    def __missing__(self, name):\n"
        b"        self[name] = len(self)\n"
        b"        return self[name]\n"
        b"class Colour(metaclass=Numbered):\n"
        b"    red\n"
        b"    green\n"
        b"names = [one for one in vars(Colour) if one in ('red', 'green', '__ran_in_a_test__')]\n"
    )
    namespace: dict[str, Any] = {}
    code = installed_probes.compile_module(source, str(folder / "app" / "colours.py"))
    assert code
    exec(code, namespace)
    assert namespace["names"] == ["red", "green"]
    assert {13, 14} <= set(installed_probes.take_lines()["app/colours.py"])


def test_loader_that_compiles_the_source_itself_is_left_alone(folder: Path) -> None:
    (folder / "app").mkdir()
    (folder / "app" / "part.py").write_text("WORD = 'plain'\n")

    class ReplacingLoader(SourceFileLoader):
        def source_to_code(self, data: Any, path: Any, **_: Any) -> types.CodeType:  # type: ignore[override]
            return compile(bytes(data).replace(b"plain", b"changed"), str(path), "exec")

    install_probes(folder)
    loader = ReplacingLoader("part", str(folder / "app" / "part.py"))
    spec = importlib.util.spec_from_file_location("part", loader.path, loader=loader)
    assert spec
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    assert module.WORD == "changed"


def test_expression_nested_too_deep_for_probes_runs(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "app").mkdir()
    (folder / "app" / "deep.py").write_text(f"value = {' + '.join(['1'] * 2000)}\n")
    monkeypatch.delitem(sys.modules, "app", raising=False)
    installed_probes = install_probes(folder)
    assert importlib.import_module("app.deep").value == 2000
    # The limit depends on Python's version.
    assert installed_probes.take_lines() in ({}, {"app/deep.py": [1]})


def test_lines_that_run_while_lines_are_taken_are_not_lost(folder: Path) -> None:
    (folder / "app").mkdir()
    installed_probes = install_probes(folder)
    lines = 500
    code = installed_probes.compile_module(b"x = 1\n" * lines, str(folder / "app" / "long.py"))
    assert code
    seen: list[int] = []
    thread = threading.Thread(target=exec, args=(code, {}))
    thread.start()
    while thread.is_alive():
        seen += installed_probes.take_lines().get("app/long.py", [])
    seen += installed_probes.take_lines().get("app/long.py", [])
    assert sorted(seen) == list(range(1, lines + 1))
