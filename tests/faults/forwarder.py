"""Passes bytes on between a caller and the bridge's channel, and can keep the bridge's answers to itself."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from bridge.serving.sockets import open_listener
from tests.faults.proxy import LOOPBACK, PASSING, Gate

ANSWER = b"\2\0"  # the kind of frame, in its header


class Forwarder:
    """Listens on ``port``. While ``holding``, what the bridge answers to calls waits at the gate; a greeting
    does not.
    """

    def __init__(self, target: int) -> None:
        self._target = target
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0
        self.holding = False
        self.gate = Gate()

    async def start(self) -> None:
        listening = open_listener(LOOPBACK, 0)
        self.port = listening.getsockname()[1]
        self._server = await asyncio.start_server(self._accept, sock=listening)

    async def stop(self) -> None:
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        with suppress(asyncio.CancelledError, *PASSING):
            ahead, back = await asyncio.open_connection(LOOPBACK, self._target)
            there = asyncio.create_task(self._copy(reader, back))
            try:
                await self._copy(ahead, writer, answers=True)
            finally:
                there.cancel()
                back.close()
        writer.close()
        self._tasks.discard(task)

    async def _copy(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answers: bool = False
    ) -> None:
        with suppress(*PASSING):
            while piece := await reader.read(65_536):
                if answers and self.holding and piece[6:8] == ANSWER:
                    await self.gate.wait()
                    return
                writer.write(piece)
                await writer.drain()
