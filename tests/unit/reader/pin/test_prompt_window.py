"""The window that asks for a PIN: its protocol with stand-ins. The real one: tests/screen."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from bridge.errors import PinCancelled, PinTimedOut, PinUnavailable
from bridge.reader.pin import prompt
from bridge.reader.pin import window as prompt_window
from bridge.reader.pin.prompt import PromptPins, window_command
from bridge.reader.pin.questions import HC_PIN
from bridge.reader.pin.window import Question, digits_of, read_question, write_question

PIN = "246810"
READ = "import sys, time; sys.stdin.readline(); "


def stand_in(code: str) -> PromptPins:
    """A provider whose window is a few lines of Python."""
    return PromptPins([sys.executable, "-I", "-c", code])


def _gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


# --- the protocol -------------------------------------------------------------------------------------------


async def test_the_window_reads_the_question_and_writes_the_answer(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    file = tmp_path / "asked.json"
    window = stand_in(
        "import sys, json, os; line = sys.stdin.readline(); "
        "seen = {'asked': json.loads(line), 'argv': sys.argv, 'environment': dict(os.environ)}; "
        f"open({str(file)!r}, 'w').write(json.dumps(seen)); print({PIN!r}, end='')"
    )
    assert await window.ask(replace(HC_PIN, seconds=7.5)) == PIN
    seen = json.loads(file.read_text())
    assert seen["asked"] == {
        "chinese": "請輸入健保卡 PIN 碼",
        "english": "Health card PIN",
        "least": 4,
        "most": 6,
        "seconds": 7.5,
    }
    assert seen["argv"] == ["-c"]
    assert PIN not in str(seen["environment"])
    assert PIN not in caplog.text


async def test_stdin_stays_open_while_the_person_types() -> None:
    """Its end would tell the window that nobody waits for the answer."""
    window = stand_in(
        READ + "import threading; ended = threading.Event(); "
        "threading.Thread(target=lambda: (sys.stdin.buffer.raw.read(1), ended.set()), daemon=True).start(); "
        "time.sleep(0.3); print('1111' if ended.is_set() else '2222', end='', flush=True); "
        "import os; os._exit(0)"
    )
    assert await window.ask(HC_PIN) == "2222"


@pytest.mark.parametrize(
    ("code", "error", "logged"),
    [
        (prompt_window.CANCELLED, PinCancelled, ""),
        (prompt_window.TIMED_OUT, PinTimedOut, ""),
        (prompt_window.NO_DISPLAY, PinUnavailable, "no screen"),
        (prompt_window.NO_TKINTER, PinUnavailable, "python3-tk"),
        (prompt_window.BAD_QUESTION, PinUnavailable, "exit code 14"),
        (1, PinUnavailable, "the last line"),
    ],
)
async def test_each_end_of_the_window_means_something(
    code: int, error: type[Exception], logged: str, caplog: pytest.LogCaptureFixture
) -> None:
    window = stand_in(
        READ + f"print('1234'); print('first\\nthe last line', file=sys.stderr); sys.exit({code})"
    )
    with pytest.raises(error):
        await window.ask(HC_PIN)
    errors = [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
    assert bool(errors) == (error is PinUnavailable)
    assert logged in "".join(errors)
    assert all("pin.provider" in message for message in errors)


@pytest.mark.parametrize("answer", ["", "123", "1234567", "12a4", "1234\n", "１２３４", "0" * 100_000])
async def test_an_answer_that_is_no_pin_is_none(answer: str, caplog: pytest.LogCaptureFixture) -> None:
    window = stand_in(READ + f"sys.stdout.buffer.write({answer!r}.encode())")
    with pytest.raises(PinUnavailable):
        await window.ask(HC_PIN)
    assert "no PIN" in caplog.text


async def test_a_window_that_ends_without_reading_is_told_by_its_code() -> None:
    with pytest.raises(PinCancelled):
        await stand_in(f"import sys; sys.stdin.close(); sys.exit({prompt_window.CANCELLED})").ask(HC_PIN)


async def test_a_program_that_is_not_there_is_named_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(PinUnavailable):
        await PromptPins(["/nowhere/python3"]).ask(HC_PIN)
    assert "cannot be started" in caplog.text
    assert "pin.provider" in caplog.text


async def test_a_window_that_hangs_is_killed_after_its_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prompt, "GRACE_SECONDS", 3.0)  # in which the window's own program starts
    pid = tmp_path / "pid"
    window = stand_in(f"import os, time; open({str(pid)!r}, 'w').write(str(os.getpid())); time.sleep(600)")
    started = time.monotonic()
    with pytest.raises(PinTimedOut):
        await window.ask(replace(HC_PIN, seconds=0.2))
    assert time.monotonic() - started < 60
    assert _gone(int(pid.read_text()))


async def test_a_cancelled_call_takes_its_window_along(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    window = stand_in(
        f"import os, time; open({str(pid)!r}, 'w').write(str(os.getpid()) + '.'); time.sleep(60)"
    )
    asking = asyncio.create_task(window.ask(HC_PIN))
    for _ in range(500):
        if pid.exists() and pid.read_text().endswith("."):
            break
        await asyncio.sleep(0.01)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert _gone(int(pid.read_text().rstrip(".")))


@pytest.mark.parametrize("executable", ["/opt/his/HIS.exe", "", None])
def test_inside_another_program_that_program_is_not_started_again(
    executable: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", executable)
    program, *arguments = window_command()
    assert Path(program).name.startswith("python")
    assert arguments == ["-I", prompt_window.__file__]
    version = subprocess.run([program, "-c", "print(3)"], capture_output=True, text=True, check=True)
    assert version.stdout.strip() == "3"


# --- its parts ----------------------------------------------------------------------------------------------


def test_a_question_survives_its_line() -> None:
    question = Question("請輸入 PIN 碼", "PIN", 4, 6, 60.0)
    line = write_question(question)
    assert line.isascii()
    assert line.endswith(b"\n")
    assert read_question(line) == question


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{}",
        b"[]",
        b"nonsense\n",
        b"\xff\n",
        b'{"chinese": "a", "english": "b", "least": 0, "most": 6, "seconds": 60}',
        b'{"chinese": "a", "english": "b", "least": 7, "most": 6, "seconds": 60}',
        b'{"chinese": "a", "english": "b", "least": 4, "most": 6, "seconds": 0}',
        b'{"chinese": "a", "english": "b", "least": "x", "most": 6, "seconds": 1}',
        b'{"chinese": "a", "english": "b", "least": null, "most": 6, "seconds": 1}',
    ],
)
def test_what_is_no_question_is_refused(
    line: bytes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(line)))
    assert prompt_window.main() == prompt_window.BAD_QUESTION
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("typed", "digits"),
    [
        ("1234", "1234"),
        ("12a3-4 ", "1234"),
        ("1234567", "123456"),
        ("１２３４", "1234"),  # an input method in full-width mode
        ("²½一", ""),
        ("", ""),
    ],
)
def test_only_digits_are_kept(typed: str, digits: str) -> None:
    assert digits_of(typed, 6) == digits


def test_a_python_without_tkinter_is_told_by_its_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    line = write_question(Question("a", "b", 4, 6, 1.0))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(line)))
    monkeypatch.setitem(sys.modules, "tkinter", None)
    assert prompt_window.main() == prompt_window.NO_TKINTER
    assert "tkinter" in capsys.readouterr().err
