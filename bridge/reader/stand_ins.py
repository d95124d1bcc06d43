"""Which cloud SAM stands in for a port that the console does not know.

A program counts ports as the old readers hung on them: 0 is COM1. The console knows a physical SAM by such
a name, a cloud SAM only by its id. So a port that is unknown there means the cloud SAM whose virtual port it
is, if the console's list of SAMs tells that, else the only SAM there is.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from bridge.errors import StatusError
from bridge.reader.console_client import SOURCE, ConsoleClient
from bridge.reader.ports import Ports

log = logging.getLogger(__name__)


class StandIns:
    """Finds stand-ins and remembers them. ``calls_lately`` tells whether a program has called of late."""

    def __init__(self, console: ConsoleClient, ports: Ports, calls_lately: Callable[[str], bool]) -> None:
        self._console = console
        self._ports = ports
        self._calls_lately = calls_lately
        self._unknown = console.protocol.statuses.unknown_device

    def require_free(self, program: str, port: int) -> None:
        """Before a remembered stand-in is opened: has nobody else come to it by another port? Raises
        StatusError (unknown device).
        """
        device = self._ports.device_of(port)
        if device != self._ports.port_name(port) and not self._ports.is_set(port):
            self._require_unclaimed(program, port, device)

    async def after(self, error: StatusError, program: str, port: int) -> str:
        """What is to be opened in place of a port that was refused with ``error``. Raises StatusError: the
        same where nothing is, unknown device where another program has come to it by another port.
        """
        if error.source != SOURCE or error.number not in self._unknown or not self._ports.may_vary(port):
            raise error
        name = self._ports.port_name(port)
        found = await self._device_for(name)
        if not found:
            raise error
        self._require_unclaimed(program, port, found)
        if found not in (name, self._ports.device_of(port)):
            log.warning(
                "the console has no port %s: its cloud SAM %s stands in; the setting reader.devices names it "
                'for good (%d = "%s")',
                name, found, port, found,
            )  # fmt: skip
        self._ports.stand_in(port, found)
        return found

    async def _device_for(self, name: str) -> str:
        """The device for a port's name; "" where nothing, or more than one, could be meant."""
        names = await self._console.device_names()
        if name in names:
            return name
        sams = [each for each in names if each.isdigit()]
        if len(sams) < 2:
            return "".join(sams)
        by_port = await self._console.cloud_sam_ports()
        if by_port.get(name) in sams:
            return by_port[name]
        log.warning(
            "the console has no port %s, and %d cloud SAMs: which of them is meant, the setting "
            "reader.devices must say",
            name, len(sams),
        )  # fmt: skip
        return ""

    def _require_unclaimed(self, program: str, port: int, device: str) -> None:
        name = self._ports.port_name(port)
        claimed = self._ports.claimed(device, name, program)
        if any(self._calls_lately(other) for other in claimed):
            log.warning(
                "the console has no port %s, and another program works with its cloud SAM at another port: "
                "they could mean two readers, so %s is refused",
                name, name,
            )  # fmt: skip
            raise StatusError(SOURCE, self._unknown.number)
