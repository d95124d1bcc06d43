"""Characters that Windows' code page 950 lacks, and those a site has drawn itself (造字), in whole calls."""

from __future__ import annotations

import pytest

from bridge.calls.call import LegacyResult, OutBuffer
from bridge.codec.eudc import read_eudc
from bridge.reader.use import Use
from bridge.sim.simulator import Simulator
from tests.support.good_calls import DEMO, order, person
from tests.support.simulated import Bench, open_bench

OWN = read_eudc("FA40 堃\nC6E7 喆")
OUTSIDE = ["々", "の", "Я", "①", "堃", "\ue000", "\uf6b1", "\u223c"]
DRAWN = [b"\xfa\x40", b"\xc6\xe7", b"\x81\x40"]


async def _name(bench: Bench, name: str) -> bytes:
    bench.simulator.world.cards[DEMO].name = name
    result = await bench.call("hisGetBasicData", pBuffer=OutBuffer(72))
    data = result.outputs["pBuffer"]
    assert isinstance(data, bytes)
    assert (result.code, len(data), data[32:42]) == (0, 72, b"Z299999929")
    return data[12:32]


async def _write(bench: Bench, drug: bytes) -> LegacyResult:
    who = person(bench.simulator.world, DEMO)
    return await bench.call("hisWriteAllergicNum", pDataWrite=drug.ljust(40), iNum=1, **who)


def _stored(bench: Bench) -> str:
    return bench.simulator.world.record(DEMO).allergic_medicines[0]


@pytest.mark.parametrize("character", OUTSIDE, ids=ascii)
async def test_a_name_with_one_is_read_with_a_placeholder_and_a_line_in_the_log(
    character: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_bench(Simulator()) as bench:
        assert await _name(bench, f"王{character}明") == "王□明".encode("cp950").ljust(20)
    assert caplog.text.count("pBuffer.name: 1 character(s) not in code page 950") == 1
    assert "王" not in caplog.text


@pytest.mark.parametrize("drawn", DRAWN, ids=bytes.hex)
async def test_a_write_with_a_drawn_character_is_refused_and_its_field_named(
    drawn: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_bench(Simulator()) as bench:
        before = _stored(bench)
        assert await _write(bench, b"LATEX " + drawn) == LegacyResult(6018)
        assert _stored(bench) == before
        assert bench.cloud.sent == []
    assert "pDataWrite: " in caplog.text
    assert "ingredient: a user-defined character (造字) at byte 7" in caplog.text


async def test_a_repetition_of_a_block_is_named_by_its_place(caplog: pytest.LogCaptureFixture) -> None:
    async with open_bench(Simulator()) as bench:
        at = b"1121105093000"
        orders = order(at) + order(at).replace(b"TIDPC", b"T\xfa\x40PC")
        who = person(bench.simulator.world, DEMO)
        result = await bench.call(
            "hisWriteMultiPrescriptSign",
            pDateTime=at,
            pDataWrite=orders,
            iWriteCount=2,
            pBuffer=OutBuffer(80),
            **who,
        )
        assert result == LegacyResult(6018)
    assert "[1].usage: a user-defined character" in caplog.text


async def test_listed_characters_are_whole_both_ways(caplog: pytest.LogCaptureFixture) -> None:
    async with open_bench(Simulator(), page=OWN) as bench:
        await bench.reader.verify_sam(Use())
        bench.simulator.world.session.require_hpc().pin_verified = True
        assert await _name(bench, "游錫堃喆") == "游錫".encode("cp950") + b"\xfa\x40\xc6\xe7".ljust(16)
        assert (await _write(bench, b"LATEX \xfa\x40")).code == 0
        assert _stored(bench) == "LATEX 堃"
        assert await _write(bench, b"LATEX \xfa\x41") == LegacyResult(6018)
        assert _stored(bench) == "LATEX 堃"
    assert "not in code page 950" not in caplog.text


async def test_a_call_has_one_line_in_the_log_however_many_fields_it_tells_of(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with open_bench(Simulator()) as bench:
        await bench.reader.verify_sam(Use())
        bench.simulator.world.session.require_hpc().pin_verified = True
        record = bench.simulator.world.record(DEMO)
        record.allergic_medicines[:] = ["々一", "々二", "々々三"]
        for row in record.prescriptions:
            row["usage"] = "の"
        rows = len(record.prescriptions)
        result = await bench.call(
            "hisReadPrescription",
            pOutpatientPrescription=OutBuffer(3660), pLongTermPrescription=OutBuffer(1320),
            pImportantTreatmentCode=OutBuffer(360), pIrritationDrug=OutBuffer(120),
        )  # fmt: skip
    assert result.code == 0
    lines = [line for line in caplog.messages if "not in code page 950" in line]
    assert len(lines) == 1
    assert lines[0].count("not in code page 950") == min(5, rows + 3)
    assert (f"and {rows + 3 - 5} more" in lines[0]) == (rows + 3 > 5)
