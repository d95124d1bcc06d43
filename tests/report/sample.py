"""A report with every kind of difference in it, made of answers written by hand. Its people are invented."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bridge.table.loader import default_table
from bridge.trace.comparing.calls import Comparer
from bridge.trace.comparing.rules import default_rules
from bridge.trace.comparing.tally import Tally
from bridge.trace.format import Answer, Given, Note, Number, TracedCall
from bridge.trace.reading import Problem, Trace
from bridge.trace.reporting.report import About, make_report

TABLE = default_table()
NOW = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
EVIL = '<img src=x onerror="document.title=1">'
Pair = tuple[str, dict[str, Given], tuple[int, dict[str, Given]], tuple[int, dict[str, Given]] | None]


def basic(card: str = "000073898381", name: str = "測試十", tel: bytes = b"0212345678") -> bytes:
    text = card.encode() + name.encode("cp950").ljust(20) + b"Z2999999290920315F1050217" + b"1"
    return text + tel.ljust(14)


def visit(day: str, sequence: str = "0012", fee: bytes = b"00001250") -> bytes:
    return f"01 {day}0800001{sequence}3501200000".encode() + fee + b"0" * 30


def visits(*rows: bytes) -> bytes:
    blank = b" " * 31 + b"0" * 38
    return b" " * 84 + b"".join(rows) + blank * (6 - len(rows))


def record(name: str, old: bytes, new: bytes, code: int = 0) -> Pair:
    def after(data: bytes) -> dict[str, Given]:
        return {"pBuffer": data, "iBufferLen": Number(len(data))}

    given: dict[str, Given] = {"pBuffer": b"", "iBufferLen": Number(max(len(old), len(new)))}
    return name, given, (code, after(old)), (code, after(new))


def pairs() -> Iterator[Pair]:
    same = basic()
    for _ in range(30):
        yield record("hisGetBasicData", same, same)
        yield record("hisGetBasicData", same, basic(tel=b"0299999999"))
    yield record("hisGetBasicData", same[:42] + same[50:57] + same[49:50] + same[42:49] + same[57:], same)
    yield record("hisGetBasicData", basic("000099990001", "測小童"), same)
    yield record("hisGetEmergentTel", b"0212345678\0\0\0\0", b"0212345678    ")
    yield record("hisGetCumulativeFee", b" " * 20, b"0" * 20)
    yield record("hisGetCumulativeFee", b"0" * 18, b"0" * 20)
    one, two, three = visit("1141120"), visit("1141002"), visit("1130101")
    yield record("hisGetTreatmentNoNeedHPC", visits(three, two, one), visits(one, two, three))
    other = visit("1141002", fee=b"00009999")
    yield record("hisGetTreatmentNoNeedHPC", visits(two, one), visits(one, other))
    yield record("hisGetTreatmentNoNeedHPC", visits(two, three), visits(one, two, three))
    yield record("hisGetTreatmentNoNeedHPC", visits(one, two, three), visits(one, two))
    signature = b"A" * 256
    seq = b"1141125080000" + b"0013" + b"3501200000" + signature + b"001000000103" + b"N"
    w = b"1141125090000" + b"W001" + b"3501200000" + b"B" * 256 + b"001000000103" + b"N"
    yield record("hisGetSeqNumber256", seq, w)
    yield record("hisGetSeqNumber256", seq, w.replace(b"W001", b"    "))
    raw = bytes(range(128))
    plain = b"1141125080000" + b"0013" + b"3501200000" + raw + b"001000000103"
    yield record("hisGetSeqNumber", plain, plain[:13] + b"W002" + plain[17:27] + raw[::-1] + plain[155:])
    yield "csOpenCom", {"pComNum": Number(0)}, (0, {}), (-1, {})
    yield "csVerifySAMDC", {}, (0, {}), None
    yield "hisWriteOrganDonate", {}, (0, {}), (-2, {})
    yield EVIL, {}, (0, {}), (-2, {})


def sample_report(**about: Any) -> dict[str, Any]:
    """The report as JSON has it."""
    tally, comparer = Tally(), Comparer(TABLE, default_rules())
    calls: list[TracedCall] = []
    for number, (name, given, (code, after), new) in enumerate(pairs(), 1):
        old = Answer(code, 1500.0 + 40 * (number % 17), after)
        call = TracedCall(
            number=number,
            at=NOW + timedelta(seconds=number),
            thread=1 + number % 2,
            function=name,
            given=given,
            answer=old,
            process=4711,
        )
        answer = None if new is None else Answer(new[0], 5200.0 + 90 * (number % 13), new[1])
        calls.append(call)
        tally.add(comparer.compare(call, answer))
    tally.skip("hisWriteTreatmentData", "changes_data")
    tally.skip("csUploadData", "file")
    problems = [Problem("HIS-0002.jsonl", 17, f"cut off in the middle; {EVIL}")]
    trace = Trace(calls=calls, notes=[Note("lost", "error 112 while writing", 12)], problems=problems)
    made = About("bridge", "HIS-4711.jsonl", "the bridge at 127.0.0.1:5068", NOW, masked=False, seconds=12.3)
    return make_report(TABLE, replace(made, **about), trace, tally)
