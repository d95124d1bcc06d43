"""Where PINs come from: a window (``prompt``), the keys of the reader (``keypad``), the settings (``fixed``).

A question says what is asked for and never whose card it is. An answer is handed on and forgotten: it is not
logged, not kept, not written anywhere.
"""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from bridge.config import FixedPinSettings, PinSettings
from bridge.errors import PinCancelled, PinMismatch, PinTimedOut, PinUnavailable
from bridge.reader import prompt_window
from bridge.reader.prompt_window import CANCELLED, NO_DISPLAY, NO_TKINTER, TIMED_OUT

log = logging.getLogger(__name__)

KEYPAD_ANSWER = "000000"  # what the console wants where the digits are typed on the reader (seed 001)
SHARE_OF_DEADLINE = 0.85  # the rest of a call's time is for console and cloud
GRACE_SECONDS = 3.0  # the window closes by itself; this is for starting it, and for one that hangs
LONGEST_ANSWER = 64


@dataclass(frozen=True, slots=True)
class PinQuestion:
    """What a person is asked for: Chinese and English text, least and most digits, seconds to answer.

    ``key`` names it in the settings section ``[pin.fixed]``.
    """

    key: str
    chinese: str
    english: str
    least: int
    most: int
    seconds: float = 60.0

    def accepts(self, answer: str) -> bool:
        """Whether these are digits (0 to 9) of a length that is asked for."""
        return answer.isascii() and answer.isdigit() and self.least <= len(answer) <= self.most


# Lengths: seed 001, hc/v1/Pin (4 to 6), hpc/v1/Pin (new PIN 4 to 8, PUK up to 8), Verification/Hpc (up to 8).
HC_PIN = PinQuestion("hc", "請輸入健保卡 PIN 碼", "Health card PIN", 4, 6)
NEW_HC_PIN = PinQuestion("new_hc", "請輸入新的健保卡 PIN 碼", "New health card PIN", 4, 6)
NEW_HC_PIN_AGAIN = PinQuestion("new_hc", "請再輸入一次新的健保卡 PIN 碼", "New health card PIN again", 4, 6)
HPC_PIN = PinQuestion("hpc", "請輸入醫事人員卡 PIN 碼", "Practitioner card PIN", 1, 8)
NEW_HPC_PIN = PinQuestion("new_hpc", "請輸入新的醫事人員卡 PIN 碼", "New practitioner card PIN", 4, 8)
NEW_HPC_PIN_AGAIN = PinQuestion(
    "new_hpc", "請再輸入一次新的醫事人員卡 PIN 碼", "New practitioner card PIN again", 4, 8
)
HPC_PUK = PinQuestion("puk", "請輸入醫事人員卡 PUK 碼", "Practitioner card PUK", 1, 8)


class PinProvider(Protocol):
    """Somebody or something that answers a question about a PIN.

    ``types_on_reader``: the digits are typed while the console's request runs, which then takes long.
    """

    types_on_reader: bool

    async def ask(self, question: PinQuestion) -> str:
        """Ask. Out: digits that the question accepts.

        Raises PinCancelled, PinTimedOut, PinUnavailable when nobody can be asked.
        """
        ...


class KeypadPins:
    """An NHI reader with keys (健保讀卡機): the console asks there; it is told "000000" (seed 001).

    The seed says so of the health card's PIN, seed 002 of the practitioner's; of the PUK it is assumed.
    """

    types_on_reader = True

    async def ask(self, question: PinQuestion) -> str:
        """Answer with the console's placeholder; the person types on the reader."""
        log.info("the reader's keypad is asked: %s", question.english)
        return KEYPAD_ANSWER


class FixedPins:
    """PINs from the settings section ``[pin.fixed]``: for the simulator, tests and trial installations."""

    types_on_reader = False

    def __init__(self, values: FixedPinSettings) -> None:
        self._values = values

    async def ask(self, question: PinQuestion) -> str:
        """Answer from the settings. Raises PinUnavailable, naming the setting, for one that cannot be used."""
        value = getattr(self._values, question.key)
        answer = value.get_secret_value() if value is not None else ""
        if not question.accepts(answer):
            log.error(
                "%s: the setting pin.fixed.%s is missing or has not %d to %d digits",
                question.english, question.key, question.least, question.most,
            )  # fmt: skip
            raise PinUnavailable(f"pin.fixed.{question.key} cannot be used")
        return answer


class PromptPins:
    """A window of its own process (``bridge.reader.prompt_window``); ``command`` replaces that program."""

    types_on_reader = False

    def __init__(self, command: Sequence[str] | None = None) -> None:
        self._command = list(command) if command is not None else window_command()

    async def ask(self, question: PinQuestion) -> str:
        """Show the window and wait for its end; when the call is cancelled, the window is closed.

        Raises PinCancelled, PinTimedOut, PinUnavailable (no display, no tkinter, a window that fails).
        """
        process = await self._start()
        try:
            async with asyncio.timeout(question.seconds + GRACE_SECONDS):
                answer, trouble = await _converse(process, question)
                code = await process.wait()
        except TimeoutError as error:
            raise PinTimedOut("the window did not close in time") from error
        finally:
            await _end(process)
        _check_end(code, trouble)
        if not question.accepts(answer):
            raise _unavailable("the window answered something that is no PIN")
        return answer

    async def _start(self) -> asyncio.subprocess.Process:
        pipe = asyncio.subprocess.PIPE
        try:
            return await asyncio.create_subprocess_exec(
                *self._command,
                stdin=pipe,
                stdout=pipe,
                stderr=pipe,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),  # no black console beside it
            )
        except (OSError, NotImplementedError) as error:
            raise _unavailable(f"the window cannot be started: {error}") from error


async def _converse(process: asyncio.subprocess.Process, question: PinQuestion) -> tuple[str, str]:
    """Hand the question over. Out: what the window wrote to stdout and to stderr.

    Its stdin stays open until the end: that it ends tells the window that nobody waits any more.
    """
    if process.stdin is None or process.stdout is None or process.stderr is None:
        raise TypeError("the window was started without pipes")
    try:
        process.stdin.write(prompt_window.write_question(_asked(question)))
        await process.stdin.drain()
    except OSError:
        log.debug("the window ended before it read the question")  # its exit code says why
    answer, trouble = await asyncio.gather(process.stdout.read(), process.stderr.read())
    return answer[:LONGEST_ANSWER].decode("ascii", "replace"), trouble.decode("utf-8", "replace")


def _asked(question: PinQuestion) -> prompt_window.Question:
    return prompt_window.Question(
        question.chinese, question.english, question.least, question.most, question.seconds
    )


async def _end(process: asyncio.subprocess.Process) -> None:
    """Close a window that is still open and let go of its pipes."""
    if process.returncode is None:
        process.kill()
    if process.stdin is not None:
        process.stdin.close()
    await process.wait()


def _check_end(code: int, trouble: str) -> None:
    """Raise what an exit code of the window other than that of an answer means."""
    if code == CANCELLED:
        raise PinCancelled("the person cancelled")
    if code == TIMED_OUT:
        raise PinTimedOut("nobody typed a PIN in time")
    if code == NO_DISPLAY:
        raise _unavailable("there is no screen to show the window on (is the bridge run as a service?)")
    if code == NO_TKINTER:
        raise _unavailable("this Python has no tkinter (on Debian and Ubuntu: apt-get install python3-tk)")
    if code != prompt_window.ANSWERED:
        last_line = (trouble.strip().splitlines() or [""])[-1]
        raise _unavailable(f"the window failed (exit code {code}) {last_line}")


def _unavailable(reason: str) -> PinUnavailable:
    """Log what is wrong and which setting to change."""
    log.error("nobody can be asked for a PIN: %s; or set pin.provider = \"keypad\" where the reader has keys", reason)
    return PinUnavailable(reason)


def window_command() -> list[str]:
    """Program and arguments of the window: this Python, isolated from the environment and folder of the host.

    Raises nothing: where no interpreter is found, starting it fails with a clear message.
    """
    return [str(_interpreter()), "-I", str(Path(prompt_window.__file__).resolve())]


def _interpreter() -> Path:
    """The Python that runs us. Inside another program sys.executable is that program, not to be started."""
    name = "python.exe" if os.name == "nt" else "python3"
    own = Path(sys.executable or "")
    if own.name.lower().startswith("python"):
        return own
    inside = "Scripts" if os.name == "nt" else "bin"
    for prefix in dict.fromkeys((sys.prefix, sys.base_prefix)):
        for folder in (Path(prefix, inside), Path(prefix)):
            if (folder / name).is_file():
                return folder / name
    return Path(name)


# --- asking -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PinDesk:
    """Who is asked, how many seconds one question and how many all questions of one operation may take."""

    provider: PinProvider
    timeout: float = 60.0
    total: float = 85.0

    def questions(self) -> Questions:
        """Begin the questions of one operation."""
        return Questions(self)


class Questions:
    """The questions of one operation; together they stay within the desk's total time."""

    def __init__(self, desk: PinDesk) -> None:
        self._desk = desk
        self._ends = time.monotonic() + desk.total

    @property
    def patience(self) -> float | None:
        """Seconds that the console's request may take because the person types on the reader meanwhile."""
        return self._desk.timeout if self._desk.provider.types_on_reader else None

    async def ask(self, question: PinQuestion) -> str:
        """Ask one. Out: the digits. Raises PinCancelled, PinTimedOut, PinUnavailable."""
        seconds = min(self._desk.timeout, self._ends - time.monotonic())
        if seconds <= 0:
            raise PinTimedOut("the questions of this call took too long")
        return await self._desk.provider.ask(replace(question, seconds=seconds))

    async def ask_twice(self, first: PinQuestion, again: PinQuestion) -> str:
        """Ask for a new PIN twice. Raises PinMismatch when the two differ."""
        answer = await self.ask(first)
        if await self.ask(again) != answer:
            raise PinMismatch("the two new PINs differ")
        return answer


def open_desk(settings: PinSettings, deadline: float) -> PinDesk:
    """The desk of the settings; ``deadline`` is the upper bound of a whole call in seconds."""
    if settings.provider == "keypad":
        provider: PinProvider = KeypadPins()
    elif settings.provider == "fixed":
        provider = FixedPins(settings.fixed)
    else:
        provider = PromptPins()
    return PinDesk(provider, settings.timeout, SHARE_OF_DEADLINE * deadline)


NOBODY = PinDesk(FixedPins(FixedPinSettings()))
