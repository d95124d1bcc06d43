"""The embedded library in child processes: never 0 by accident, prints nothing, works however loaded."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from native.build import EMBEDDED, build, library_folder
from native.compiler import compile_program
from tests.native.embedded_stage import FAILED, HERE, Stage
from tests.support.small_table import UNREACHABLE, small_table


@pytest.fixture(scope="session")
def embedded_host(tmp_path_factory: pytest.TempPathFactory) -> Path:
    program = tmp_path_factory.mktemp("host") / "embedded_host"
    return compile_program(HERE / "embedded_host.c", program, "-ldl", "-pthread")


@pytest.fixture
def stage(tmp_path: Path, embedded_host: Path) -> Stage:
    return Stage(tmp_path, embedded_host)


@pytest.mark.parametrize("mode", ["local", "global"])
def test_works_however_the_host_loads_it(mode: str, stage: Stage, embedded_library: Path) -> None:
    assert stage.run(embedded_library, mode, "1", "3") == ["host 0 72 R 3"]


@pytest.mark.parametrize("attempt", range(5))
def test_many_threads_make_the_first_call_at_once(attempt: int, stage: Stage, embedded_library: Path) -> None:
    assert stage.run(embedded_library, "local", "32", "3") == ["host 0 72 R 96"]


def test_forked_child_fails_instead_of_hanging(stage: Stage, embedded_library: Path) -> None:
    begun = time.monotonic()
    lines = stage.run(embedded_library, "local", "2", "1", "fork")
    assert time.monotonic() - begun < 8
    assert lines == ["host 0 72 R 2", f"child {UNREACHABLE} 72 . 1"]


def test_engine_that_cannot_open_is_a_failure_with_a_reason(stage: Stage, embedded_library: Path) -> None:
    stage.environment["FAKE_ENGINE"] = "cannot open"
    assert stage.run(embedded_library, "local", "4", "2") == [f"{FAILED} 8"]
    assert "invented reason" in stage.log


def test_engine_that_raises_is_a_failure_with_a_reason(stage: Stage, embedded_library: Path) -> None:
    stage.environment["FAKE_ENGINE"] = "raises"
    assert stage.run(embedded_library, "local", "1", "1") == [f"{FAILED} 1"]
    assert "invented fault" in stage.log


def test_call_that_takes_too_long_ends_at_the_timeout(stage: Stage, embedded_library: Path) -> None:
    stage.environment |= {"FAKE_ENGINE": "slow", "CSHIS_BRIDGE_TIMEOUT": "1"}
    begun = time.monotonic()
    assert stage.run(embedded_library, "local", "2", "1") == [f"{FAILED} 2"]
    assert time.monotonic() - begun < 4
    assert "did not end" in stage.log


def test_settings_that_cannot_be_read_are_a_failure_with_a_reason(
    stage: Stage, embedded_library: Path
) -> None:
    stage.environment["CSHIS_BRIDGE_CONFIG"] = "/no/such/file.toml"
    assert stage.run(embedded_library, "local", "1", "1") == [f"{FAILED} 1"]
    assert "/no/such/file.toml does not exist" in stage.log


FAULTY_CALLBACKS = {
    "raises": "raise RuntimeError('invented')",
    "exits": "raise SystemExit(0)",
    "gives nothing": "return None",
    "gives garbage": "return b'garbage'",
    "gives zeros": "return bytes(64)",
    "gives a number": "return 0",
    "refuses with success": r"return frame[:6] + b'\3\0\2\0\0\0' + frame[12:16] + b'\0\0'",
    "half an answer of success": r"return frame[:6] + b'\2\0\3\0\0\0' + frame[12:16] + b'\0\0'",
}


@pytest.mark.parametrize("body", FAULTY_CALLBACKS.values(), ids=FAULTY_CALLBACKS.keys())
def test_faulty_callback_is_a_failure(body: str, stage: Stage, embedded_library: Path) -> None:
    stage.replace(
        "channel/embedded.py", f"def answer(frame, seconds):\n    {body}\ndef log_fault(*fault): ...\n"
    )
    assert stage.run(embedded_library, "local", "2", "2") == [f"{FAILED} 4"]


@pytest.mark.parametrize(
    "fault", ["raise ImportError('invented')", "import sys; sys.exit(0)", "import no_such_module"]
)
def test_start_up_code_that_fails_is_a_failure_with_a_reason(
    fault: str, stage: Stage, embedded_library: Path
) -> None:
    stage.replace("channel/embedded.py", fault)
    assert stage.run(embedded_library, "local", "4", "2") == [f"{FAILED} 8"]
    assert "did not start" in stage.log
    assert "Error" in stage.log or "SystemExit" in stage.log


def test_python_whose_library_is_gone_is_a_failure_with_a_reason(
    stage: Stage, embedded_library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [])
    build("embedded", tmp_path / "moved", small_table())
    assert stage.run(library_folder(tmp_path / "moved") / EMBEDDED, "local", "4", "2") == [f"{FAILED} 8"]
    assert "Python cannot start" in stage.log


PYTHON_HOST = """
import ctypes, sys
library = ctypes.CDLL(sys.argv[1])
buffer, length = ctypes.create_string_buffer(b"." * 72, 72), ctypes.c_short(72)
code = library.hisGetBasicData(buffer, ctypes.byref(length))
print(code, length.value, buffer.raw[:1].decode())
"""


def run_python_host(stage: Stage, library: Path) -> tuple[str, str]:
    command = [sys.executable, "-c", PYTHON_HOST, library]
    done = subprocess.run(command, env=stage.environment, capture_output=True, text=True, timeout=30)
    return done.stdout, done.stderr


def test_program_written_in_python_can_load_it_too(stage: Stage, embedded_library: Path) -> None:
    assert run_python_host(stage, embedded_library) == ("0 72 R\n", "")


def test_faulty_callback_does_not_print_to_a_program_written_in_python(
    stage: Stage, embedded_library: Path
) -> None:
    source = "def answer(frame, seconds):\n    raise RuntimeError('invented')\ndef log_fault(*fault): ...\n"
    stage.replace("channel/embedded.py", source)
    assert run_python_host(stage, embedded_library) == (f"{UNREACHABLE} 72 .\n", "")
