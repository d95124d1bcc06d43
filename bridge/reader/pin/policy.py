"""Asking for PINs: whom, and for how long. All questions of one operation share one time."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from bridge.config import FixedPinSettings, PinSettings
from bridge.errors import PinMismatch, PinTimedOut
from bridge.reader.pin.provider import FixedPins, KeypadPins, PinProvider, PinQuestion, PromptPins

SHARE_OF_DEADLINE = 0.85  # the rest of a call's time is for console and cloud


@dataclass(frozen=True, slots=True)
class PinPolicy:
    """Who is asked, how many seconds one question and how many all questions of one operation may take."""

    provider: PinProvider
    timeout: float = 60.0
    total: float = 85.0

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
            raise PinTimedOut("the questions of this call took too long")
        return seconds

    async def ask(self, question: PinQuestion) -> str:
        """Ask one. Out: the digits. Raises PinCancelled, PinTimedOut, PinUnavailable."""
        return await self._policy.provider.ask(replace(question, seconds=self._remaining()))

    async def ask_twice(self, first: PinQuestion, again: PinQuestion) -> str:
        """Ask for a new PIN twice. Raises PinMismatch when the two differ."""
        answer = await self.ask(first)
        if await self.ask(again) != answer:
            raise PinMismatch("the two new PINs differ")
        return answer


def pin_policy(settings: PinSettings, deadline: float) -> PinPolicy:
    """The policy of the settings; ``deadline`` is the upper bound of a whole call in seconds."""
    if settings.provider == "keypad":
        provider: PinProvider = KeypadPins()
    elif settings.provider == "fixed":
        provider = FixedPins(settings.fixed)
    else:
        provider = PromptPins()
    return PinPolicy(provider, settings.timeout, SHARE_OF_DEADLINE * deadline)


NOBODY = PinPolicy(FixedPins(FixedPinSettings()))
