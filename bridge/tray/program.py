"""Starts the tray program and tells it what to show, for as long as the bridge runs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Protocol

from bridge.tray.lines import ALIVE, BYE, balloon_line, gone_line, hung_line, look_line, menu_lines
from bridge.tray.look import STARTING, Look, Told
from bridge.tray.menu import Entry
from bridge.tray.watch import EVERY
from bridge.tray.words import Language

log = logging.getLogger(__name__)

REPLACED = 3  # its exit code where another one stands for this bridge now
MOST_STARTS = 5
AGAIN = 60.0  # seconds, after which one that somebody has ended is started again
LAST_WORD = 0.5  # seconds; one that is busy with what a person has chosen ends by itself, later
SILENT_LOOKS = 5  # as long as so many take, and nothing said: the bridge hangs
Menu = Callable[[str], Sequence[Entry]]


class Looking(Protocol):
    """Who says how the bridge is."""

    async def look(self) -> Look: ...


class _Ended(Exception):
    """The program has ended, and takes no more lines."""


@asynccontextmanager
async def icon_shown(
    command: Sequence[str], watch: Looking, menu: Menu, language: Language, every: float = EVERY
) -> AsyncIterator[None]:
    """The icon is there until the end of the with statement. In: the words that start the program; who looks;
    what makes a menu with a line that says how the bridge is; seconds between two looks.

    That it cannot be shown costs nobody a call: the log says so.
    """
    icon = _Icon(command, watch, menu, language, every)
    task = asyncio.create_task(icon.keep(), name="tray")
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


class _Icon:
    def __init__(
        self, command: Sequence[str], watch: Looking, menu: Menu, language: Language, every: float
    ) -> None:
        self._command, self._watch, self._menu = list(command), watch, menu
        self._language, self._every = language, every

    async def keep(self) -> None:
        """Show it, again where its program has ended by itself."""
        for _ in range(MOST_STARTS):
            try:
                code = await self._run()
            except OSError as error:
                log.warning("the icon in the notification area cannot be shown: %s", error)
                return
            if code == REPLACED:
                return
            log.debug("the tray program ended with %d", code)
            await asyncio.sleep(AGAIN)

    async def _run(self) -> int:
        nowhere = asyncio.subprocess.DEVNULL
        process = await asyncio.create_subprocess_exec(
            *self._command, stdin=asyncio.subprocess.PIPE, stdout=nowhere, stderr=nowhere
        )
        if process.stdin is None:
            raise TypeError("the tray program was started without a pipe")
        ended = asyncio.create_task(process.wait())
        try:
            await self._feed(process.stdin, ended)
            return await ended
        except asyncio.CancelledError:
            await _last_word(process.stdin, ended)
            raise
        finally:
            process.stdin.close()
            ended.cancel()

    async def _feed(self, to: asyncio.StreamWriter, ended: asyncio.Task[int]) -> None:
        """Until it has ended."""
        told, shown = Told(), STARTING
        silence = hung_line(self._language, SILENT_LOOKS * self._every)
        with suppress(_Ended):
            await _write(to, gone_line(self._language) + silence + self._lines(shown))
            while not ended.done():
                look = await self._look(to, shown)
                if look != shown:
                    await _write(to, self._lines(look))
                    shown = look
                if told.is_news(look):
                    await _write(to, balloon_line(look, self._language))
                await asyncio.wait({ended}, timeout=self._every)
                await _write(to, ALIVE)

    async def _look(self, to: asyncio.StreamWriter, before: Look) -> Look:
        """Look. However long that takes, the bridge is there."""
        looking = asyncio.create_task(self._watch.look())
        try:
            while not (await asyncio.wait({looking}, timeout=self._every))[0]:
                await _write(to, ALIVE)
            return looking.result()
        except (_Ended, asyncio.CancelledError):
            looking.cancel()
            raise
        except Exception:  # no look is worth a call
            log.exception("how the bridge is, could not be found out")
            return before

    def _lines(self, look: Look) -> bytes:
        return look_line(look, self._language) + menu_lines(self._menu(look.tip(self._language)))


async def _write(to: asyncio.StreamWriter, lines: bytes) -> None:
    try:
        to.write(lines)
        await to.drain()
    except OSError as error:
        raise _Ended from error


async def _last_word(to: asyncio.StreamWriter, ended: asyncio.Task[int]) -> None:
    with suppress(_Ended, TimeoutError):
        async with asyncio.timeout(LAST_WORD):
            await _write(to, BYE)
            to.close()
            await ended
