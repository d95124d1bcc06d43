"""Which port each program works at: the one that it named last."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.config import ReaderSettings

MOST_PROGRAMS = 4096  # one that has ended is not noticed here


@dataclass(frozen=True, slots=True)
class _Named:
    """The device that a program works with, and the name of the port by which it came to it."""

    device: str
    port_name: str


class Ports:
    """The devices of programs. A program that named none works with the default device.

    Callers that no door can tell apart ("") count as one program.
    """

    def __init__(self, settings: ReaderSettings) -> None:
        self._settings = settings
        self._named: dict[str, _Named] = {}
        self._stand_ins: dict[int, str] = {}

    @staticmethod
    def port_name(port: int) -> str:
        """The name of a legacy port number: 0 is COM1; -1 names none ("")."""
        return "" if port < 0 else f"COM{port + 1}"

    def is_set(self, port: int) -> bool:
        """Whether the settings say which device the port is."""
        return str(port) in self._settings.devices

    def may_vary(self, port: int) -> bool:
        """Whether another device may stand in for a port: it names one, and the settings do not."""
        return port >= 0 and not self.is_set(port)

    def device_of(self, port: int) -> str:
        """The device that a legacy port number names; "" for -1."""
        name = self.port_name(port)
        if port < 0:
            return name
        return self._settings.devices.get(str(port)) or self._stand_ins.get(port, name)

    def stand_in(self, port: int, device: str) -> None:
        """From now on the port means this device."""
        self._stand_ins[port] = device

    def of(self, program: str) -> str:
        """The device that a program works with; "" where it named none and the settings have no default."""
        named = self._named.get(program)
        return self._settings.default_device if named is None else named.device

    def has_named(self, program: str) -> bool:
        """Whether the program has named a port."""
        return program in self._named

    def claimed(self, device: str, port_name: str, program: str) -> list[str]:
        """The other programs that have come to a device by another port."""
        return [
            other
            for other, named in self._named.items()
            if other != program and named.device == device and named.port_name != port_name
        ]

    def name(self, program: str, device: str, port_name: str) -> None:
        """The program names a device; it counts until it names another, also after the port is closed."""
        self._named.pop(program, None)
        while len(self._named) >= MOST_PROGRAMS:
            del self._named[next(iter(self._named))]
        self._named[program] = _Named(device, port_name)
