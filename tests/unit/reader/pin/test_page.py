"""PINs from the page: asked, answered, cancelled, too late, with no page at all."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bridge.errors import PinCancelled, PinTimedOut, PinUnavailable
from bridge.reader.pin.page import PagePins
from bridge.reader.pin.questions import HC_PIN


@pytest.fixture
def pins() -> PagePins:
    made = PagePins()
    made.attach()
    return made


async def asked(pins: PagePins, seconds: float = 5.0) -> tuple[asyncio.Task[str], int]:
    """A question under way, and its number."""
    task = asyncio.create_task(pins.ask(replace(HC_PIN, seconds=seconds)))
    await asyncio.sleep(0)
    return task, pins.open_questions()[-1].number


async def test_an_answer_goes_to_its_own_question(pins: PagePins) -> None:
    one, first = await asked(pins)
    other, second = await asked(pins)
    assert pins.answer(second, "654321")
    assert await other == "654321"
    assert not one.done()
    assert pins.answer(first, "1234")
    assert await one == "1234"
    assert pins.open_questions() == []
    assert not pins.answer(first, "1234")


@pytest.mark.parametrize("digits", ["", "123", "1234567", "12 34", "１２３４", "abcd"])
async def test_what_is_no_pin_is_not_taken(pins: PagePins, digits: str) -> None:
    task, number = await asked(pins)
    assert not pins.answer(number, digits)
    assert pins.cancel(number)
    assert not pins.cancel(number)
    assert not pins.answer(number, "1234")
    with pytest.raises(PinCancelled):
        await task


async def test_nobody_answers_in_time(pins: PagePins) -> None:
    task, number = await asked(pins, 0.05)
    with pytest.raises(PinTimedOut):
        await task
    assert not pins.answer(number, "1234")


async def test_a_call_that_is_cancelled_takes_its_question_away(pins: PagePins) -> None:
    task, number = await asked(pins)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert pins.open_questions() == []
    assert not pins.cancel(number)


async def test_without_a_page_nobody_can_be_asked() -> None:
    with pytest.raises(PinUnavailable):
        await PagePins().ask(HC_PIN)


async def test_a_question_shows_nothing_of_its_answer(pins: PagePins) -> None:
    task, number = await asked(pins)
    (open_one,) = pins.open_questions()
    pins.answer(number, "9876")
    assert "9876" not in repr(open_one)
    assert await task == "9876"
