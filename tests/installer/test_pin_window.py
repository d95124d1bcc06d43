"""The window that asks for a PIN, as the installed Python shows it, with somebody who types."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from bridge.reader.pin.window import ANSWERED, CANCELLED, TIMED_OUT, Question, write_question
from tests.installer.conftest import Package
from tests.installer.screen import Screen, virtual_screen
from tests.installer.windows import Program, Windows
from tests.support.wine import windows_path

SCRIPT = "Lib/site-packages/bridge/reader/pin/window.py"
QUESTION = Question("請輸入健保卡密碼", "PIN of the health card", 4, 6, 60)
TITLE = "PIN"
COPY = """
import ctypes
user, kernel = ctypes.WinDLL("user32"), ctypes.WinDLL("kernel32")
kernel.GlobalAlloc.restype = kernel.GlobalLock.restype = ctypes.c_void_p
kernel.GlobalLock.argtypes = kernel.GlobalUnlock.argtypes = [ctypes.c_void_p]
user.SetClipboardData.argtypes = [ctypes.c_uint, ctypes.c_void_p]
text = ctypes.create_unicode_buffer("A1-2 34x5678")
room = kernel.GlobalAlloc(2, ctypes.sizeof(text))
ctypes.memmove(kernel.GlobalLock(room), text, ctypes.sizeof(text))
kernel.GlobalUnlock(room)
assert user.OpenClipboard(None) and user.EmptyClipboard() and user.SetClipboardData(13, room)
user.CloseClipboard()
"""


@pytest.fixture(scope="module")
def screen() -> Iterator[Screen]:
    with virtual_screen() as made:
        yield made


@pytest.fixture(scope="module")
def desktop(windows: Windows, package: Package) -> Windows:
    """With the program installed."""
    if not windows.folder.exists():
        assert windows.msiexec("/i", package.msi) == 0
    windows.stop()  # what has begun without a screen shows nothing on one
    return windows


def ask(desktop: Windows, screen: Screen, question: Question = QUESTION) -> Program:
    script = windows_path(desktop.folder / SCRIPT)
    return desktop.run(
        desktop.folder / "python.exe", "-I", script, env=screen.environment, given=write_question(question)
    )


def test_what_is_typed_is_the_answer(desktop: Windows, screen: Screen) -> None:
    window = ask(desktop, screen)
    screen.type(TITLE, "2", "x", "4", "6", "8", "Return")
    assert (window.wait(30), window.text) == (ANSWERED, "2468")


def test_the_buttons_work_by_keys_alone(desktop: Windows, screen: Screen) -> None:
    window = ask(desktop, screen)
    screen.type(TITLE, "1", "3", "5", "7", "Tab", "Tab", "space")
    assert (window.wait(30), window.text) == (CANCELLED, "")


def test_too_few_digits_are_no_answer(desktop: Windows, screen: Screen) -> None:
    window = ask(desktop, screen)
    screen.type(TITLE, "2", "4", "Return")
    time.sleep(1)
    assert window.process.poll() is None
    screen.type(TITLE, "6", "8", "1", "3", "5", "Return")
    assert (window.wait(30), window.text) == (ANSWERED, "246813")  # at most six


def test_the_longest_answer_has_room(desktop: Windows, screen: Screen) -> None:
    window = ask(desktop, screen, replace(QUESTION, least=4, most=12))
    screen.type(TITLE, *"123456789012", "Return")
    assert (window.wait(30), window.text) == (ANSWERED, "123456789012")


def test_what_is_pasted_is_what_it_shows(desktop: Windows, screen: Screen) -> None:
    """Digits alone, and no more of them than the question takes."""
    copying = desktop.run(desktop.folder / "python.exe", "-c", COPY, env=screen.environment)
    assert copying.wait(30) == 0, copying.text
    window = ask(desktop, screen)
    screen.type(TITLE, "ctrl+v", "Return")
    assert (window.wait(30), window.text) == (ANSWERED, "123456")


def test_two_windows_have_an_answer_each(desktop: Windows, screen: Screen) -> None:
    """Of two readers: the one that was asked later lies above, and has the keys."""
    first = ask(desktop, screen, replace(QUESTION, english="the first", seconds=40))
    screen.wait_for(TITLE)
    second = ask(desktop, screen, replace(QUESTION, english="the second"))
    screen.until(lambda: len(screen.do("search", "--onlyvisible", "--name", TITLE).split()) == 2, "not two")
    screen.type(TITLE, "2", "4", "6", "8", "Return")
    assert (second.wait(30), second.text) == (ANSWERED, "2468")
    assert first.process.poll() is None
    assert first.process.stdin is not None
    first.process.stdin.close()
    assert (first.wait(30), first.text) == (CANCELLED, "")


def test_escape_is_no_answer(desktop: Windows, screen: Screen) -> None:
    window = ask(desktop, screen)
    screen.type(TITLE, "2", "4", "6", "8", "Escape")
    assert (window.wait(30), window.text) == (CANCELLED, "")


def test_it_closes_by_itself(desktop: Windows, screen: Screen) -> None:
    window = ask(desktop, screen, Question("請輸入健保卡密碼", "PIN of the health card", 4, 6, 4))
    screen.type(TITLE, "2", "4", "6", "8")
    assert (window.wait(60), window.text) == (TIMED_OUT, "")


def test_it_closes_when_nobody_waits_any_more(desktop: Windows, screen: Screen) -> None:
    window = ask(desktop, screen)
    screen.type(TITLE, "2", "4")
    assert window.process.stdin is not None
    window.process.stdin.close()
    assert (window.wait(30), window.text) == (CANCELLED, "")
