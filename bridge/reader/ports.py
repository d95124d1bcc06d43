"""Which port each program works at: the one that it named last."""

from __future__ import annotations

from bridge.config import ReaderSettings

MOST_PROGRAMS = 4096  # one that has ended is not noticed here


class Ports:
    """The devices of programs. A program that named none works with the default device.

    Callers that no door can tell apart ("") count as one program.
    """

    def __init__(self, settings: ReaderSettings) -> None:
        self._settings = settings
        self._named: dict[str, str] = {}

    def device_of(self, port: int) -> str:
        """The device that a legacy port number names: 0 is COM1; -1 names none ("")."""
        return "" if port < 0 else self._settings.devices.get(str(port), f"COM{port + 1}")

    def of(self, program: str) -> str:
        """The device that a program works with; "" where it named none and the settings have no default."""
        return self._named.get(program, self._settings.default_device)

    def has_named(self, program: str) -> bool:
        """Whether the program has named a port."""
        return program in self._named

    def name(self, program: str, device: str) -> None:
        """The program names a device; it counts until it names another, also after the port is closed."""
        self._named.pop(program, None)
        while len(self._named) >= MOST_PROGRAMS:
            del self._named[next(iter(self._named))]
        self._named[program] = device
