"""The world of many work places: one, in which a patient who goes from one to another has one card."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.hospital import write_hospital
from bridge.cli.sim.from_trace import trace_world
from bridge.errors import TraceError
from bridge.trace.many.calls import calls_of_places
from bridge.trace.places import work_places


def hospital(folder: Path, *, one_number: bool = False) -> Path:
    """A folder for each of three work places; with ``one_number`` all programs have the same process
    number.
    """
    write_hospital(folder / "flat", calls=540, places=3)
    clinic = folder / "clinic"
    for number, file in enumerate(sorted((folder / "flat").iterdir())):
        place = clinic / f"ward-{number}"
        place.mkdir(parents=True)
        data = file.read_bytes()
        data = data.replace(b'"process":%d' % (1000 + number), b'"process":1000') if one_number else data
        (place / file.name).write_bytes(data)
    return clinic


@pytest.mark.parametrize("one_number", [False, True])
def test_the_world_is_that_of_one_trace_with_all_calls(tmp_path: Path, one_number: bool) -> None:
    clinic = hospital(tmp_path, one_number=one_number)
    one, _ = trace_world(tmp_path / "flat", allow_unmasked=True)
    many, left_out = trace_world(clinic, allow_unmasked=True)
    world = many.whole()
    assert world == one.whole()
    assert len(world["cards"]) >= 10
    assert left_out == []


def test_what_cannot_be_read_is_named_and_the_rest_used(tmp_path: Path) -> None:
    clinic = hospital(tmp_path)
    (clinic / "ward-1" / "newer.jsonl").write_text('{"trace":2}\n', encoding="utf-8")
    file = clinic / "ward-2" / "HIS-003.jsonl"
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join([*lines[:40], b'{"trace":2}\n', *lines[40:]]))
    world, left_out = trace_world(clinic, allow_unmasked=True)
    assert world.whole()["cards"]
    assert len(left_out) == 2
    assert "newer.jsonl, line 1: version 2" in left_out[0]
    assert left_out[1].startswith("ward-2: ")
    assert "line 41: version 2" in left_out[1]


def test_work_places_that_are_not_masked_are_named(tmp_path: Path) -> None:
    clinic = hospital(tmp_path)
    for name in ("ward-0/HIS-001.jsonl", "ward-2/HIS-003.jsonl"):
        data = (clinic / name).read_bytes()
        (clinic / name).write_bytes(data.replace(b'"part":1}', b'"part":1,"masked":true}', 1))
    with pytest.raises(TraceError, match="ward-1: not masked"):
        trace_world(clinic)


def test_programs_of_two_work_places_are_two_whatever_their_numbers(tmp_path: Path) -> None:
    places = work_places(hospital(tmp_path, one_number=True)).places
    calls = list(calls_of_places(places, [], {}))
    assert len({call.process for call in calls}) == 3
    assert [call.at for call in calls] == sorted(call.at for call in calls)
