"""PINs from the desk's page: the question waits here until the page brings its answer."""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
from dataclasses import dataclass, field

from bridge.errors import PinCancelled, PinTimedOut, PinUnavailable
from bridge.reader.pin.questions import PinQuestion
from bridge.words import said

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AskedOnPage:
    """A question that waits for the page. ``number`` names it; ``since`` in monotonic seconds."""

    number: int
    question: PinQuestion
    since: float
    answer: asyncio.Future[str] = field(repr=False)


class PagePins:
    """Asks on the page of a running bridge, which calls :meth:`attach`; where there is none, nobody can be
    asked. An answer is handed to its question and kept nowhere.
    """

    types_on_reader = False

    def __init__(self) -> None:
        self._there = False
        self._numbers = itertools.count(1)
        self._open: dict[int, AskedOnPage] = {}

    def attach(self) -> None:
        """There is a page, which shows the open questions and brings answers."""
        self._there = True

    def open_questions(self) -> list[AskedOnPage]:
        """Those that wait, oldest first."""
        return list(self._open.values())

    async def ask(self, question: PinQuestion) -> str:
        """Wait for the page's answer. Raises PinCancelled, PinTimedOut; PinUnavailable without a page."""
        if not self._there:
            log.error('nobody can be asked for a PIN: pin.provider = "page" is for cshis-bridge serve')
            raise PinUnavailable(said("there is no page here"))
        waiting: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        asked = AskedOnPage(next(self._numbers), question, time.monotonic(), waiting)
        self._open[asked.number] = asked
        log.info("the page asks: %s (to open it: cshis-bridge desk)", question.english)
        try:
            async with asyncio.timeout(question.seconds):
                return await waiting
        except TimeoutError as error:
            raise PinTimedOut(said("nobody typed a PIN on the page in time")) from error
        finally:
            del self._open[asked.number]

    def answer(self, number: int, digits: str) -> bool:
        """Hand over what was typed. Out: whether the question was open and takes it as an answer."""
        asked = self._open.get(number)
        if asked is None or asked.answer.done() or not asked.question.accepts(digits):
            return False
        asked.answer.set_result(digits)
        return True

    def cancel(self, number: int) -> bool:
        """The person does not want to answer. Out: whether the question was open."""
        asked = self._open.get(number)
        if asked is None or asked.answer.done():
            return False
        asked.answer.set_exception(PinCancelled(said("the person cancelled")))
        return True
