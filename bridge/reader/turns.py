"""Whose turn it is at the console: it has one session, of one device, for all programs of the machine.

Programs at the same port share the session. For another port it is ended and begun anew, where nobody wants
to keep it and it has lasted for the minimum hold.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from functools import partial

from bridge.config import ReaderSettings
from bridge.errors import PortBusy, PortNotOpen, StatusError
from bridge.reader import state as events
from bridge.reader.console_client import SOURCE
from bridge.reader.ports import MOST_PROGRAMS, Ports
from bridge.reader.session import Session
from bridge.reader.state import SessionState, Why
from bridge.words import said

log = logging.getLogger(__name__)


class Turn:
    """A turn, for ``async with``. Each call has some: a generator, of which the event loop keeps account,
    would take four times as long. ``take`` waits for it, ``release`` gives it on.
    """

    __slots__ = ("_release", "_take")

    def __init__(self, take: Callable[[], Awaitable[None]], release: Callable[[], None]) -> None:
        self._take, self._release = take, release

    async def __aenter__(self) -> None:
        await self._take()

    async def __aexit__(self, *error: object) -> None:
        self._release()


class Turns:
    """The one session of the console, taken by one request at a time. ``clock``: monotonic seconds."""

    def __init__(
        self,
        session: Session,
        ports: Ports,
        settings: ReaderSettings,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._session = session
        self._ports = ports
        self._settings = settings
        self._clock = clock
        self._lock = asyncio.Lock()
        self._since = 0.0
        self._others: dict[str, SessionState] = {}  # what is known of the other devices
        self._waiting: list[str] = []  # programs that wait for their turn, the first one first
        self._called: dict[str, float] = {}  # when a program called last
        self._names: dict[str, str] = {}  # what the console calls the devices that were opened by name
        self._unnamed = ""  # the program whose turn it is, if it named no port

    def alone(self) -> AbstractAsyncContextManager[None]:
        """The console, whichever device it has: for what belongs to no call."""
        return self._lock

    def held(self, program: str, device: str) -> Turn:
        """The console, in a session of ``device`` ("": of any); see :meth:`take`."""
        return Turn(partial(self.take, program, device), self.release)

    async def take(self, program: str, device: str) -> None:
        """Wait for one's turn, until :meth:`release`. The session may still have to be begun.

        Raises PortBusy where another program keeps the session of another device, StatusError where the
        console does not know this one: the session goes on then.
        """
        self._waiting.append(program)
        try:
            while True:
                left = await self._taken(program, device)
                if left <= 0:
                    return
                await asyncio.sleep(left)
        finally:
            self._waiting.remove(program)

    async def _taken(self, program: str, device: str) -> float:
        """The turn; or how many seconds must still be waited before it may be, and then it is not taken."""
        await self._lock.acquire()
        left = 0.0
        try:
            left = await self._enter(program, device)
        except BaseException:
            self._lock.release()
            raise
        if left > 0:
            self._lock.release()
        return left

    def release(self) -> None:
        """The next one's turn."""
        self._settle()
        self._lock.release()

    def forget_open(self, program: str) -> None:
        """A program has closed its port, whichever it is."""
        session = self._session
        session.state = events.port_closed(session.state, program)
        for device, state in self._others.items():
            self._others[device] = events.port_closed(state, program)

    def is_here(self, program: str) -> bool:
        """Whether a program's next call works in the session as it is now."""
        try:
            device = self._ports.of(program) or self._place_of(program)
        except PortNotOpen:
            return False
        return device in ("", self._session.state.device, self._session.state.device_name)

    def in_use(self) -> bool:
        """Whether a program that has the port open has called within the linger time. One that was killed
        never closes its port.
        """
        return any(self.called_lately(each) for each in self._session.state.open_for)

    def at_work(self) -> tuple[bool, str]:
        """Whether a request has the turn at this moment, and the program that had it last ("" for none)."""
        return self._lock.locked(), next(reversed(self._called), "")

    def waiting(self) -> tuple[str, ...]:
        """The programs whose requests wait for their turn, the one that came first first; "" for one that
        nobody can tell apart.
        """
        return tuple(self._waiting)

    def called_lately(self, program: str) -> bool:
        """Whether a program has called within the linger time."""
        oldest = self._clock() - self._settings.linger
        return self._called.get(program, oldest) > oldest

    async def _enter(self, program: str, device: str) -> float:
        """Make the session one of ``device``. Out: how many seconds must still be waited before it may be."""
        session, now = self._session, self._clock()
        wanted = device or self._place_of(program)
        self._recognise(wanted)
        if not session.state.initialised:
            self._since = now
            self._turn_to(wanted or session.last_device)
        elif wanted and wanted != session.state.device and (device or wanted != session.state.device_name):
            chosen_by_console = not session.state.device
            if chosen_by_console:  # a port that stands for that very device is found out by this, see open
                await self._require_known(wanted)
            self._require_free(program, wanted, now)
            if not chosen_by_console:
                if (left := self._since + self._settings.hold - now) > 0:
                    return left
                await self._require_known(wanted)
            log.info("the reader's turn: from %s to %s", _shown(session.state.device), _shown(wanted))
            await session.finalise()
            self._since = now
            self._turn_to(wanted)
        self._unnamed = "" if device else program
        session.state = events.used(session.state, program, now)
        self._note(program, now)
        return 0.0

    def _recognise(self, wanted: str) -> None:
        """The console has chosen by itself what is named now: its session goes on under that name."""
        state = self._session.state
        if wanted and state.initialised and not state.device and wanted == state.device_name:
            self._others.pop(wanted, None)
            self._session.state = events.device_chosen(state)

    def _place_of(self, program: str) -> str:
        """The device of a program that named no port; "" where it is new, and where nobody has named one:
        there is no other device then.
        """
        several = self._session.last_device or self._ports.any_named
        settled = self._ports.settled(program) if several else ""
        return next((device for device, name in self._names.items() if name == settled), settled)

    def _settle(self) -> None:
        """A program that names no port stays where it began: else it would be given the patient of whoever
        had the last turn. The console says where that is; by itself it would choose the last one used.
        Callers that no door can tell apart ("") join the session that is there.
        """
        program, state = self._unnamed, self._session.state
        if state.device and state.device_name:
            self._names[state.device] = state.device_name
        if program and state.initialised and not self._ports.settled(program):
            self._ports.settle(program, state.device or state.device_name)

    def _note(self, program: str, now: float) -> None:
        self._called.pop(program, None)
        self._called[program] = now
        if len(self._called) > MOST_PROGRAMS:
            silent = next(iter(self._called))
            del self._called[silent]
            self.forget_open(silent)

    def _require_free(self, program: str, device: str, now: float) -> None:
        state = self._session.state
        for hold in state.holds:
            if hold.why is Why.VIRTUAL and not state.device:
                continue  # whoever presented it named no port, and this may be the same one
            if hold.program != program and hold.until > now:
                raise PortBusy(
                    said(
                        "the console works with port {port}, and {why} there: "
                        "port {other} of another program has to wait",
                        port=_shown(state.device),
                        why=hold.why.value,
                        other=_shown(device),
                    )
                )

    async def _require_known(self, device: str) -> None:
        """Before a session is ended for a device: is there such a one? Raises StatusError."""
        if device not in await self._session.console.device_names():
            raise StatusError(SOURCE, self._session.console.protocol.statuses.unknown_device.number)

    def _turn_to(self, device: str) -> None:
        session = self._session
        if session.state.device != device:
            self._others[session.state.device] = session.state
            session.state = self._others.pop(device, SessionState(device=device))


def _shown(device: str) -> str:
    return device or "(default)"
