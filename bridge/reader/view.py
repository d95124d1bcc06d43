"""The reader as people look at it: what this side knows, and what the console says when it is asked.

Looking takes no turn, mends nothing and changes nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from bridge.errors import CallError
from bridge.reader.console_client import ConsoleStatus
from bridge.reader.session import Session
from bridge.reader.turns import Turns
from bridge.table.model.console import ConsoleStates


@dataclass(frozen=True, slots=True)
class Wish:
    """A program wants to keep the session: why (``visit``, ``hc_pin``, ``hpc_pin``, ``virtual``), and for how
    many seconds yet.
    """

    program: str
    why: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the session without asking anybody. ``card``: a value of
    :class:`bridge.reader.state.PresentCard`; ``at_work``: a request has the turn, that of ``program``;
    ``waiting``: the programs of the requests that wait for it, the first one first.
    """

    session: bool
    device: str
    sam_verified: bool
    card: str
    at_work: bool
    program: str
    wishes: tuple[Wish, ...]
    waiting: tuple[str, ...] = ()


class ReaderView:
    """Looks at one reader. ``clock``: monotonic seconds."""

    def __init__(self, session: Session, turns: Turns, clock: Callable[[], float] = time.monotonic) -> None:
        self._session = session
        self._turns = turns
        self._clock = clock

    @property
    def states(self) -> ConsoleStates:
        """What the numbers of :meth:`ask` mean."""
        return self._session.console.protocol.states

    def known(self) -> Known:
        """What this side knows at this moment."""
        state, now = self._session.state, self._clock()
        at_work, program = self._turns.at_work()
        return Known(
            session=state.initialised,
            device=state.device_name or state.device,
            sam_verified=state.sam_verified,
            card=state.card.value,
            at_work=at_work,
            program=program,
            wishes=tuple(
                Wish(hold.program, hold.why.name.lower(), hold.until - now)
                for hold in state.holds
                if hold.until > now
            ),
            waiting=self._turns.waiting(),
        )

    async def ask(self) -> ConsoleStatus | CallError:
        """The console's own status, which it gives in every state; or why there is none."""
        try:
            return await self._session.console.status()
        except CallError as error:
            return error
