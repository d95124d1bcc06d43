"""Calls through the whole product, the old build beside the new and both beside what they are held against.

Everything is measured in turn, warm, so that a slow moment of the machine meets every side. A ratio is the
median of the ratios of the turns; its spread are the lowest and the highest of them.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections import defaultdict
from collections.abc import Sequence

import uvloop

from benchmarks import bare_clients
from benchmarks.figures import Figure
from benchmarks.native_programs import Latencies, echo, frame_bytes, shim_calls
from benchmarks.playback import Playback
from benchmarks.processes import processor_seconds
from benchmarks.under_test import UnderTest

OWN_ANSWER, OWN_CALLS = "csGetVersionEx", 5_000
CARD_READ, ONE_CALLER_READS = "hisGetBasicData", 300
CALLERS, READS = 32, 40  # of each caller
TURNS = 5
SETTLED = 0.4  # seconds, in which the bridge writes what it keeps for its log and journal

Sides = dict[str, list[float]]


def calls(old: UnderTest, new: UnderTest) -> list[Figure]:
    """Processor time and times of calls."""
    taken: dict[str, Sides] = defaultdict(lambda: defaultdict(list))
    sizes = frame_bytes(str(new.ready["channel"]), OWN_ANSWER)
    for turn in range(-1, TURNS):  # the first only warms up
        bare, in_turns = _bare_client(new.upstreams), _bare_client(new.upstreams, in_turns=True)
        echoed = echo(*sizes, round_trips=4000, warm_up=500).p50_us
        for name, bridge in (("old", old), ("new", new)):
            own, own_us = _measured(bridge, OWN_ANSWER, OWN_CALLS)
            alone, _ = _measured(bridge, CARD_READ, ONE_CALLER_READS)
            many, read_us = _measured(bridge, CARD_READ, READS, CALLERS)
            if turn < 0:
                continue
            values = {
                "own_us": own_us,
                "own_p50": own.p50_us,
                "own_tail": own.p99_us / own.p50_us,
                "read_us": read_us,
                "read_p50": alone.p50_us,
                "per_second": many.calls_per_second,
                "bare_us": bare[0],
                "in_turns_us": in_turns[0],
                "bare_per_second": bare[1],
                "echo_p50": echoed,
            }
            for key, value in values.items():
                taken[key][name].append(value)
    return _figures(taken)


def _figures(taken: dict[str, Sides]) -> list[Figure]:
    rate, bare_rate = taken["per_second"], taken["bare_per_second"]["new"]
    return [
        _old_new(f"processor time of {OWN_ANSWER}, µs", taken["own_us"], 0.3),
        _old_new(f"{OWN_ANSWER} with one caller, p50, µs", taken["own_p50"]),
        _value("… its p99 over its p50", taken["own_tail"]["new"], "times", 4),
        _value("a bare echo of the same bytes in C, p50", taken["echo_p50"]["new"], "µs"),
        _old_new(f"processor time of {CARD_READ}, {CALLERS} callers, µs", taken["read_us"], 0.5),
        _over(
            "… over that of a bare aiohttp client for the same requests",
            taken["read_us"]["new"],
            taken["bare_us"]["new"],
            1.0,
        ),
        _over(
            "… over that of one whose callers take turns at the console, as the bridge's do",
            taken["read_us"]["new"],
            taken["in_turns_us"]["new"],
        ),
        _old_new(f"{CARD_READ} with one caller, p50, µs", taken["read_p50"], 0.6),
        _value(f"{CARD_READ} with {CALLERS} callers", rate["new"], "/s"),
        _over("… over the reads a second of the bare client", rate["new"], bare_rate),
        _over("… the old build's own ratio to the bare client", rate["old"], bare_rate),
    ]


def _measured(bridge: UnderTest, function: str, count: int, threads: int = 1) -> tuple[Latencies, float]:
    """Calls through the library. Out: their times; processor time of the bridge for one, in microseconds.

    Raises RuntimeError where a call fails.
    """
    before = processor_seconds(bridge.pid)
    made = shim_calls(bridge.library, function, bridge.native, calls=count, warm_up=0, threads=threads)
    time.sleep(SETTLED)
    if made.failures:
        raise RuntimeError(f"{function} of the {bridge.build.name} build gave {made.last_code}")
    return made, (processor_seconds(bridge.pid) - before) * 1e6 / (count * threads)


def _bare_client(upstreams: Playback, in_turns: bool = False) -> tuple[float, float]:
    """Processor time in microseconds of a bare aiohttp client for the requests of a read; reads a second.
    ``in_turns``: its callers ask the console one after the other.
    """

    async def measure() -> tuple[float, float]:
        async with bare_clients.session(upstreams) as bare:
            pair = bare_clients.aiohttp_pair(bare, upstreams.url, asyncio.Lock() if in_turns else None)

            async def caller(count: int) -> None:
                for _ in range(count):
                    await pair()

            await asyncio.gather(*(caller(5) for _ in range(CALLERS)))
            spent, started = time.process_time(), time.perf_counter()
            await asyncio.gather(*(caller(READS) for _ in range(CALLERS)))
            pairs = CALLERS * READS
            microseconds = (time.process_time() - spent) * 1e6 / pairs
            return microseconds, pairs / (time.perf_counter() - started)

    return uvloop.run(measure())


def _old_new(name: str, sides: Sides, goal: float | None = None) -> Figure:
    ratios = [new / old for new, old in zip(sides["new"], sides["old"], strict=True)]
    old, new = (statistics.median(sides[side]) for side in ("old", "new"))
    return Figure(
        name, statistics.median(ratios), "times", goal, old=old, new=new, spread=(min(ratios), max(ratios))
    )


def _over(name: str, one: Sequence[float], other: Sequence[float], goal: float | None = None) -> Figure:
    return _value(name, [a / b for a, b in zip(one, other, strict=True)], "times", goal)


def _value(name: str, values: Sequence[float], unit: str, goal: float | None = None) -> Figure:
    return Figure(name, statistics.median(values), unit, goal, spread=(min(values), max(values)))
