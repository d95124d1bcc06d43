"""Which port each program works at: the one that it named last, or where it began without naming one."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from concurrent.futures import Future
from typing import Protocol

from bridge.config import ReaderSettings

MOST_PROGRAMS = 4096  # one that has ended is not noticed here
KEEPING_SECONDS = 1.0  # that a call waits for a slow disk
_NAMED, _SETTLED = "named", "settled"


class Memory(Protocol):
    """Keeps places longer than this side lives; see :class:`bridge.records.program_ports.ProgramPorts`."""

    def load(self) -> dict[str, dict[str, str]]: ...

    def save(self, places: Mapping[str, Mapping[str, str]]) -> Future[None]: ...


class Ports:
    """The devices of programs. A program that named none works with the default device.

    Callers that no door can tell apart ("") count as one program. ``memory``: None where all is forgotten at
    the end.
    """

    def __init__(self, settings: ReaderSettings, memory: Memory | None = None) -> None:
        self._settings = settings
        self._memory = memory
        known = {} if memory is None else memory.load()
        self._named = known.get(_NAMED, {})
        self._settled = known.get(_SETTLED, {})  # where a program that named none began to work
        self._saving: Future[None] | None = None

    def device_of(self, port: int) -> str:
        """The device that a legacy port number names: 0 is COM1; -1 names none ("")."""
        return "" if port < 0 else self._settings.devices.get(str(port), f"COM{port + 1}")

    def of(self, program: str) -> str:
        """The device that a program works with; "" where it named none and the settings have no default."""
        return self._named.get(program, self._settings.default_device)

    def has_named(self, program: str) -> bool:
        """Whether the program has named a port."""
        return program in self._named

    @property
    def any_named(self) -> bool:
        """Whether some program has named a port: there may be more than one device then."""
        return bool(self._named)

    def name(self, program: str, device: str) -> None:
        """The program names a device; it counts until it names another, also after the port is closed."""
        self._put(self._named, program, device)

    def settled(self, program: str) -> str:
        """Where a program that named no port began to work, "" where it has not."""
        return self._settled.get(program, "")

    def settle(self, program: str, place: str) -> None:
        """A program that named no port has begun to work at a device (as the console calls it)."""
        self._put(self._settled, program, place)

    async def kept(self) -> None:
        """Wait until what was named survives the end of this side, but for a slow disk no longer than a
        second. To be awaited before the program is told that its port is open.
        """
        if self._saving is not None and not self._saving.done():
            await asyncio.wait([asyncio.wrap_future(self._saving)], timeout=KEEPING_SECONDS)

    def _put(self, places: dict[str, str], program: str, device: str) -> None:
        before = places.pop(program, None)
        while len(places) >= MOST_PROGRAMS:
            del places[next(iter(places))]
        places[program] = device
        if self._memory is not None and before != device:
            self._saving = self._memory.save({_NAMED: dict(self._named), _SETTLED: dict(self._settled)})
