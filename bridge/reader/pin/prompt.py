"""PINs from a window on this screen. The window is a program of its own; this is the side that starts it."""

from __future__ import annotations

import asyncio
import logging
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from bridge.errors import PinCancelled, PinTimedOut, PinUnavailable
from bridge.reader.pin import window as prompt_window
from bridge.reader.pin.questions import PinQuestion
from bridge.reader.pin.window import CANCELLED, NO_DISPLAY, NO_TKINTER, TIMED_OUT
from bridge.this_python import interpreter
from bridge.words import said

log = logging.getLogger(__name__)

GRACE_SECONDS = 3.0  # the window closes by itself; this is for starting it, and for one that hangs
LONGEST_ANSWER = 64


class PromptPins:
    """A window of its own process (``bridge.reader.pin.window``); ``command`` replaces that program."""

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
            raise PinTimedOut(said("the window did not close in time")) from error
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
            raise _unavailable(said("the window cannot be started: {error}", error=error)) from error


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
        with suppress(ProcessLookupError):  # it has just ended
            process.kill()
    if process.stdin is not None:
        process.stdin.close()
    await process.wait()


def _check_end(code: int, trouble: str) -> None:
    """Raise what an exit code of the window other than that of an answer means."""
    if code == CANCELLED:
        raise PinCancelled(said("the person cancelled"))
    if code == TIMED_OUT:
        raise PinTimedOut(said("nobody typed a PIN in time"))
    if code == NO_DISPLAY:
        raise _unavailable(said("there is no screen to show the window on (is the bridge run as a service?)"))
    if code == NO_TKINTER:
        raise _unavailable(
            said("this Python has no tkinter (on Debian and Ubuntu: apt-get install python3-tk)")
        )
    if code != prompt_window.ANSWERED:
        last_line = (trouble.strip().splitlines() or [""])[-1]
        raise _unavailable(said("the window failed (exit code {code}) {line}", code=code, line=last_line))


def _unavailable(reason: str) -> PinUnavailable:
    """Log what is wrong and which setting to change."""
    log.error(
        "nobody can be asked for a PIN: %s. Run the bridge where a person sees its windows, or set "
        'pin.provider = "keypad" where the reader has keys',
        reason,
    )
    return PinUnavailable(reason)


def window_command() -> list[str]:
    """Program and arguments of the window: this Python, isolated from the environment and folder of the host.

    Raises nothing: where no interpreter is found, starting it fails with a clear message.
    """
    return [str(interpreter()), "-I", str(Path(prompt_window.__file__).resolve())]
