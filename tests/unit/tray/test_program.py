"""The tray program is fed while the bridge runs, and told when it ends. Here a script stands for it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from bridge.tray import program
from bridge.tray.look import Look
from bridge.tray.menu import Entry
from bridge.tray.program import REPLACED, icon_shown

WRITES = "import sys; open(sys.argv[1], 'ab', 0).writelines(sys.stdin.buffer)"
WELL, RED = Look("green"), Look("red", ("console",))


class Looks:
    """Gives these looks, the last one for ever."""

    def __init__(self, *looks: Look) -> None:
        self._looks = list(looks)
        self.asked = 0

    async def look(self) -> Look:
        self.asked += 1
        return self._looks.pop(0) if len(self._looks) > 1 else self._looks[0]


class Fails:
    asked = 0

    async def look(self) -> Look:
        self.asked += 1
        raise RuntimeError("a look that fails")


def entries(state: str) -> Sequence[Entry]:
    return [Entry(state)]


async def until(holds: Callable[[], bool]) -> None:
    for _ in range(2000):
        if holds():
            return
        await asyncio.sleep(0.01)
    pytest.fail("it never happened")


def shown(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").splitlines() if file.exists() else []


async def test_it_is_told_what_changes_and_that_the_bridge_ends(tmp_path: Path) -> None:
    file, watch = tmp_path / "lines", Looks(WELL, WELL, RED, RED, RED)
    command = [sys.executable, "-u", "-c", WRITES, str(file)]
    async with icon_shown(command, watch, entries, "en", every=0.01):
        await until(lambda: any(line.startswith("balloon") for line in shown(file)))
        asked = watch.asked
        await until(lambda: watch.asked > asked + 3)
    await until(lambda: shown(file)[-1:] == ["bye"])
    words = [
        line.split("\t")[:2]
        for line in shown(file)
        if not line.startswith(("menu", "entry", "shown", "here"))
    ]
    assert words[0][0] == "gone"
    looks = [word[1] for word in words if word[0] == "look"]
    assert looks == ["yellow", "green", "red"]
    assert [word[0] for word in words[-2:]] == ["balloon", "bye"]
    menus = [line for line in shown(file) if line.startswith("entry")]
    assert menus[-1] == f"entry\toff\t{RED.tip('en')}"


class TakesLong(Looks):
    """Never comes to an end."""

    async def look(self) -> Look:
        await asyncio.Event().wait()
        return await super().look()


@pytest.mark.parametrize("watch", [Looks(WELL), TakesLong(WELL)])
async def test_a_bridge_that_has_nothing_new_says_that_it_is_there(watch: Looks, tmp_path: Path) -> None:
    """Else the icon would take it for one that hangs, also while a look waits for a server."""
    file = tmp_path / "lines"
    command = [sys.executable, "-u", "-c", WRITES, str(file)]
    async with icon_shown(command, watch, entries, "en", every=0.01):
        await until(lambda: shown(file).count("here") > 3)
    hung = next(line for line in shown(file) if line.startswith("hung"))
    _, seconds, tip, title, advice = hung.split("\t")
    assert int(seconds) >= 1
    assert tip == title == "cshis-bridge: the bridge does not respond"
    assert "restart" in advice


async def test_a_look_that_fails_costs_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file, watch = tmp_path / "lines", Fails()
    command = [sys.executable, "-u", "-c", WRITES, str(file)]
    async with icon_shown(command, watch, entries, "en", every=0.01):
        await until(lambda: watch.asked > 2 and bool(shown(file)))
    assert "could not be found out" in caplog.text
    await until(lambda: shown(file)[-1:] == ["bye"])


async def test_a_program_that_is_not_there_costs_nothing(caplog: pytest.LogCaptureFixture) -> None:
    async with icon_shown(["/nowhere/cshis-tray.exe"], Looks(WELL), entries, "en"):
        await until(lambda: "cannot be shown" in caplog.text)


@pytest.mark.parametrize(("code", "starts"), [(REPLACED, 1), (0, program.MOST_STARTS)])
async def test_one_that_ends_is_started_again_but_for_one_that_was_replaced(
    code: int, starts: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program, "AGAIN", 0.01)
    file = tmp_path / "starts"
    script = f"import sys; open(sys.argv[1], 'a').write('x'); sys.exit({code})"
    command = [sys.executable, "-c", script, str(file)]
    async with icon_shown(command, Looks(WELL), entries, "en", every=0.01):
        await until(lambda: file.exists() and len(file.read_text()) == starts)
        await asyncio.sleep(0.3)
    assert len(file.read_text()) == starts
