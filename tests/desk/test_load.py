"""50 calls a second leave the page usable and its memory flat. DESK_SECONDS says for how long; a machine that
is too slow for so many takes longer.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable

import pytest

from bridge.calls.call import LegacyCall
from bridge.channel.client import ChannelClient
from bridge.table.default import default_table
from tests.desk.conftest import Page

SECONDS = float(os.environ.get("DESK_SECONDS", "15"))
RATE = 50
MOST_GROWN = 6 * 1024 * 1024  # bytes of the page's own heap, from the first tenth to the end
MOST_ANSWER = 1.0  # seconds for two clicks


async def _calls(host: str, port: int, count: int, beside: Callable[[], None]) -> None:
    """So many calls, at most RATE a second; once a second something beside them, in a thread."""
    begun, made, looked = time.monotonic(), 0, 0
    async with ChannelClient(default_table(), host, port) as channel:
        while made < count:
            passed = time.monotonic() - begun
            name, given = (("csGetDateTime", {}), ("hisGetCardStatus", {"CardType": 2}))[made % 2]
            if made < passed * RATE:
                await channel.call(LegacyCall(*_whole(name, given)))
                made += 1
            else:
                await asyncio.sleep(0.005)
            if passed > looked + 1:
                looked += 1
                await asyncio.to_thread(beside)


def _whole(name: str, given: dict[str, int]) -> tuple[str, dict[str, object]]:
    from bridge.calls.call import OutBuffer

    return (name, {**given} if given else {"pBuffer": OutBuffer(13)})


def heap(page: Page) -> int:
    page.devtools("HeapProfiler.collectGarbage", {})
    return int(page.devtools("Runtime.getHeapUsage", {})["usedSize"])


@pytest.fixture
def bridge_settings() -> str:
    """A bridge of its own: what it lists is not the other tests' business."""
    return "# of the calls a second"


@pytest.mark.timeout(600 + SECONDS)
def test_the_page_stays_usable_and_does_not_grow(page: Page) -> None:
    page.go("calls")
    sizes: list[int] = []
    answers: list[float] = []

    def look() -> None:
        sizes.append(heap(page))
        begun = time.monotonic()
        page.click("#stop")
        page.until("return document.querySelector('#stop').getAttribute('aria-pressed') === 'true'")
        page.click("#stop")
        answers.append(time.monotonic() - begun)

    host, port = page.bridge.ready["channel"].split(":")
    made = int(SECONDS * RATE)
    asyncio.run(_calls(host, int(port), made, look))
    early = max(sizes[: max(5, len(sizes) // 10)])
    print(f"{made} calls, heap {sizes[0]} to {sizes[-1]} bytes, slowest click {max(answers):.3f} s")
    assert sizes[-1] < early + MOST_GROWN
    assert sorted(answers)[int(len(answers) * 0.9)] < MOST_ANSWER
    assert page.run("return document.querySelectorAll('#call-rows tr').length") <= 100
    page.sees("csGetDateTime", "#call-rows")
    assert page.complaints() == []
