"""A call of every function, recorded and masked: none of the simulator's people is left, every answer is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from bridge.calls.call import OutBuffer
from bridge.codec.fixed import unpack
from bridge.sim.simulator import Simulator
from bridge.table.loader import default_table
from bridge.table.model.layout import kept_layout
from bridge.trace.format import Given, NamedFile, TracedCall
from bridge.trace.masking.files import Masked, TraceMasking
from bridge.trace.masking.key import MaskKey
from bridge.trace.masking.rules import default_rules
from bridge.trace.reading import read_trace
from bridge.trace.recording import CallRecorder
from bridge.trace.records import records_in, records_out
from bridge.trace.writing import TraceWriter
from tests.support.good_calls import GOOD
from tests.support.stage import open_stage

TABLE = default_table()
PEOPLE = Path(__file__).parents[2] / "bridge" / "sim" / "scenario" / "people.yaml"
ENDING = (
    "csSoftwareReset",
    "csCloseCom",
    "hpcUnlockHPC",
    "hpcVHPCLogout",
)  # after them the others would fail


@pytest.fixture
async def recorded(simulator: Simulator, tmp_path: Path) -> Path:
    writer = TraceWriter(tmp_path / "recorded.jsonl", TABLE.digest)
    async with open_stage(simulator) as bench:
        bench.engine.observer = CallRecorder(TABLE, writer)
        for name in sorted(GOOD, key=lambda name: name in ENDING):
            await bench.call(name, **GOOD[name](simulator.world))
        await bench.call("hisGetTreatmentNeedHPC", pBuffer=OutBuffer(540, b"[XXXXXXX]"))
    writer.close()
    return tmp_path / "recorded.jsonl"


def masked(recorded: Path) -> tuple[Path, Masked]:
    target = recorded.with_name("masked.jsonl")
    return target, TraceMasking(TABLE, default_rules(), MaskKey()).run(recorded, target)


def personal() -> Iterator[bytes]:
    """What the simulator's people could be found by, but for one name of a few letters."""
    told = yaml.safe_load(PEOPLE.read_text(encoding="utf-8"))
    for person in [*told["cards"], *told["practitioners"]]:
        texts = (person["number"], person["id_no"], person["name"], person.get("emergency_tel", ""))
        yield from (text.encode("cp950", "replace") for text in texts if text)
    for sam in told["sams"]:
        yield from (sam[name].encode("cp950") for name in ("id", "hospital_id", "hospital_name"))


def test_nobody_is_left_and_nothing_is_missing(recorded: Path) -> None:
    target, done = masked(recorded)
    before, after = read_trace(recorded), read_trace(target)
    assert len(after.calls) == len(before.calls) == done.counts.calls == len(GOOD) + 1
    assert done.counts.remains == done.swept == 0  # the fields were right: there was nothing to sweep
    everything = [data for call in after.calls for data in texts(call)]
    assert [value for value in personal() for data in everything if value in data] == []
    for left, right in zip(before.calls, after.calls, strict=True):
        assert (left.function, left.answer.code) == (right.function, right.answer.code)
        for old, new in ((left.given, right.given), (left.answer.after, right.answer.after)):
            assert [(name, width(value)) for name, value in old.items()] == [
                (name, width(value)) for name, value in new.items()
            ]


def texts(call: TracedCall) -> Iterator[bytes]:
    for value in (*call.given.values(), *call.answer.after.values()):
        if isinstance(value, bytes | NamedFile):
            yield value.name if isinstance(value, NamedFile) else value


def width(value: Given) -> object:
    return len(value) if isinstance(value, bytes) else isinstance(value, NamedFile) or value


def test_every_record_still_unpacks_with_the_same_codes(recorded: Path) -> None:
    target, _ = masked(recorded)
    kept = ("treatment_item", "main_code", "visit_sequence", "item_code", "outpatient_fee")
    seen = set()
    for left, right in zip(read_trace(recorded).calls, read_trace(target).calls, strict=True):
        function = TABLE.functions[left.function]
        olds = [*records_in(TABLE, function, left), *records_out(TABLE, function, left.given, left.answer)]
        news = [*records_in(TABLE, function, right), *records_out(TABLE, function, right.given, right.answer)]
        for old, new in zip(olds, news, strict=True):
            assert (old.argument, old.record, old.spans) == (new.argument, new.record, new.spans)
            if not new.record:
                continue
            records = TABLE.records_in if new.direction == "in" else TABLE.records_out
            repeat = max((span.index for span in new.spans), default=0) + 1
            assert unpack(kept_layout(records, new.record, repeat), new.data)
            seen.add(new.record)
            assert [span.of(old.data) for span in old.spans if span.name in kept] == [
                span.of(new.data) for span in new.spans if span.name in kept
            ]
    assert len(seen) > 25
