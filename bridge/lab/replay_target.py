"""What ``cshis-bridge replay`` asks: simulators and an engine of its own, or a running bridge."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from bridge.calls.call import LegacyCall
from bridge.config import ReaderSettings, Settings
from bridge.engine.compose import open_engine, open_parts
from bridge.engine.face import CallEngine
from bridge.lab.at_hand import simulators_at_hand
from bridge.lab.scenarios import scenario_named
from bridge.lab.simulated_day import (
    MadeWorld,
    SimulatedDay,
    Steered,
    at_once,
    moves_by_call,
    world_made_of,
)
from bridge.records.unkept import Unkept
from bridge.sim.control.at_hand import WorldAtHand
from bridge.sim.scenario.model import Scenario
from bridge.sim.signatures import Keys
from bridge.table.default import default_table
from bridge.trace.comparing.rules import default_rules
from bridge.trace.format import TracedCall
from bridge.trace.reading import Trace
from bridge.trace.replaying.preparation import Calls, beforehand
from bridge.trace.replaying.replay import Before, Prepare, overlapping
from bridge.trace.replaying.targets import EngineTarget, Target
from bridge.trace.replaying.virtual_cards import presented_cards
from bridge.trace.worlds.moves import card_moves

MOST_REMARKS = 5
FOLDER_PREFIX = "cshis-replay-"
NOWHERE = Path("no-such-folder")  # the data directory of a bridge that keeps nothing
FREE_PORTS = {"console": 0, "cloud": 0, "centre": 0, "portal": 0}


async def _nothing(call: TracedCall) -> None:
    """Nothing is done ahead of a call."""


async def _as_it_is(call: TracedCall, made: LegacyCall) -> LegacyCall:
    """Nothing is put into a call."""
    return made


@dataclass(frozen=True, slots=True)
class Prepared:
    """A target, and what the report says of it. ``before``, ``prepare``: see
    :class:`bridge.trace.replaying.replay.Replay`. ``take_up`` is to be called with each stretch of a trace
    before its calls are made.
    """

    mode: Literal["simulator", "bridge"]
    target: Target
    target_text: str
    before: Before = _nothing
    prepare: Prepare = _as_it_is
    take_up: Callable[[Trace], None] = lambda trace: None
    world: str = ""
    remarks: list[str] = field(default_factory=list)


@asynccontextmanager
async def simulators(
    trace: Trace, *, over_http: bool = False, opened: TracedCall | None = None
) -> AsyncIterator[Prepared]:
    """Simulators in a world made of the trace, and an engine against them, in this process. ``opened``: as of
    :func:`bridge.trace.replaying.preparation.beforehand`. ``over_http``: whether they are asked over TLS on
    free ports, with a data directory that is deleted afterwards.

    Raises TraceError where no world can be made of the trace.
    """
    table = default_table()
    made = world_made_of(trace, table)
    earlier = beforehand(lambda: trace.calls, table, opened)
    async with AsyncExitStack() as stack:
        engine, steered = await _begun(stack, made.scenario, over_http, overlapping(trace.calls))
        day = SimulatedDay(
            steered, table, made.moves, presented_cards(trace.calls, table, default_rules()), clock=True,
            asked=asyncio.to_thread if over_http else at_once,
        )  # fmt: skip
        prepared = _prepared(engine, day, over_http, "made of the trace")
        prepared.remarks.extend([*_one_reader(trace), *_not_told(made)])
        await _make(engine, earlier, opened, prepared.remarks)
        yield prepared
        prepared.remarks.extend(sorted(day.refused))


@asynccontextmanager
async def simulators_of(
    scenario: str, calls: Calls, *, move_cards: bool = True, over_http: bool = False
) -> AsyncIterator[Prepared]:
    """The same in the world of a scenario, named by its name or file, for a trace that comes in stretches.
    ``calls``: as of :func:`bridge.trace.replaying.preparation.beforehand`. ``move_cards``: whether cards are
    put in and taken out as the trace tells.

    Raises ConfigError for a scenario with faults.
    """
    table = default_table()
    world = scenario_named(scenario)
    async with AsyncExitStack() as stack:
        engine, steered = await _begun(stack, world, over_http, overlaps=True)
        day = SimulatedDay(
            steered, table, {}, {}, clock=False, asked=asyncio.to_thread if over_http else at_once
        )

        def take_up(trace: Trace) -> None:
            day.moves = moves_by_call(card_moves(trace, table)) if move_cards else {}
            day.presented = presented_cards(trace.calls, table, default_rules())

        prepared = replace(_prepared(engine, day, over_http, f"scenario {scenario}"), take_up=take_up)
        await _make(engine, beforehand(calls, table), None, prepared.remarks)
        yield prepared
        prepared.remarks.extend(sorted(day.refused))


def _prepared(engine: CallEngine, day: SimulatedDay, over_http: bool, world: str) -> Prepared:
    return Prepared(
        mode="simulator",
        target=EngineTarget(engine),
        target_text="simulators over HTTPS" if over_http else "simulators",
        before=day.before,
        prepare=day.prepare,
        world=world,
    )


async def _make(
    engine: CallEngine, earlier: Sequence[LegacyCall], opened: TracedCall | None, remarks: list[str]
) -> None:
    """Make the calls of before the trace, and say so."""
    for call in earlier:
        await engine.call(call)
    if any(opened is None or call.name != opened.function for call in earlier):
        remarks.append("The practitioner's PIN was verified before the trace began; so it was here.")


async def _begun(
    stack: AsyncExitStack, world: Scenario, over_http: bool, overlaps: bool
) -> tuple[CallEngine, Steered]:
    if over_http:
        return await _listening(stack, world)
    return await _at_hand(stack, world, overlaps)


async def _listening(stack: AsyncExitStack, world: Scenario) -> tuple[CallEngine, Steered]:
    """Simulators on free ports of their own."""
    from bridge.lab.private_folder import private_folder
    from bridge.lab.simulators import start_simulators  # with all that listens
    from bridge.sim.control.remote import Remote

    data_dir = stack.enter_context(private_folder(FOLDER_PREFIX))
    settings = await start_simulators(stack, _plain_settings(data_dir), data_dir, FREE_PORTS, world)
    return await stack.enter_async_context(open_engine(settings)), Remote(data_dir)


async def _at_hand(stack: AsyncExitStack, world: Scenario, overlaps: bool) -> tuple[CallEngine, Steered]:
    """Simulators that are asked without a connection. Nothing of them lies on the disk. ``overlaps``: whether
    calls are made at the same time; else nothing can come between two requests of one.
    """
    simulator, settings, ways = await simulators_at_hand(_plain_settings(NOWHERE), world, Keys.cheap())
    parts = await stack.enter_async_context(
        open_parts(settings, ways=ways, journal=Unkept(), beside=overlaps)
    )
    return parts.engine, WorldAtHand(simulator.world)


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
    """The settings as delivered: those of this machine's bridge do not matter here. But for one: a minute of
    the recording passes in no time, and verifying the SAM again is to renew it, as it did.
    """
    return Settings(data_dir=data_dir, reader=ReaderSettings(sam_checked=0))


@asynccontextmanager
async def running_bridge(host: str, port: int, token_file: Path | None) -> AsyncIterator[Prepared]:
    """A bridge that runs, by its channel. Raises TraceError, ConfigError."""
    from bridge.trace.replaying.channel_target import ChannelTarget, read_token

    target = ChannelTarget(default_table(), host, port, read_token(token_file))
    await target.check()
    try:
        yield Prepared("bridge", target, f"the bridge at {host}:{port}")
    finally:
        await target.aclose()
