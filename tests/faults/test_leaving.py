"""The caller leaves: at each request that any changing function makes, before it and after its answer.

Which functions change something, and which requests they make, is what the table and a healthy call say.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest

from bridge.calls.call import DOORS, NATIVE, VHC, Argument, Door, OutBuffer
from bridge.calls.caller import Caller
from bridge.table.loader import default_table
from tests.faults.laws import READING, carried_out, changes
from tests.faults.oracle import PIN_CHANGES, UPLOADS
from tests.faults.proxy import Seen
from tests.faults.rig import Stage, assert_nothing, open_stage, quick_worlds, shared_out
from tests.support.stage import DEMO, WITH_PIN

NOTHING_DONE = 4000
STAGES = 8
When = Literal["before", "after"]
WHENS: tuple[When, ...] = ("before", "after")
CHANGING = ("write", "allocates")
# One of the rows that only commands call.
COMMANDS: Mapping[str, Mapping[str, Argument]] = {
    "applyTestCard": {"sex": b"F", "birthday": b"0920315", "isForeigner": 0, "reply": OutBuffer(5_000)}
}


@dataclass(frozen=True)
class Case:
    """A changing function by one of its doors; ``format``: of its uploads."""

    name: str
    door: Door = NATIVE
    format: str = "1.0"

    def __str__(self) -> str:
        return f"{self.name} by {self.door.name}, uploads {self.format}"


def cases() -> list[Case]:
    """Every changing function of the table, by every door that it has."""
    table = default_table()
    changing = {name: row for name, row in table.functions.items() if row.effect in CHANGING}
    assert {name for name, row in changing.items() if row.export} == changes()
    names = [name for name, row in changing.items() if row.export or name in COMMANDS]
    found = [Case(name) for name in names] + [Case(name, format="2.0") for name in names if name in UPLOADS]
    routes = {(route.function, route.door) for route in table.routes if route.function in names}
    return found + [Case(name, DOORS[door]) for name, door in sorted(routes)]


@dataclass
class Watcher:
    """Counts the requests of a call, each before it goes on and when its answer is here."""

    moments: list[tuple[When, Seen]] = field(default_factory=list)
    then: Callable[[int], None] = lambda _: None

    def attach(self, stage: Stage) -> None:
        for proxy in stage.proxies.values():
            proxy.watch = lambda seen: self._at("before", seen)
            proxy.answered = lambda seen: self._at("after", seen)

    def _at(self, when: When, seen: Seen) -> None:
        self.moments.append((when, seen))
        self.then(len(self.moments) - 1)


async def prepared(stage: Stage, case: Case) -> dict[str, Argument]:
    """The start state, and the arguments of a good call."""
    await stage.fresh()
    if case.name in PIN_CHANGES:
        stage.world.insert("hc", WITH_PIN)
    if case.door is VHC:
        token = stage.world.qr(DEMO).encode()
        assert (await stage.call("uploadqrcode", VHC, QRCodeString=token)).code == 0
    return dict(COMMANDS.get(case.name) or stage.good(case.name))


async def healthy(stage: Stage, case: Case) -> tuple[int, int]:
    """A call whose caller stays. Out: how many moments it has, and at which the change is on its way."""
    given = await prepared(stage, case)
    before = stage.stored()
    changed: list[int] = []

    def look(moment: int) -> None:
        if not changed and stage.stored() != before:
            changed.append(moment)

    watcher = Watcher(then=look)
    watcher.attach(stage)
    made = await stage.make(case.name, case.door, **given)
    assert made.result.code == 0, f"a healthy call answered {made.result.code}"
    assert stage.pending() == [], "a healthy call left something pending"
    on_its_way = [
        number
        for number, (when, seen) in enumerate(watcher.moments)
        if when == "before" and seen.random and seen in made.cloud and not seen.path.endswith(READING)
    ]
    return len(watcher.moments), min([*(number - 1 for number in changed), *on_its_way[:1]])


async def leaving(stage: Stage, case: Case, moment: int, on_its_way: int) -> list[str]:
    """A call whose caller leaves at a moment. Out: what is wrong."""
    given = await prepared(stage, case)
    before = stage.stored()
    left = ""

    def leave(now: int) -> None:
        nonlocal left
        left = left or ("it was killed" if now == moment else "")

    watcher = Watcher(then=leave)
    watcher.attach(stage)
    made = await stage.make(case.name, case.door, caller=Caller(gone=lambda: left), **given)
    pending = stage.pending()
    done = carried_out(made.cloud)
    there = stage.stored() != before or bool(done)
    when, seen = watcher.moments[moment]
    where = f"left {when} {seen.path}: "
    found = []
    if max(done.values(), default=0) > 1 or len(done) > 1:
        found.append("carried out more than once")
    if there and not pending:
        found.append("carried out, unheard, and nothing is pending")
    if any(not each.advice for each in pending):
        found.append("pending without advice")
    if moment < on_its_way and (there or pending or made.result.code != NOTHING_DONE):
        found.append(f"nothing had left: code {made.result.code}, done {there}, {len(pending)} pending")
    if moment >= on_its_way and len(pending) != 1:
        found.append(f"{len(pending)} pending, though it had left")
    for proxy in stage.proxies.values():
        await proxy.clear()
    stage.world.insert("hc", DEMO)
    if not await stage.works():
        found.append("the next healthy call does not work")
    return [where + each for each in found]


@pytest.fixture
async def stages(tmp_path: Path) -> AsyncIterator[dict[str, list[Stage]]]:
    async with AsyncExitStack() as stack:
        stack.enter_context(quick_worlds())
        yield {
            upload: [
                await stack.enter_async_context(open_stage(tmp_path / f"{upload} {number}", upload=upload))
                for number in range(count)
            ]
            for upload, count in (("1.0", STAGES), ("2.0", 2))
        }


async def test_a_caller_that_leaves(stages: dict[str, list[Stage]]) -> None:
    everything = {str(case): case for case in cases()}
    cells = 0

    async def all_moments(stage: Stage, name: str) -> list[str]:
        nonlocal cells
        moments, on_its_way = await healthy(stage, everything[name])
        found = []
        for moment in range(moments):
            found += await leaving(stage, everything[name], moment, on_its_way)
            cells += 1
        return found

    names = {
        upload: [name for name, case in everything.items() if case.format == upload] for upload in stages
    }
    complaints = await asyncio.gather(
        *(shared_out(some, names[upload], all_moments) for upload, some in stages.items())
    )
    assert_nothing([complaint for some in complaints for complaint in some])
    assert cells > 5 * len(everything), "each makes several requests"
