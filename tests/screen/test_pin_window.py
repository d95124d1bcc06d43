"""The window that asks for a PIN on a virtual screen, with somebody who types."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest

from bridge.errors import PinCancelled, PinTimedOut, PinUnavailable
from bridge.reader.pin import window as prompt_window
from bridge.reader.pin.policy import PinPolicy
from bridge.reader.pin.prompt import PromptPins, window_command
from bridge.reader.pin.questions import HC_PIN, NEW_HPC_PIN_AGAIN
from bridge.reader.pin.window import Question, write_question
from bridge.reader.pin_operations import PinOperations
from bridge.sim.simulator import Simulator
from tests.support.simulated import open_bench

PIN = "246810"
HAS_TKINTER = importlib.util.find_spec("_tkinter") is not None
# The window needs nothing but Python's own library: where ours was built without tkinter, Debian's has it.
COMMAND = window_command() if HAS_TKINTER else ["/usr/bin/python3", *window_command()[1:]]


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="there is always a screen")
async def test_without_a_screen_nobody_can_be_asked(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    with pytest.raises(PinUnavailable):
        await PromptPins(COMMAND).ask(HC_PIN)
    assert "no screen" in caplog.text


class Screen:
    """A virtual screen with somebody who types on it."""

    async def type(self, *keys: str) -> None:
        """Press keys, once the window has the focus."""
        for _ in range(100):
            focused = self._xdotool("getwindowfocus", "getwindowname")
            if "Card PIN" in focused:
                break
            await asyncio.sleep(0.1)
        else:
            pytest.fail("the window never got the focus")
        for key in keys:
            self._xdotool("key", key)

    def windows(self) -> list[str]:
        return self._xdotool("search", "--onlyvisible", "--name", "Card PIN").split()

    @staticmethod
    def _xdotool(*arguments: str) -> str:
        done = subprocess.run(["xdotool", *arguments], capture_output=True, text=True, timeout=10)
        return done.stdout.strip()


@pytest.fixture(scope="module")
def _virtual_screen() -> Iterator[str]:
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "800x600x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    with os.fdopen(reading) as stream:
        number = stream.readline().strip()
    try:
        yield f":{number}"
    finally:
        server.terminate()
        server.wait(timeout=10)


@pytest.fixture
def screen(_virtual_screen: str, monkeypatch: pytest.MonkeyPatch) -> Screen:
    monkeypatch.setenv("DISPLAY", _virtual_screen)
    return Screen()


async def test_a_pin_typed_into_the_window_is_the_answer(screen: Screen) -> None:
    asking = asyncio.create_task(PromptPins(COMMAND).ask(HC_PIN))
    await screen.type("2", "4", "x", "6", "space", "8", "1", "0", "9", "Return")
    assert await asking == "246810"  # letters and a seventh digit are not taken
    assert screen.windows() == []


async def test_too_few_digits_are_not_taken(screen: Screen) -> None:
    asking = asyncio.create_task(PromptPins(COMMAND).ask(NEW_HPC_PIN_AGAIN))
    await screen.type("1", "2", "3", "Return", "BackSpace", "3", "4", "KP_Enter")
    assert await asking == "1234"


@pytest.mark.parametrize("keys", [["Escape"], ["1", "2", "3", "4", "Tab", "Tab", "Return"]])
async def test_escape_and_the_cancel_button_cancel(screen: Screen, keys: list[str]) -> None:
    asking = asyncio.create_task(PromptPins(COMMAND).ask(HC_PIN))
    await screen.type(*keys)
    with pytest.raises(PinCancelled):
        await asking


async def test_the_window_closes_by_itself(screen: Screen) -> None:
    with pytest.raises(PinTimedOut, match="nobody typed"):
        await PromptPins(COMMAND).ask(replace(HC_PIN, seconds=0.5))
    assert screen.windows() == []


async def test_the_window_goes_when_the_call_is_cancelled(screen: Screen) -> None:
    asking = asyncio.create_task(PromptPins(COMMAND).ask(HC_PIN))
    await screen.type("1")
    assert screen.windows() != []
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    for _ in range(30):
        if not screen.windows():
            return
        await asyncio.sleep(0.1)
    pytest.fail("the window is still there")


async def test_the_window_goes_when_the_bridge_is_gone(screen: Screen) -> None:
    pipe = subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*COMMAND, stdin=pipe, stdout=pipe)
    assert process.stdin is not None
    process.stdin.write(write_question(Question("a", "b", 4, 6, 60.0)))
    await screen.type("1", "2", "3", "4")
    process.stdin.close()
    assert process.stdout is not None
    assert await asyncio.wait_for(process.stdout.read(), 5) == b""
    assert await process.wait() == prompt_window.CANCELLED


async def test_a_legacy_call_is_served_by_a_person_at_the_window(
    screen: Screen, simulator: Simulator
) -> None:
    simulator.world.insert("hc", "000099990010")
    async with open_bench(simulator) as bench:
        bench.reader.pins = PinOperations(bench.reader.turn, PinPolicy(PromptPins(COMMAND)))
        calling = asyncio.create_task(bench.call("csVerifyHCPIN"))
        await screen.type(*PIN, "Return")
        assert (await calling).code == 0
        assert simulator.world.session.hc.pin_verified
