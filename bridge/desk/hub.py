"""What open pages hear: events by kind, to each page that listens. Where none does, nobody makes any."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager

MOST_WAITING = 1_000  # events of one page; a page that is slower loses the oldest and is told how many
PAUSE = 0.25  # seconds between two pieces of a stream: many events go in one
HEARTBEAT = 15.0
MOST_STREAMS = 4  # a browser has six connections to a host, for all its tabs, and each stream holds one

Event = tuple[str, object]


class Stream:
    """The events of one page, in order."""

    def __init__(self) -> None:
        self._waiting: deque[Event] = deque()
        self._missed = 0
        self._more = asyncio.Event()
        self._ended = False

    def put(self, kind: str, content: object) -> None:
        """One more event; ``content`` is a JSON value."""
        if self._ended:
            return
        if len(self._waiting) >= MOST_WAITING:
            self._waiting.popleft()
            self._missed += 1
        self._waiting.append((kind, content))
        self._more.set()

    def end(self, last: Event | None = None) -> None:
        """Nothing more comes, not even what waits, but this last one."""
        if self._ended:
            return
        self._waiting = deque([last] if last is not None else [])
        self._ended = True
        self._more.set()

    async def texts(self) -> AsyncIterator[str]:
        """Server-sent events, several in one text, until the end. What waits for nobody is not kept."""
        while not self._ended or self._waiting:
            try:
                async with asyncio.timeout(HEARTBEAT):
                    await self._more.wait()
            except TimeoutError:
                yield ": still here\n\n"
                continue
            self._more.clear()
            if text := "".join(self._taken()):
                yield text
                await asyncio.sleep(PAUSE)

    def _taken(self) -> Iterator[str]:
        if self._missed:
            yield _text("missed", self._missed)
            self._missed = 0
        while self._waiting:
            yield _text(*self._waiting.popleft())


class Hub:
    """All pages that listen. ``first`` is called before there is one, ``last`` when there is none."""

    def __init__(self, first: Callable[[], None], last: Callable[[], None]) -> None:
        self._first = first
        self._last = last
        self._streams: dict[Stream, None] = {}

    def __len__(self) -> int:
        return len(self._streams)

    @contextmanager
    def listening(self) -> Iterator[Stream]:
        """A page listens until the end of the with statement; one too many ends the oldest, which is told
        that others are open (the event ``elsewhere``).
        """
        if not self._streams:
            self._first()
        stream = Stream()
        self._streams[stream] = None
        for oldest in list(self._streams)[:-MOST_STREAMS]:
            oldest.end(("elsewhere", MOST_STREAMS))
        try:
            yield stream
        finally:
            del self._streams[stream]
            if not self._streams:
                self._last()

    def tell(self, kind: str, content: object) -> None:
        """An event for every page."""
        for stream in self._streams:
            stream.put(kind, content)

    def end(self) -> None:
        """The bridge stops: every stream ends."""
        for stream in self._streams:
            stream.end()


def _text(kind: str, content: object) -> str:
    return f"event: {kind}\ndata: {json.dumps(content, ensure_ascii=False)}\n\n"
