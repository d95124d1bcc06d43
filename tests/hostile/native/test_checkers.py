"""The checked libraries report what they are there to report: else a clean run would prove nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bridge.channel.frame import Answer, Request, encode_reply
from tests.hostile.native.checked import Checked, break_shim, sanitized, under_valgrind
from tests.support.fake_bridge import FakeBridge
from tests.support.hosts.driver import Driver, DriverDied, room, short

pytestmark = pytest.mark.usefixtures("tools")
CHECKERS = (sanitized, under_valgrind)
RECORD = bytes(72)
LEAK = ("call.c", "    cshis_release(&reply);\n", "")
BEYOND = ("bytes.c", "larger = realloc(bytes->data, room);", "larger = realloc(bytes->data, 80);")


def basic_data(request: Request) -> bytes:
    return encode_reply(Answer(request.number, 0, ((0, RECORD),)))


def read_once(
    checker: Callable[[Path], Checked],
    fault: tuple[str, str, str] | None,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> str:
    """One call through a library with this fault in its sources. Out: what was reported."""
    if fault:
        break_shim(monkeypatch, folder, fault[0], fault[1:])
    checked = checker(folder / "build")
    with FakeBridge(basic_data) as bridge:
        env = {"CSHIS_BRIDGE": bridge.address, **checked.environment}
        try:
            with Driver(checked.library, folder, env, command=checked.command) as driver:
                driver.call("hisGetBasicData", room(72), short(72))
        except DriverDied:
            pass
    return checked.faults()


@pytest.mark.parametrize("checker", CHECKERS)
def test_a_good_library_is_clean(
    checker: Callable[[Path], Checked], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert read_once(checker, None, tmp_path, monkeypatch) == ""


@pytest.mark.parametrize("checker", CHECKERS)
def test_memory_that_is_never_released_is_reported(
    checker: Callable[[Path], Checked], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = read_once(checker, LEAK, tmp_path, monkeypatch)
    assert "leak" in said or "definitely lost" in said
    assert "cshis_extend" in said or "make_room" in said


@pytest.mark.parametrize("checker", CHECKERS)
def test_writing_beyond_memory_is_reported(
    checker: Callable[[Path], Checked], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = read_once(checker, BEYOND, tmp_path, monkeypatch)
    assert "heap-buffer-overflow" in said or "Invalid write" in said
