"""Which port each program works at: the one that it named last, or where it began without naming one."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from concurrent.futures import Future
from typing import Protocol

from bridge.config import ReaderSettings
from bridge.errors import BadArgument, PortNotOpen
from bridge.words import said

MOST_PROGRAMS = 4096  # one that has ended is not noticed here
KEEPING_SECONDS = 1.0  # that a call waits for a slow disk
_COM = re.compile(r"COM([1-9]\d{0,2})")
_NAMED, _SETTLED = "named", "settled"


class Memory(Protocol):
    """Keeps places longer than this side lives; see :class:`bridge.records.program_ports.ProgramPorts`."""

    def load(self) -> dict[str, dict[str, str]]: ...

    def is_forgotten(self, program: str) -> bool: ...

    def save(self, places: Mapping[str, Mapping[str, str]]) -> Future[None]: ...

    def runs(self, program: str) -> bool: ...


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
        self._came_by: dict[str, str] = {}  # the name of the port by which a program came to its device
        self._stand_ins: dict[int, str] = {}
        self._anew: set[str] = set()  # forgotten programs that have opened a port since

    @staticmethod
    def port_name(port: int) -> str:
        """The name of a legacy port number: 0 is COM1; -1 names none ("")."""
        return "" if port < 0 else f"COM{port + 1}"

    @staticmethod
    def port_named(name: str) -> int:
        """The legacy number of a port's name, -1 for a name of another kind."""
        number = _COM.fullmatch(name.upper())
        return int(number[1]) - 1 if number else -1

    def device_named(self, name: str) -> str:
        """The device of a reader that a person names, "COM1" as programs count ports or a device of the
        console; for "" the one that is in use, "" where that is the console's choice.

        Raises BadArgument where several are in use.
        """
        if name:
            port = self.port_named(name)
            return name if port < 0 else self.device_of(port)
        if self._settings.default_device:
            return self._settings.default_device
        runs = (lambda program: True) if self._memory is None else self._memory.runs
        used = {device for program, device in self._named.items() if runs(program)}
        if len(used) > 1:
            raise BadArgument(
                said("several readers are in use, name one: {readers}", readers=", ".join(sorted(used)))
            )
        return "".join(used)

    def is_set(self, port: int) -> bool:
        """Whether the settings say which device the port is."""
        return str(port) in self._settings.devices

    def may_vary(self, port: int) -> bool:
        """Whether another device may stand in for a port: it names one, and the settings do not."""
        return port >= 0 and not self.is_set(port)

    def device_of(self, port: int) -> str:
        """The device that a legacy port number names; "" for -1."""
        if self.is_set(port):
            return self._settings.devices[str(port)]
        return self._stand_ins.get(port, self.port_name(port))

    def stand_in(self, port: int, device: str) -> None:
        """From now on the port means this device."""
        self._stand_ins[port] = device

    def of(self, program: str) -> str:
        """The device that a program works with; "" where it named none and the settings have no default.

        Raises PortNotOpen where it may have named one that is not known any more.
        """
        named = self._named.get(program)
        if named is not None:  # asked for each request
            return named
        if self._is_forgotten(program):
            raise PortNotOpen(
                said("the port that the program had opened is not known any more: it must open it again")
            )
        return self._settings.default_device

    def opens(self, program: str) -> None:
        """The program opens a port, or none: from now on what it does is known."""
        if self._is_forgotten(program):
            self._anew.add(program)

    def _is_forgotten(self, program: str) -> bool:
        if self._memory is None or any(program in each for each in (self._named, self._settled, self._anew)):
            return False
        return self._memory.is_forgotten(program)

    def has_named(self, program: str) -> bool:
        """Whether the program has named a port."""
        return program in self._named

    @property
    def any_named(self) -> bool:
        """Whether some program has named a port: there may be more than one device then."""
        return bool(self._named)

    def claimed(self, device: str, port_name: str, program: str) -> list[str]:
        """The other programs that have come to a device by another port, and have not ended since."""
        return [
            other
            for other, name in self._came_by.items()
            if other != program and name != port_name and self._named.get(other) == device
            if self._memory is None or self._memory.runs(other)
        ]

    def name(self, program: str, device: str, port_name: str) -> None:
        """The program names a device by a port; it counts until it names another, also after the port is
        closed.
        """
        self._put(self._named, program, device)
        self._came_by.pop(program, None)
        self._came_by[program] = port_name
        if len(self._came_by) > MOST_PROGRAMS:
            del self._came_by[next(iter(self._came_by))]

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
