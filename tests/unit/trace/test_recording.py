"""An engine's calls as a trace, and the fields of the records in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bridge.calls.call import NATIVE, Argument, File, LegacyCall, LegacyResult, OutBuffer
from bridge.sim.simulator import Simulator
from bridge.table.loader import default_table
from bridge.trace.format import Answer, NamedFile, Number, TracedCall
from bridge.trace.reading import read_trace
from bridge.trace.recording import CallRecorder
from bridge.trace.records import record_spans, records_in, records_out
from bridge.trace.writing import TraceWriter
from tests.support.simulated import Bench, open_bench

TABLE = default_table()
PERSON = {"pPatientID": b"Z299999929", "pPatientBirthDate": b"0920315"}
ORDER = b"1141125080000" + b"1" + b"AC12345100".ljust(12) + b" " * 6 + b"TIDPC".ljust(18) + b"03000090001"


class Recording:
    """Runs calls against the simulators with a recorder, and gives what stands in the trace afterwards."""

    def __init__(self, bench: Bench, folder: Path) -> None:
        self._bench, self._folder = bench, folder
        self.writer = TraceWriter(folder / "t.jsonl", TABLE.digest)
        bench.engine.observer = CallRecorder(TABLE, self.writer)

    async def call(self, name: str, **arguments: Argument) -> tuple[LegacyResult, TracedCall]:
        result = await self._bench.call(name, **arguments)
        return result, self.calls()[-1]

    def calls(self) -> list[TracedCall]:
        trace = read_trace(self._folder)
        assert trace.problems == []
        return trace.calls


@pytest.fixture
async def recording(simulator: Simulator, tmp_path: Path) -> AsyncIterator[Recording]:
    async with open_bench(simulator) as bench:
        made = Recording(bench, tmp_path)
        yield made
        made.writer.close()


async def test_a_record_stands_in_the_trace_as_it_went_out(recording: Recording) -> None:
    result, traced = await recording.call("hisGetBasicData", pBuffer=OutBuffer(900, b" " * 16))
    assert (result.code, traced.answer.code, traced.door, traced.thread) == (0, 0, "native", 1)
    assert traced.given == {"pBuffer": b" " * 16, "iBufferLen": Number(900)}
    assert traced.answer.after == {"pBuffer": result.outputs["pBuffer"], "iBufferLen": Number(72)}
    (view,) = records_out(TABLE, TABLE.functions["hisGetBasicData"], traced.given, traced.answer)
    fields = {span.path: span.of(view.data) for span in view.spans}
    assert fields["name"].decode("cp950").rstrip() == "測試十"
    assert fields["emergency_tel"] == b" " * 14


async def test_a_failed_call_has_its_code_and_the_length_as_it_was(recording: Recording) -> None:
    _, traced = await recording.call("hisGetBasicData", pBuffer=OutBuffer(71))
    assert traced.answer.code == 6018
    assert traced.answer.after == {"iBufferLen": Number(71)}
    assert records_out(TABLE, TABLE.functions["hisGetBasicData"], traced.given, traced.answer) == []


async def test_numbers_files_and_blocks(recording: Recording) -> None:
    _, traced = await recording.call("csGetCardNo", CardType=2, pBuffer=OutBuffer(12))
    assert traced.given["CardType"] == Number(2)
    file = File(b"C:\\up.xml", b"x" * 25)
    _, traced = await recording.call(
        "csUploadData", pUploadFileName=file, fFileSize=b"25", pNumber=b"1", pBuffer=OutBuffer(50)
    )
    assert traced.given["pUploadFileName"] == NamedFile(b"C:\\up.xml", 25)
    _, traced = await recording.call(
        "hisWriteMultiPrescript", pDateTime=b"1141125080000", **PERSON, pDataWrite=ORDER * 2, iWriteCount=2
    )
    (view,) = records_in(TABLE, TABLE.functions["hisWriteMultiPrescript"], traced)
    codes = [span.of(view.data) for span in view.spans if span.name == "item_code"]
    assert (view.argument, len(view.spans), codes) == ("pDataWrite", 16, [b"AC12345100  "] * 2)


def test_calls_that_overlap_have_different_threads(tmp_path: Path) -> None:
    writer = TraceWriter(tmp_path / "t.jsonl", TABLE.digest)
    recorder = CallRecorder(TABLE, writer)
    read, done = LegacyCall("csGetDateTime", {"pBuffer": OutBuffer(13)}, NATIVE), LegacyResult(0)
    first, second = recorder.begin(read), recorder.begin(read)
    recorder.end(first, done)
    third = recorder.begin(read)
    recorder.end(second, None)  # broken off: nobody has seen an answer
    recorder.end(recorder.begin(read), done)
    recorder.end(third, done)
    writer.close()
    assert [(each.number, each.thread) for each in read_trace(tmp_path).calls] == [(1, 1), (3, 1), (4, 2)]


async def test_an_unknown_function_is_recorded_too(recording: Recording) -> None:
    result, traced = await recording.call("hisNoSuch", a=b"1")
    assert (traced.function, traced.given, traced.answer.code) == ("hisNoSuch", {"a": b"1"}, result.code)


# --- fields -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TABLE.records_out)
def test_the_fields_of_a_record_lie_one_behind_the_other(name: str) -> None:
    spans = record_spans(TABLE.records_out, name, 1)
    ends = [span.offset + span.width for span in spans]
    assert [span.offset for span in spans] == [0, *ends[:-1]]
    assert ends[-1] == TABLE.records_out[name].width


@pytest.mark.parametrize("name", TABLE.records_in)
def test_so_do_those_of_a_block(name: str) -> None:
    repeat = 3 if TABLE.records_in[name].counted else 1
    spans = record_spans(TABLE.records_in, name, repeat)
    assert spans[-1].offset + spans[-1].width == TABLE.records_in[name].width * repeat


def test_a_range_has_the_positions_that_were_asked_for() -> None:
    function = TABLE.functions["hisReadPrescriptMain"]
    given = {"pOutpatientPrescription": b"", "iStartPos": Number(2), "iEndPos": Number(3)}
    length = next(a.length for a in function.arguments if getattr(a, "range", None))
    buffer = next(a.name for a in function.arguments if getattr(a, "range", None))
    answer = Answer(0, 1.0, {buffer: b"x" * 200, length: Number(122)})
    (view,) = records_out(TABLE, function, given, answer)
    assert len(view.data) == 122
    assert {span.index for span in view.spans} == {0, 1}
    assert view.spans[-1].offset + view.spans[-1].width == 122
