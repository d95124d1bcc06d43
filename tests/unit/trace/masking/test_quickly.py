"""Lines masked as they stand: whatever the line, it becomes what a look at everything makes of it."""

from __future__ import annotations

import gc
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.hospital import write_hospital
from bridge.errors import TraceError
from bridge.table.model.arguments import (
    BlockArgument,
    LengthArgument,
    RecordArgument,
    ScalarArgument,
    ScalarOutArgument,
    TextArgument,
    TextOutArgument,
)
from bridge.table.model.layout import record_fields
from bridge.table.model.rows import Function
from bridge.trace.format import Answer, BridgeAnswer, Given, Line, Number, TracedCall, line_of
from bridge.trace.masking import batches, files, piece_tables, quick_learning, quick_masking, text_masking
from bridge.trace.masking.answered import Answered
from bridge.trace.masking.batches import Batch
from bridge.trace.masking.files import FirstPass, Masked, TraceMasking
from bridge.trace.masking.final_scan import RealValues
from bridge.trace.masking.key import MaskKey
from bridge.trace.masking.known import Known
from bridge.trace.masking.rules import default_rules
from bridge.trace.reading import read_trace
from bridge.trace.writing import write_trace
from tests.unit.trace.masking.masked_world import (
    HOSPITAL,
    PEOPLE,
    PLANTED,
    QR,
    SIGNATURE,
    START,
    TABLE,
    Tracing,
    planted_trace,
    record,
)

TEXTS = [value.encode("cp950") for value in PLANTED]
OTHERS = [
    b"",
    b" ",
    b"0",
    b"01",
    b"A0123",
    b"AC12345100",
    b"\xa4",
    b"1150302083000",
    b"9991231",
    b"[XXXXXXX]",
]
FIELDS: dict[str, list[str]] = {
    "id_no": [person.id_no for person in PEOPLE],
    "name": [person.name for person in PEOPLE],
    "card_no": [person.card for person in PEOPLE],
    "birthday": [person.birthday for person in PEOPLE],
    "emergency_tel": [person.phone for person in PEOPLE],
    "hospital_id": [HOSPITAL, ""],
    "security_signature": [SIGNATURE, QR * 5, ""],
    "security_signature_raw": [SIGNATURE],
    "signature": [SIGNATURE[:40], QR[:40], ""],
    "year": ["115", "1x5", "000"],
    "item_code": ["AC12345100", "A1234", PEOPLE[0].id_no],
}
DATES = ["1150302083000", "1150302", "0990101", "", "9991231", "1159999"]


def all_of_it(_: quick_learning.QuickCollector, batch: Batch) -> list[int]:
    """Nothing is learnt quickly."""
    return list(range(len(batch.lines)))


def nothing_of_it(
    _: quick_masking.QuickMasker, batch: Batch, __: Callable[[bytes], bytes]
) -> tuple[list[quick_masking.Parts], list[int]]:
    """Nothing is masked quickly."""
    return [()] * len(batch.lines), list(range(len(batch.lines)))


def masked_or_refused(folder: Path, *, quickly: bool) -> object:
    """The same, or why it cannot be masked."""
    try:
        return masked(folder, quickly=quickly)
    except TraceError as error:
        return str(error)


def masked(folder: Path, *, quickly: bool) -> tuple[bytes, Masked]:
    """What becomes of ``folder/in.jsonl``, and what was counted."""
    with pytest.MonkeyPatch.context() as patched:
        if not quickly:
            patched.setattr(quick_masking.QuickMasker, "masked", nothing_of_it)
            patched.setattr(quick_learning.QuickCollector, "learn", all_of_it)
        masking = TraceMasking(TABLE, default_rules(), MaskKey(b"\x17" * 32))
        done = masking.run(folder / "in.jsonl", folder / "out.jsonl", force=True)
    return (folder / "out.jsonl").read_bytes(), done


def known(file: Path, *, quickly: bool) -> Known:
    """What a first pass learns."""
    with pytest.MonkeyPatch.context() as patched:
        if not quickly:
            patched.setattr(quick_learning.QuickCollector, "learn", all_of_it)
        first = FirstPass(TABLE, default_rules())
        first.read([file], files.answered_in([file]))
    return first.collector.known()


# --- lines of every function --------------------------------------------------------------------------------


def bytes_of(chance: random.Random) -> bytes:
    value = chance.choice([chance.choice(TEXTS), chance.choice(OTHERS), chance.choice(TEXTS)])
    end = chance.choice((b"", b"", b"\0", b"\0x", chance.choice(TEXTS)))
    return value.ljust(chance.choice((0, 0, 13, 40))) + end


def row(direction: str, name: str, chance: random.Random) -> dict[str, Any]:
    """Values for the fields of a record, groups with one to three rows."""
    records = TABLE.records_out if direction == "out" else TABLE.records_in
    values: dict[str, Any] = {}
    rows = {group for group, _ in record_fields(records[name], records) if group}
    groups: dict[str, list[dict[str, str]]] = {
        each: [{} for _ in range(chance.randint(0, 3))] for each in rows
    }
    for group, field in record_fields(records[name], records):
        for each in groups[group] if group else [values]:
            if field.name in FIELDS:
                each[field.name] = chance.choice(FIELDS[field.name])
            elif field.width in (7, 13):
                each[field.name] = chance.choice(DATES)[: field.width]
    return {**values, **groups}


def record_of(direction: str, name: str, chance: random.Random, repeat: int) -> bytes:
    try:
        return record(direction, name, repeat, **row(direction, name, chance))
    except ValueError:  # a text that the field cannot hold
        return bytes_of(chance)


def side(function: Function, chance: random.Random, *, after: bool) -> Iterator[tuple[str, Given]]:
    lengths: dict[str, int] = {}
    for argument in function.arguments:
        match argument:
            case _ if chance.random() < 0.03:
                continue
            case RecordArgument() if after and chance.random() < 0.9:
                form = argument.bracketed if argument.bracketed and chance.random() < 0.5 else argument.record
                data = record_of("out", form, chance, chance.randint(1, 2))
                lengths[argument.length] = len(data) - chance.choice((0, 0, 0, 1, 13))
                yield argument.name, data + chance.choice((b"", b"", chance.choice(TEXTS)))
            case BlockArgument() if chance.random() < 0.9:
                data = record_of("in", chance.choice(argument.forms), chance, chance.randint(1, 2))
                yield argument.name, data + chance.choice((b"", b"", b"\0", chance.choice(TEXTS)))
            case TextArgument():
                yield argument.name, bytes_of(chance)
            case LengthArgument() | ScalarArgument() | ScalarOutArgument():
                number = lengths.get(argument.name, chance.choice((0, 1, 2, 72, 4000, -1)))
                yield argument.name, Number(number, chance.choice((None, number, 1342046280, 2**40)))
            case _ if argument.kind == "count":
                yield argument.name, Number(chance.choice((1, 1, 2, 0)))
            case _:
                yield argument.name, chance.choice((bytes_of(chance), b" " * 72, b"[XXXXXXX]".ljust(90)))


def calls_of(names: list[str], chance: random.Random) -> list[str]:
    made = Tracing()
    for name in names:
        function = TABLE.functions[name]
        for code in chance.choice(((0,), (0, 0), (0, 5010), (4042,), (70000,))):
            call = made.call(name, dict(side(function, chance, after=False)), {}, code)
            answer = call.answer._replace(after=dict(side(function, chance, after=True)))
            made.lines[-1] = call._replace(answer=answer)
    if chance.random() < 0.2:
        made.lines += [made.lines[-1], BridgeAnswer(made.lines[-1].number, made.lines[-1].answer)]  # type: ignore[union-attr]
    return [line_of(line) for line in made.lines]


EDITS = [
    ("", ""),
    (',"code":', ',"code": '),
    ('"in":{', '"in":{"pNobody":"QTEyMzQ1Njc4OQ==",'),
    ('"in":{', '"in":{"pPatientID":null,'),
    ('"out":{', '"note":1,"out":{'),
    ('},"code"', '},"in":{},"code"'),
    ('"door":"native",', ""),
    ('"thread":1', '"thread":01'),
    ("T0", "T9"),
    ("2026-03-02", "2026-13-02"),
    ("2026-03-02", "2025-12-31"),
    ('"us":1234.5', '"us":1234'),
    ("}}", "}"),
    ("=", ""),
    ('"code":0', '"code":-0'),
    ('"call":', '"call":1'),
]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.sampled_from(sorted(TABLE.functions)), min_size=1, max_size=6),
    st.randoms(use_true_random=False),
    st.lists(st.sampled_from(EDITS), max_size=2),
)
def test_every_line_becomes_what_a_look_at_everything_makes_of_it(
    tmp_path: Path, names: list[str], chance: random.Random, edits: list[tuple[str, str]]
) -> None:
    lines = calls_of(names, chance)
    for old, new in edits:
        place = chance.randrange(1, len(lines))  # the header stays
        lines[place] = lines[place].replace(old, new, 1) if old else lines[place]
    (tmp_path / "in.jsonl").write_text("\n".join([*lines, *lines]) + "\n", encoding="utf-8")
    assert known(tmp_path / "in.jsonl", quickly=True) == known(tmp_path / "in.jsonl", quickly=False)
    assert masked_or_refused(tmp_path, quickly=True) == masked_or_refused(tmp_path, quickly=False)


Sides = tuple[dict[str, Given], dict[str, Given]]


def settings_of(given: dict[str, Given], after: dict[str, Given]) -> Iterator[Sides]:
    """The same call for somebody else, with another form of record wanted, with other numbers, with a block
    that does not fit and texts that are too long.
    """
    yield given, after
    others: list[tuple[str, Given]] = [
        ("pPatientID", PEOPLE[0].id_no.encode()),
        ("pPatientID", PEOPLE[1].id_no.encode()),
        ("pBuffer", b"[XXXXXXX]".ljust(90)),
        ("pDataWrite", b"A" * len(block) if isinstance(block := given.get("pDataWrite"), bytes) else b""),
    ]
    for name, value in others:
        if name in given:
            yield {**given, name: value}, after
    for end in (b"x", b" "):
        yield (
            {
                name: each[:3].ljust(50) + end if isinstance(each, bytes) else each
                for name, each in given.items()
            },
            after,
        )
    for less in (0, 1):
        yield less_by(given, less), less_by(after, less)


def less_by(values: dict[str, Given], less: int) -> dict[str, Given]:
    """With numbers as they are, or one less, without what stands beside them."""
    return {
        name: Number(each.low - less) if isinstance(each, Number) else each for name, each in values.items()
    }


@pytest.mark.parametrize("seed", range(3))
def test_the_same_bytes_in_another_call_are_looked_at_anew(tmp_path: Path, seed: int) -> None:
    """Whose call it is, what it was for, whether it failed, and in which year: all of it matters."""
    chance = random.Random(seed)
    made = Tracing()
    for function in TABLE.functions.values():
        before, after = (dict(side(function, chance, after=each)) for each in (False, True))
        before |= {name: PEOPLE[0].birthday.encode() for name in before if "BirthDate" in name}
        for values, answer in settings_of(before, after):
            for code, at in product((4042, 0), (START, START.replace(year=2025, month=12, day=31))):
                call = made.call(function.name, values, answer, code)
                made.lines[-1] = call._replace(at=at)
    (tmp_path / "in.jsonl").write_text("".join(f"{line_of(line)}\n" for line in made.lines), encoding="utf-8")
    assert known(tmp_path / "in.jsonl", quickly=True) == known(tmp_path / "in.jsonl", quickly=False)
    assert masked(tmp_path, quickly=True) == masked(tmp_path, quickly=False)


def test_a_text_that_comes_back_ends_at_its_nul(tmp_path: Path) -> None:
    """Buffers of one length, of which more or less is text, and more than the text may have."""
    made = Tracing()
    for function in TABLE.functions.values():
        names = [each.name for each in function.arguments if isinstance(each, TextOutArgument)]
        for text in (
            b"",
            b"A123",
            b"A123456789",
            b"A12345678901",
            b"A123456789".ljust(20),
            b"A123".ljust(20),
            b"A".ljust(19) + b"1",
        ):
            after: dict[str, Given] = {name: (text + b"\0").ljust(30, b"x") for name in names}
            for code in (0, 4042) if names else ():
                call = made.call(function.name, {}, {}, code)
                made.lines[-1] = call._replace(answer=call.answer._replace(after=after))
    (tmp_path / "in.jsonl").write_text("".join(f"{line_of(line)}\n" for line in made.lines), encoding="utf-8")
    assert known(tmp_path / "in.jsonl", quickly=True) == known(tmp_path / "in.jsonl", quickly=False)
    assert masked(tmp_path, quickly=True) == masked(tmp_path, quickly=False)


def wanted_otherwise(function: Function) -> dict[str, Given]:
    """What a caller passes to get another form of a record, or more rows of it."""
    other: dict[str, Given] = {}
    for each in function.arguments:
        if isinstance(each, RecordArgument):
            if each.bracketed:
                other[each.name] = b"[XXXXXXX]".ljust(90)
            if each.range:
                other[each.range.end] = Number(2)
    return other


def test_an_answer_is_cut_as_its_own_call_wanted_it(tmp_path: Path) -> None:
    """Calls as long as each other, with the same bytes in their answers; the latter ones have been met."""
    numbers = b"".join(b"%06d" % (number * 7919) for number in range(25))
    made = Tracing()
    for function in TABLE.functions.values():
        other = wanted_otherwise(function)
        buffers = [each for each in function.arguments if isinstance(each, RecordArgument)]
        after: dict[str, Given] = {each.name: numbers for each in buffers}
        after |= {each.length: Number(len(numbers)) for each in buffers}
        one: dict[str, Given] = {each.name: b" " * 90 for each in buffers}
        one |= {each.range.start: Number(1) for each in buffers if each.range}
        one |= {each.range.end: Number(1) for each in buffers if each.range}
        for code in (0, 4042) if other else ():
            for wanted in (one, {**one, **other}):
                call = made.call(function.name, wanted, {}, code)
                made.lines[-1] = call._replace(answer=call.answer._replace(after=after))
    (tmp_path / "in.jsonl").write_text("".join(f"{line_of(line)}\n" for line in made.lines), encoding="utf-8")
    assert known(tmp_path / "in.jsonl", quickly=True) == known(tmp_path / "in.jsonl", quickly=False)
    assert masked(tmp_path, quickly=True) == masked(tmp_path, quickly=False)
    calls = [call for call in read_trace(tmp_path / "out.jsonl").calls if not call.answer.code]
    assert len(calls) == len(made.lines[1:]) / 2 > 10
    for first, second in zip(calls[::2], calls[1::2], strict=True):
        assert first.answer.after != second.answer.after


def test_a_block_is_cut_as_its_own_call_says(tmp_path: Path) -> None:
    """The same bytes in calls of another number of rows."""
    made = Tracing()
    for function in TABLE.functions.values():
        for each in function.arguments:
            if not isinstance(each, BlockArgument):
                continue
            for form, rows in product(each.forms, (1, 2)):
                data = record("in", form, rows).replace(b" ", b"5")
                for count in (2, 1, 2):
                    counted: dict[str, Given] = {each.count: Number(count)} if each.count else {}
                    made.call(function.name, {each.name: data, **counted}, {})
    (tmp_path / "in.jsonl").write_text("".join(f"{line_of(line)}\n" for line in made.lines), encoding="utf-8")
    assert known(tmp_path / "in.jsonl", quickly=True) == known(tmp_path / "in.jsonl", quickly=False)
    assert masked(tmp_path, quickly=True) == masked(tmp_path, quickly=False)


def signed(folder: Path, others: list[TracedCall], signatures: list[str]) -> list[bytes]:
    """What becomes of the signatures in a trace with other calls before them."""
    made = Tracing()
    made.lines += others
    for signature in signatures:
        data = record("out", "seq_number_256_n1", security_signature=signature)
        made.read("hisGetSeqNumber256N1", data, len(data))
    write_trace(folder / "in.jsonl", made.lines)
    assert known(folder / "in.jsonl", quickly=True) == known(folder / "in.jsonl", quickly=False)
    assert masked(folder, quickly=True) == masked(folder, quickly=False)
    start = data.index(signatures[-1].encode())
    calls = read_trace(folder / "out.jsonl").calls[len(others) :]
    return [call.answer.after["pBuffer"][start : start + 256] for call in calls]  # type: ignore[index]


def test_a_signature_of_zeros_stays_one_among_others(tmp_path: Path) -> None:
    """Where nothing was signed, one who reads a masked trace has to see it."""
    made = signed(tmp_path, [], [SIGNATURE, "0" * 256, "F" * 256, SIGNATURE[::-1]])
    assert made[1] == b"0" * 256
    assert len({*made}) == 4
    assert all(re.fullmatch(rb"[0-9A-F]{256}", each) for each in made)


def test_signs_that_stay_in_what_is_no_signature_are_looked_at(tmp_path: Path) -> None:
    """Letters and digits are invented from end to end; other signs are not: they may be somebody's."""
    phone = "(+)-(#)*"
    call = Tracing().call("hisWriteEmergentTel", {"pEmergentTel": phone.encode()}, {})
    (made,) = signed(tmp_path, [call], [f"{SIGNATURE[:100]}{phone}{SIGNATURE[:148]}"])
    assert re.fullmatch(rb"[0-9A-Z]{100}x{8}[0-9A-Z]{148}", made)


def test_so_do_the_lines_of_a_trace_full_of_people(tmp_path: Path) -> None:
    lines = [line_of(line) for line in planted_trace()]
    (tmp_path / "in.jsonl").write_text("\n".join(lines * 2) + "\n", encoding="utf-8")
    assert known(tmp_path / "in.jsonl", quickly=True) == known(tmp_path / "in.jsonl", quickly=False)
    assert masked(tmp_path, quickly=True) == masked(tmp_path, quickly=False)


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hospital")
    write_hospital(folder, 1500, 1)
    (file,) = folder.glob("*.jsonl")
    return file.rename(folder / "in.jsonl").parent


def test_the_lines_of_a_hospital_are_masked_as_they_stand(
    hospital: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All but a few in which the last look finds something by chance."""
    slow = masked(hospital, quickly=False)
    looked_at: list[bytes] = []
    at_everything = files.SecondPass._masked

    def counted(second: files.SecondPass, line: Line, *rest: Any) -> Line:
        looked_at.append(line_of(line).encode())
        return at_everything(second, line, *rest)

    monkeypatch.setattr(files.SecondPass, "_masked", counted)
    assert masked(hospital, quickly=True) == slow
    assert 0 < len(looked_at) < 0.01 * slow[1].counts.calls
    assert slow[1].counts.calls > 1000


def test_lines_are_taken_together_whatever_stands_in_the_upper_halves_of_numbers(
    hospital: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where another text is as long by chance, too, they are taken apart and not looked at one by one."""
    chance = random.Random(1)
    text = re.sub(
        rb'"i32":[0-9]{6,}',
        lambda _: b'"i32":%d' % chance.randrange(10**8, 2**31),
        (hospital / "in.jsonl").read_bytes(),
    )
    lines = text.splitlines(keepends=True)
    lines[9::7] = [line.replace(b'{"i16":0,"i32":0}', b'{"i16":1,"i32":1}') for line in lines[9::7]]
    (tmp_path / "in.jsonl").write_bytes(b"".join(lines))
    groups: list[int] = []
    sides_of = batches.Batch.sides

    def counted(batch: Batch, group: batches.Alike) -> tuple[list[bytes], list[bytes]]:
        groups.append(len(group.lines))
        return sides_of(batch, group)

    slow = masked(tmp_path, quickly=False)
    monkeypatch.setattr(batches.Batch, "sides", counted)
    assert masked(tmp_path, quickly=True) == slow
    assert len(groups) < 0.15 * len(lines)


def test_a_line_in_which_the_last_look_finds_something_is_looked_at_as_a_whole(
    hospital: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others that were taken with it are not, and each is counted once."""
    slow = masked(hospital, quickly=False)
    looked, seen = RealValues.clean, []

    def doubting(real_values: RealValues, texts: list[bytes]) -> bool:
        seen.append(len(texts))
        return looked(real_values, texts) and len(texts) < 4 and len(seen) % 3 > 0

    monkeypatch.setattr(RealValues, "clean", doubting)
    assert masked(hospital, quickly=True) == slow
    assert max(seen) > 100
    assert len(seen) > 1000


def test_python_looks_for_circles_again_when_masking_has_ended(
    hospital: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    during = []

    def refusing(*_: Any) -> list[int]:
        during.append(gc.isenabled())
        raise TraceError("no")

    monkeypatch.setattr(quick_learning.QuickCollector, "learn", refusing)
    with pytest.raises(TraceError):
        masked(hospital, quickly=True)
    assert (during, gc.isenabled()) == ([False], True)


@pytest.mark.parametrize("before", [0, 1, 7, 8, 9])
def test_an_answer_is_seen_wherever_it_stands_in_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: int
) -> None:
    """A file is looked through in blocks: it may begin in one and end in the next."""
    monkeypatch.setattr(files, "STEP_BYTES", 10)
    trace = tmp_path / "in.jsonl"
    trace.write_bytes(b" " * before + b'\n{"answer":7,"code":0,"us":1.0,"out":{}}\n')
    assert files.answered_in([trace]).is_expected(0, 7)


def test_the_second_pass_begins_without_the_calls_of_the_first() -> None:
    """An answer before its call is nobody's, not that of the call which the first pass met later."""
    call = TracedCall(
        7, datetime(2026, 11, 30, tzinfo=UTC), 1, "csOpenCom", {"pComNum": Number(0)}, Answer(0, 1.0)
    )
    answered = Answered()
    answered.expect(0, 7)
    answered.hold(0, call)
    again = answered.from_the_beginning()
    assert again.call_of(0, 7) is None
    again.hold(0, call)
    held = again.call_of(0, 7)
    assert held is not None
    assert held.given == call.given


def test_what_is_forgotten_is_made_again(hospital: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = masked(hospital, quickly=False)
    for module, name in (
        (quick_masking, "SIDES_BYTES"), (batches, "BLOCK_BYTES"),
        (piece_tables, "MOST_PIECES"), (text_masking, "MOST_ROWS"), (text_masking, "MOST_CUTS"),
        (quick_learning, "SIDES_BYTES"), (quick_learning, "MOST_SEEN"),
        (quick_learning, "MOST_FORMS"),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, 3)
    fast, done = masked(hospital, quickly=True)
    assert (fast, replace(done, problems=[])) == (slow[0], replace(slow[1], problems=[]))
