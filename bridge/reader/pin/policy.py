"""Asking for PINs: whom, and for how long. All questions of one operation share one time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from bridge.config import FixedPinSettings, PinSettings
from bridge.errors import PinMismatch, PinTimedOut
from bridge.reader.pin.page import PagePins
from bridge.reader.pin.provider import FixedPins, KeypadPins, PinProvider, PinQuestion, PromptPins
from bridge.words import said

SHARE_OF_DEADLINE = 0.85  # the rest of a call's time is for console and cloud


class OpenQuestions:
    """The questions that wait for a person at this moment, each with its beginning (monotonic seconds).
    ``changed``: who hears of each beginning and end, if anybody.
    """

    def __init__(self) -> None:
        self.changed: Callable[[], None] | None = None
        self._open: dict[int, tuple[PinQuestion, float]] = {}

    @contextmanager
    def noting(self, question: PinQuestion) -> Iterator[None]:
        """Inside, the question is open."""
        key = id(question)
        self._open[key] = (question, time.monotonic())
        self._tell()
        try:
            yield
        finally:
            del self._open[key]
            self._tell()

    def now(self) -> list[tuple[PinQuestion, float]]:
        """All of them, oldest first."""
        return list(self._open.values())

    def _tell(self) -> None:
        if self.changed is not None:
            self.changed()


@dataclass(frozen=True, slots=True)
class PinPolicy:
    """Who is asked, how many seconds one question and how many all questions of one operation may take.
    ``asked``: what is open at this moment.
    """

    provider: PinProvider
    timeout: float = 60.0
    total: float = 85.0
    asked: OpenQuestions = field(default_factory=OpenQuestions, compare=False)

    def questions(self) -> Questions:
        """Begin the questions of one operation."""
        return Questions(self)


class Questions:
    """The questions of one operation; together they stay within the policy's total time."""

    def __init__(self, policy: PinPolicy) -> None:
        self._policy = policy
        self._ends = time.monotonic() + policy.total

    @property
    def patience(self) -> float | None:
        """Seconds that the console's request may take because the person types on the reader meanwhile."""
        return self._remaining() if self._policy.provider.types_on_reader else None

    def _remaining(self) -> float:
        seconds = min(self._policy.timeout, self._ends - time.monotonic())
        if seconds <= 0:
            raise PinTimedOut(said("the questions of this call took too long"))
        return seconds

    async def ask(self, question: PinQuestion) -> str:
        """Ask one. Out: the digits. Raises PinCancelled, PinTimedOut, PinUnavailable."""
        timed = replace(question, seconds=self._remaining())
        with self._policy.asked.noting(timed):
            return await self._policy.provider.ask(timed)

    async def ask_twice(self, first: PinQuestion, again: PinQuestion) -> str:
        """Ask for a new PIN twice. Raises PinMismatch when the two differ."""
        answer = await self.ask(first)
        if await self.ask(again) != answer:
            raise PinMismatch(said("the two new PINs differ"))
        return answer


def pin_policy(settings: PinSettings, deadline: float) -> PinPolicy:
    """The policy of the settings; ``deadline`` is the upper bound of a whole call in seconds."""
    if settings.provider == "keypad":
        provider: PinProvider = KeypadPins()
    elif settings.provider == "page":
        provider = PagePins()
    elif settings.provider == "fixed":
        provider = FixedPins(settings.fixed)
    else:
        provider = PromptPins()
    return PinPolicy(provider, settings.timeout, SHARE_OF_DEADLINE * deadline)


NOBODY = PinPolicy(FixedPins(FixedPinSettings()))
