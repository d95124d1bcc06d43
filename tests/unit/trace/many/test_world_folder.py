"""The world of many work places: one, in which a patient who goes from one to another has one card."""

from __future__ import annotations

import io
import re
from itertools import count
from pathlib import Path

import pytest

from benchmarks.hospital import write_hospital
from bridge.cli.sim.from_trace import trace_world
from bridge.errors import TraceError
from bridge.parts.progress import Progress
from bridge.trace.many.calls import calls_of_places
from bridge.trace.places import work_places


def hospital(folder: Path, *, calls: int = 540, one_number: bool = False) -> Path:
    """A folder for each of three work places; with ``one_number`` all programs have the same process
    number.
    """
    write_hospital(folder / "flat", calls=calls, places=3)
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


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shares_of(shown: Terminal) -> list[int]:
    return [int(share) for share in re.findall(r"(\d+) %", shown.getvalue())]


def test_a_terminal_sees_how_much_is_read_before_the_first_work_place_ends(tmp_path: Path) -> None:
    """Work places are read side by side: their number alone would say nothing until the very end."""
    places = work_places(hospital(tmp_path, calls=5400)).places  # several blocks each
    shown, now = Terminal(), count()
    progress = Progress("made", shown, lambda: float(next(now)))
    calls = list(calls_of_places(places, [], {}, progress))
    lines = [line.strip() for line in shown.getvalue().split("\r")[1:]]
    assert len(calls) > 5400
    assert lines[0] == "made: 0 of 3 parts, 0 %"
    assert lines[-1] == "made: 3 of 3 parts, 100 %"
    assert shares_of(shown) == sorted(shares_of(shown))
    early = [line for line in lines if line.startswith("made: 0 of 3 parts") and line.endswith(" s left")]
    assert len(early) >= 2, lines


def test_a_work_place_that_ends_early_or_grows_counts_as_what_it_was(tmp_path: Path) -> None:
    clinic = hospital(tmp_path)
    cut, grown = clinic / "ward-1" / "HIS-002.jsonl", clinic / "ward-2" / "HIS-003.jsonl"
    lines = cut.read_bytes().splitlines(keepends=True)
    cut.write_bytes(b"".join([*lines[:9], b'{"trace":2}\n', *lines[9:]]))
    shown, now = Terminal(), count()
    progress = Progress("made", shown, lambda: float(next(now)))
    left_out: dict[str, str] = {}
    calls = calls_of_places(work_places(clinic).places, [], left_out, progress)
    with grown.open("ab") as stream:
        stream.write(lines[-1] * 4000)
    assert len(list(calls)) > 4000
    assert list(left_out) == ["ward-1"]
    assert shares_of(shown) == sorted(shares_of(shown))
    assert shares_of(shown)[-1] == 100
    assert shown.getvalue().rstrip().endswith("made: 3 of 3 parts, 100 %")


def test_programs_of_two_work_places_are_two_whatever_their_numbers(tmp_path: Path) -> None:
    places = work_places(hospital(tmp_path, one_number=True)).places
    calls = list(calls_of_places(places, [], {}, Progress("", None)))
    assert len({call.process for call in calls}) == 3
    assert [call.at for call in calls] == sorted(call.at for call in calls)
