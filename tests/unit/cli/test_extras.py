"""Commands whose extra is not installed: they say which one, and the others do not notice."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

WITHOUT = "import sys; sys.modules['jinja2'] = None; from bridge.cli.main import main; main(sys.argv[1:])"


def without_jinja2(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", WITHOUT, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("arguments", [("readiness", "--help"), ("readiness", "some.jsonl", "--out", "x")])
def test_a_command_names_the_extra_it_needs(arguments: tuple[str, ...]) -> None:
    done = without_jinja2(*arguments)
    assert done.returncode == 1
    assert done.stderr == f"Error: {arguments[0]} needs more: pip install 'cshis-bridge[migration]'\n"


@pytest.mark.parametrize(
    ("module", "arguments", "said"),
    [
        ("duckdb", ("trace", "export", "TRACE", "--parquet", "o"), "trace export needs more: {}[parquet]'"),
        (
            "jinja2",
            ("replay", "TRACE", "--recorded", "--report", "r.html"),
            "replay --report needs more: {}[migration]'",
        ),
        ("distributed", ("readiness", "TRACE", "--dask", "tcp://x:1"), "--dask needs more: {}[cluster]'"),
    ],
)  # fmt: skip
def test_a_way_names_the_extra_it_needs(
    tmp_path: Path, module: str, arguments: tuple[str, ...], said: str
) -> None:
    folder = tmp_path / "trace"
    folder.mkdir()
    for process in (1, 2):
        line = {"trace": 1, "recorder": "dll", "program": "HIS.EXE", "process": process}
        (folder / f"{process}.jsonl").write_text(f"{json.dumps(line)}\n", encoding="utf-8")
    command = [str(folder) if each == "TRACE" else each for each in arguments]
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT.replace("jinja2", module), *command],
        cwd=tmp_path, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode in (1, 2, 3)
    assert done.stderr == "Error: " + said.format("pip install 'cshis-bridge") + "\n"


def test_the_list_of_commands_is_whole() -> None:
    done = without_jinja2("--help")
    assert done.returncode == 0
    assert "replay" in done.stdout
    assert "serve" in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("call", "--help"),
        ("serve", "--help"),
        ("doctor", "--help"),
        ("trace", "--help"),
        ("sim", "--help"),
        ("sim", "load", "--help"),
        ("install-dll", "--help"),
        ("journal", "--help"),
    ],
)
def test_other_commands_need_no_extra(arguments: tuple[str, ...]) -> None:
    done = without_jinja2(*arguments)
    assert (done.returncode, done.stderr) == (0, "")


def test_any_other_missing_module_is_a_fault() -> None:
    broken = WITHOUT.replace("jinja2", "yaml")
    done = subprocess.run([sys.executable, "-c", broken, "readiness"], capture_output=True, text=True)
    assert done.returncode == 1
    assert "ModuleNotFoundError" in done.stderr
