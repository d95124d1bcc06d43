"""A world is made while the calls of a trace come by: what only their end tells must not be missed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import TraceError
from bridge.trace.format import Header, Number, TracedCall
from bridge.trace.reading import Trace, read_trace
from bridge.trace.stream import calls_by_time
from bridge.trace.worlds.check import default_rules
from bridge.trace.worlds.document import WorldDocument
from bridge.trace.worlds.gathering import Gathering
from bridge.trace.worlds.moves import card_moves
from bridge.trace.worlds.observations import observed
from bridge.trace.worlds.owners import Holders, Practitioners
from bridge.trace.worlds.telling import Telling
from bridge.trace.worlds.world import world_of, world_of_calls
from bridge.trace.writing import write_trace
from tests.unit.trace.worlds.test_moves import (
    ANN,
    BOB,
    CLOSE,
    NUMBER,
    OPEN,
    TABLE,
    Told,
    basic,
    missing,
    phone,
    plain,
    present,
    state,
    text,
    trace,
    visits,
)

CALLS: list[Told] = [
    OPEN, CLOSE, basic(ANN), basic(BOB), visits(), visits(4000), missing(), phone(ANN), phone(BOB),
    phone(BOB, 5020), state(0), state(2), present(0), present(1), plain("hpcVHPCLogout"),
    plain("csSoftwareReset", Device=Number(0)), text("hpcGetHPCSN", "pHPCSN", NUMBER), plain("hisNothing"),
]  # fmt: skip


@st.composite
def traces(draw: st.DrawFn) -> Trace:
    told = draw(st.lists(st.sampled_from(CALLS), min_size=1, max_size=14))
    processes = draw(st.lists(st.integers(1, 2), min_size=len(told), max_size=len(told)))
    return trace(told, processes, pause=draw(st.sampled_from((0.2, 0.6, 1.0))))


def in_any_order(document: dict[str, Any]) -> dict[str, Any]:
    """Without the order in which cards and remarks stand."""
    return document | {
        "cards": sorted(document["cards"], key=lambda card: str(card["number"])),
        "remarks": sorted(document.get("remarks", ())),
    }


def knowing_the_end(made: Trace) -> dict[str, Any]:
    """The world where every owner is known before the first call."""
    telling = Telling(TABLE, default_rules())
    observations = [observed(call, telling.told(call)) for call in made.calls]
    world = Gathering(Holders.of(observations), Practitioners.of(observations))
    world.gather(observations)
    return WorldDocument(world).whole()


@given(traces())
def test_who_knows_the_end_beforehand_makes_the_same_world(made: Trace) -> None:
    assert in_any_order(world_of(made, TABLE)) == in_any_order(knowing_the_end(made))


@given(traces())
def test_the_cards_of_the_start_are_those_that_are_put_in_first(made: Trace) -> None:
    document = world_of(made, TABLE)
    moves = card_moves(made, TABLE)
    for slot, kind in (("hc", "cards"), ("hpc", "practitioners")):
        first = next((move.card_no for move in moves if move.slot == slot), None)
        known = {each["number"] for each in document[kind]}
        assert document["start"][slot] == (first if first in known else None)


@given(traces(), st.randoms())
def test_a_trace_in_files_makes_the_world_that_it_makes_in_memory(
    tmp_path_factory: pytest.TempPathFactory, made: Trace, chance: Any
) -> None:
    """Each process has files of its own, the second of them with the calls that ended last."""
    folder = tmp_path_factory.mktemp("trace")
    for process in {call.process for call in made.calls}:
        calls = [call for call in made.calls if call.process == process]
        middle = chance.randint(0, len(calls))
        for part, some in enumerate((calls[:middle], calls[middle:])):
            header = Header(process=process, part=part + 1, masked=True)
            write_trace(folder / f"{process}-{part}.jsonl", [header, *some])
    headers: list[Header] = []
    found = world_of_calls(lambda: calls_by_time(folder, headers=headers), TABLE).whole()
    assert in_any_order(found) == in_any_order(world_of(read_trace(folder), TABLE))
    assert headers


@pytest.mark.parametrize(
    ("told", "times"),
    [
        ([OPEN, basic(ANN), phone(ANN), CLOSE], 1),  # whose card it was had been told by then
        ([OPEN, phone(ANN), basic(ANN), CLOSE], 2),  # the card's number comes later
        ([OPEN, visits(), CLOSE, basic(ANN), CLOSE], 1),
        ([OPEN, visits(), CLOSE], 1),  # nobody ever tells whose card it was
    ],
    ids=["told before", "told later", "told by the next call", "never told"],
)
def test_a_trace_is_read_again_only_where_a_later_call_tells_whose_card_it_was(
    told: list[Told], times: int
) -> None:
    made, asked = trace(told), []

    def calls() -> Iterator[TracedCall]:
        asked.append(1)
        yield from made.calls

    world_of_calls(calls, TABLE)
    assert len(asked) == times


def test_no_calls_no_world() -> None:
    with pytest.raises(TraceError, match="no calls in this trace"):
        world_of_calls(lambda: iter(()), TABLE)


def test_a_program_that_has_ended_keeps_nobody_waiting(tmp_path: Path) -> None:
    """Else all calls of a hospital's other programs would wait in memory for its next one."""
    for process, name, told in ((1, "a", [basic(ANN), visits()]), (1, "b", [basic(BOB), visits()] * 20)):
        header = Header(process=process, program=name, masked=True)
        write_trace(tmp_path / f"{name}.jsonl", [header, *trace(told, [process] * len(told)).calls])
    telling = Telling(TABLE, default_rules())
    world = Gathering(Holders(), Practitioners())
    waited = []
    for each in calls_by_time(tmp_path, headers=[]):
        if isinstance(each, TracedCall):
            world.take(observed(each, telling.told(each)))
        else:
            world.end(each.process)
        waited.append(len(world._queue))
    assert waited[-1] == 0
    assert max(waited) <= 3
    assert {file.number for file in world.cards.values()} == {ANN, BOB}  # programs with one number are two
