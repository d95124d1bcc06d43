"""The world of a replay against simulators: made of the trace, its cards and its clock as then."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from bridge.calls.call import LegacyCall
from bridge.errors import TraceError
from bridge.sim.errors import ControlError, ScenarioError
from bridge.sim.scenario.file import scenario_of
from bridge.sim.scenario.model import Scenario
from bridge.table.model.rows import Table
from bridge.trace.format import TracedCall
from bridge.trace.reading import Trace
from bridge.trace.replaying.rebuild_call import NotAgain
from bridge.trace.replaying.virtual_cards import Presented, qr_argument
from bridge.trace.worlds.moves import CardMove
from bridge.trace.worlds.world import made_world
from bridge.words import said

Moves = dict[tuple[int, int], list[CardMove]]
SLACK = 1.0  # seconds that the clock may be behind the recording


Asked = Callable[..., Awaitable[Any]]


class Steered(Protocol):
    """A simulator as its day steers it. Each raises ControlError where it refuses."""

    def state(self) -> Mapping[str, Any]:
        """The cards in the ``slots``, by name."""
        ...

    def insert(self, slot: str, card_number: str) -> None:
        """Put a card into a slot."""
        ...

    def remove(self, slot: str) -> None:
        """Take it out."""
        ...

    def qr(self, card_number: str) -> str:
        """A fresh QR code."""
        ...

    def shift_clock(self, seconds: float) -> str:
        """Move the clock. Out: what it shows then, ISO 8601."""
        ...


async def at_once(ask: Callable[..., Any], *given: Any) -> Any:
    """For a simulator in this process: nobody has to be waited for."""
    return ask(*given)


@dataclass(frozen=True, slots=True)
class MadeWorld:
    """A scenario made of a trace, and how its cards move. ``remarks``: what the trace does not tell."""

    scenario: Scenario
    moves: Moves
    remarks: tuple[str, ...]


def world_made_of(trace: Trace, table: Table) -> MadeWorld:
    """The trace's world. Raises TraceError where none can be made."""
    document, moves = made_world(trace, table)
    try:
        scenario = scenario_of(document)
    except ScenarioError as error:
        raise TraceError(
            said("no world can be made of this trace: {error}; choose one with --scenario", error=error)
        ) from error
    return MadeWorld(scenario, moves_by_call(moves), tuple(document.get("remarks", ())))


@dataclass
class SimulatedDay:
    """Moves cards and clock of the simulators that run with a data directory, ahead of the calls.

    ``moves``, ``presented`` (virtual cards): by process and number of the call. ``clock``: whether
    it follows the recording. ``refused``: what could not be done, for people; a replay goes on. ``asked``
    calls what may take its time.
    """

    remote: Steered
    table: Table
    moves: Moves
    presented: Presented
    clock: bool
    refused: set[str] = field(default_factory=set)
    asked: Asked = asyncio.to_thread
    _qr_arguments: dict[str, str | None] = field(default_factory=dict)
    _ahead: float | None = None  # seconds, of the simulated clock before the monotonic one

    async def before(self, call: TracedCall) -> None:
        """Bring the world to where it was when this call began."""
        if self.clock:
            await self._put_clock(call.at)
        for move in self.moves.get((call.process, call.number), ()):
            await self._move(move)

    async def prepare(self, call: TracedCall, made: LegacyCall) -> LegacyCall:
        """The call with a fresh QR code in place of the recorded one, which is good no more. Raises NotAgain
        where the trace does not tell whose it was.
        """
        name = self._qr_argument(made.name)
        if name is None or made.arguments[name] != _c_text(call.given.get(name)):
            return made  # none, or one that this replay has got itself
        number = self.presented.get((call.process, call.number))
        if number is None:
            raise NotAgain("qr")
        try:
            fresh = await self.asked(self.remote.qr, number)
        except ControlError as error:
            raise NotAgain("qr") from error
        return LegacyCall(made.name, {**made.arguments, name: fresh.encode("ascii")}, made.door)

    def _qr_argument(self, function: str) -> str | None:
        """Looked for once for a function: each call asks."""
        if function not in self._qr_arguments:
            self._qr_arguments[function] = qr_argument(self.table.functions[function])
        return self._qr_arguments[function]

    async def _put_clock(self, at: datetime) -> None:
        if self._ahead is None:
            self._ahead = await self._shifted(0.0)
        behind = at.timestamp() - self._ahead - time.monotonic()
        if behind > SLACK:
            self._ahead = await self._shifted(behind)

    async def _shifted(self, seconds: float) -> float:
        """Move the clock. Out: how much more it shows than the monotonic one."""
        now = datetime.fromisoformat(await self.asked(self.remote.shift_clock, seconds))
        return now.timestamp() - time.monotonic()

    async def _move(self, move: CardMove) -> None:
        """A card that lies there already stays: put in anew it would lose its verification."""
        try:
            inserted = (await self.asked(self.remote.state))["slots"][move.slot]
            if move.card_no is None:
                await self.asked(self.remote.remove, move.slot)
            elif move.card_no != inserted:
                await self.asked(self.remote.insert, move.slot, move.card_no)
        except ControlError:
            self.refused.add("The trace tells of cards that this world does not have: they were not put in.")


def _c_text(value: object) -> bytes | None:
    return value.split(b"\0")[0] if isinstance(value, bytes) else None


def moves_by_call(moves: Iterable[CardMove]) -> Moves:
    """The moves by the process and number of the call that they come before."""
    found: Moves = defaultdict(list)
    for move in moves:
        found[move.process, move.number].append(move)
    return dict(found)
