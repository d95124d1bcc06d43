"""What ``cshis-bridge replay`` asks: simulators and an engine of its own, or a running bridge."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from bridge.calls.call import LegacyCall
from bridge.config import Settings
from bridge.engine.compose import open_engine
from bridge.lab.private_folder import private_folder
from bridge.lab.simulated_day import MadeWorld, Moves, SimulatedDay, moves_by_call, world_file
from bridge.lab.simulators import start_simulators
from bridge.sim.control.remote import Remote
from bridge.table.default import default_table
from bridge.trace.comparing.rules import default_rules
from bridge.trace.format import TracedCall
from bridge.trace.reading import Trace
from bridge.trace.replaying.preparation import beforehand
from bridge.trace.replaying.replay import Before, Prepare
from bridge.trace.replaying.targets import ChannelTarget, EngineTarget, Target, read_token
from bridge.trace.replaying.virtual_cards import presented_cards
from bridge.trace.worlds.moves import card_moves

MOST_REMARKS = 5
FOLDER_PREFIX = "cshis-replay-"
FREE_PORTS = {"console": 0, "cloud": 0, "centre": 0, "portal": 0}


async def _nothing(call: TracedCall) -> None:
    """Nothing is done ahead of a call."""


async def _as_it_is(call: TracedCall, made: LegacyCall) -> LegacyCall:
    """Nothing is put into a call."""
    return made


@dataclass(frozen=True, slots=True)
class Prepared:
    """A target, and what the report says of it. ``before``, ``prepare``: see
    :class:`bridge.trace.replaying.replay.Replay`.
    """

    mode: Literal["simulator", "bridge"]
    target: Target
    target_text: str
    before: Before = _nothing
    prepare: Prepare = _as_it_is
    world: str = ""
    remarks: list[str] = field(default_factory=list)


@asynccontextmanager
async def simulators(
    trace: Trace, scenario: str | None, *, move_cards: bool = True
) -> AsyncIterator[Prepared]:
    """Simulators on free ports and an engine against them, in this process, with a data directory that is
    deleted afterwards. ``scenario``: name or file of their world; None: made of the trace. ``move_cards``:
    whether cards are put in and taken out as the trace tells.

    Raises TraceError where no world can be made of it, ConfigError for a scenario with faults.
    """
    with private_folder(FOLDER_PREFIX) as data_dir:
        async with AsyncExitStack() as stack:
            made = world_file(trace, default_table(), data_dir) if scenario is None else None
            settings = await start_simulators(
                stack, _plain_settings(data_dir), data_dir, FREE_PORTS, str(made.file) if made else scenario
            )
            engine = await stack.enter_async_context(open_engine(settings))
            table, moves = default_table(), _moves(trace, move_cards=move_cards)
            earlier = beforehand(trace, table)
            for call in earlier:
                await engine.call(call)
            presented = presented_cards(trace.calls, table, default_rules())
            day = SimulatedDay(Remote(data_dir), table, moves, presented, clock=made is not None)
            world = "made of the trace" if made else f"scenario {scenario}"
            remarks = [*_one_reader(trace), *_not_told(made)]
            if earlier:
                remarks.append("The practitioner's PIN was verified before the trace began; so it was here.")
            target = EngineTarget(engine)
            prepared = Prepared(
                mode="simulator",
                target=target,
                target_text="simulators",
                before=day.before,
                prepare=day.prepare,
                world=world,
                remarks=remarks,
            )
            yield prepared
            remarks += sorted(day.refused)


def _moves(trace: Trace, *, move_cards: bool) -> Moves:
    return moves_by_call(card_moves(trace, default_table())) if move_cards else {}


def _one_reader(trace: Trace) -> list[str]:
    processes = {call.process for call in trace.calls}
    if len(processes) < 2:
        return []
    return [f"The trace is of {len(processes)} processes; the simulators have one reader for all of them."]


def _not_told(made: MadeWorld | None) -> list[str]:
    """What the world lacks, shortened."""
    remarks = list(made.remarks) if made is not None else []
    more = [f"World: and {len(remarks) - MOST_REMARKS} more remarks; cshis-bridge sim from-trace shows all."]
    return [f"World: {remark}" for remark in remarks[:MOST_REMARKS]] + more * (len(remarks) > MOST_REMARKS)


def _plain_settings(data_dir: Path) -> Settings:
    """The settings as delivered: those of this machine's bridge do not matter here."""
    return Settings(data_dir=data_dir)


@asynccontextmanager
async def running_bridge(host: str, port: int, token_file: Path | None) -> AsyncIterator[Prepared]:
    """A bridge that runs, by its channel. Raises TraceError, ConfigError."""
    target = ChannelTarget(default_table(), host, port, read_token(token_file))
    await target.check()
    try:
        yield Prepared("bridge", target, f"the bridge at {host}:{port}")
    finally:
        await target.aclose()
