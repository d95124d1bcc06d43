"""Where PINs come from: a window (``prompt``), the keys of the reader (``keypad``), the settings (``fixed``).

An answer is handed on and forgotten: it is not logged, not kept, not written anywhere.
"""

from __future__ import annotations

import logging
from typing import Protocol

from bridge.config import FixedPinSettings
from bridge.errors import PinUnavailable
from bridge.reader.pin.prompt import PromptPins
from bridge.reader.pin.questions import PinQuestion
from bridge.words import said

__all__ = ["FixedPins", "KeypadPins", "PinProvider", "PinQuestion", "PromptPins"]

log = logging.getLogger(__name__)

KEYPAD_ANSWER = "000000"  # what the console wants where the digits are typed on the reader (seed 001)


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
    """An NHI reader with keys (健保讀卡機): the console asks there and is sent "000000" (seed 001).

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
        """Answer from the settings. Raises PinUnavailable for one that is missing; the log names it."""
        value = getattr(self._values, question.key)
        answer = value.get_secret_value() if value is not None else ""
        if not question.accepts(answer):
            log.error(
                "%s: the setting pin.fixed.%s is missing or has not %d to %d digits",
                question.english, question.key, question.least, question.most,
            )  # fmt: skip
            raise PinUnavailable(said("pin.fixed.{key} cannot be used", key=question.key))
        return answer
