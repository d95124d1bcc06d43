"""Cases in cases/*.yaml: given arguments expect planned requests; given replies expect code and buffers.

Nothing is sent: planning and outcome are pure. A case holds

- ``function``, ``case``, ``arguments``; ``door: vhc`` where it comes from there;
- ``plan``: the steps expected, in order: what they ``ask`` ("POST /api/..." or a reader operation), ``sign``,
  ``needs``, ``body``; ``person``: whom the card must belong to;
- ``replies``: by step id (an only step is ``query`` in a read, else ``change``); ``result``: the code and the
  bytes of each out-argument;
- or ``refused``: the legacy code of a fault that is found before anything is sent;
- or ``failed``: the legacy code of replies which cannot be used.

Bytes are written as text (code page 950), ``[text, width]`` blank-padded, ``{text: ..., times: n}`` repeated,
``{hex: ...}``, or a list of those. ``{room: n, holds: ...}`` is an out-buffer, ``{file: name, content: ...}``
a file that the door has read.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from bridge.calls.call import NATIVE, VHC, Argument, Door, File, LegacyCall, LegacyResult, OutBuffer
from bridge.calls.context import CallContext
from bridge.calls.outcome import failure_code, make_outcome
from bridge.calls.plan import Plan, make_plan
from bridge.calls.reply import StepReply
from bridge.codec.fixed import layout_width
from bridge.engine.given import decrypt
from bridge.errors import BadArgument, CallError
from bridge.table.loader import default_table
from bridge.table.model.arguments import (
    BlockArgument,
    CountArgument,
    RecordArgument,
    ScalarArgument,
    TextArgument,
    TextSizedArgument,
)
from bridge.table.model.layout import build_layout
from bridge.table.model.rows import Function, Step

TABLE = default_table()
DIRECTORY = Path(__file__).parent
SIGNER = {
    "sam_id": "001000000103",
    "hospital_id": "3501200000",
    "hc_id": "000073898381",
    "hc_id_no": "Z299999929",
}
BAD_ARGUMENT = 6018
Case = dict[str, Any]


@cache
def _cases() -> tuple[Case, ...]:
    made: list[Case] = []
    for file in sorted(DIRECTORY.glob("*.yaml")):
        made += (yaml.safe_load(file.read_text(encoding="utf-8")) or {}).get("cases") or []
    return tuple(made)


def _ids(cases: list[Case]) -> list[str]:
    return [f"{case['function']}: {case['case']}" for case in cases]


def _with(key: str) -> Any:
    cases = [case for case in _cases() if key in case]
    return pytest.mark.parametrize("case", cases, ids=_ids(cases))


def to_bytes(value: Any) -> bytes:
    """The bytes of a case's notation."""
    if isinstance(value, str):
        return value.encode("cp950")
    if isinstance(value, dict):
        return bytes.fromhex(value["hex"]) if "hex" in value else to_bytes(value["text"]) * value["times"]
    if len(value) == 2 and isinstance(value[0], str) and isinstance(value[1], int):
        return to_bytes(value[0]).ljust(value[1])
    return b"".join(to_bytes(part) for part in value)


def _argument(value: Any) -> Argument:
    if isinstance(value, dict) and "room" in value:
        return OutBuffer(value["room"], to_bytes(value.get("holds", "")))
    if isinstance(value, dict) and "file" in value:
        content = value.get("content")
        return File(to_bytes(value["file"]), None if content is None else to_bytes(content))
    return value if isinstance(value, int) else to_bytes(value)


def _call(case: Case) -> tuple[Function, LegacyCall]:
    door: Door = {"vhc": VHC}.get(case.get("door", ""), NATIVE)
    arguments = {name: _argument(value) for name, value in case.get("arguments", {}).items()}
    return TABLE.functions[case["function"]], LegacyCall(case["function"], arguments, door)


def _planned(function: Function, call: LegacyCall) -> Plan:
    return make_plan(TABLE, function, call, CallContext(decrypt=decrypt))


def _plan(case: Case) -> Plan:
    function, call = _call(case)
    return _planned(function, call)


def _replies(case: Case, plan: Plan) -> dict[str, StepReply]:
    planned = {each.step.id: each.step for each in plan.steps}
    replies = {}
    for name, content in case["replies"].items():
        step = planned[name]
        notice = content.pop("(notice)", None) if isinstance(content, dict) else None
        upstream = "cloud" if step.cloud else "console"
        replies[name] = StepReply(content, upstream, SIGNER if step.cloud else {}, notice)
    return replies


def _outcome(case: Case) -> LegacyResult:
    plan = _plan(case)
    return make_outcome(TABLE, plan, _replies(copy.deepcopy(case), plan)).result


def _described(step: Step) -> str:
    return step.reader or f"{step.method} {step.path}"


@_with("plan")
def test_planned_requests(case: Case) -> None:
    plan = _plan(case)
    expected = case["plan"]
    assert [_described(planned.step) for planned in plan.steps] == [step["ask"] for step in expected]
    for planned, wanted in zip(plan.steps, expected, strict=True):
        signature = planned.step.signature
        signed = f"{signature.kind} {signature.service_type}" if signature else None
        assert signed == wanted.get("sign")
        assert " ".join(planned.step.needs) == wanted.get("needs", "")
        if planned.step.for_each is None:
            assert dict(planned.body) == wanted.get("body", {})
    assert plan.person == (tuple(case["person"]) if "person" in case else None)


@_with("result")
def test_result_of_replies(case: Case) -> None:
    result = _outcome(case)
    expected = {
        name: value if isinstance(value, int) else to_bytes(value)
        for name, value in case["result"].get("outputs", {}).items()
    }
    assert result.outputs == expected
    assert result.code == case["result"]["code"]


@_with("refused")
def test_refused_before_anything_is_sent(case: Case) -> None:
    function, call = _call(case)
    with pytest.raises(CallError) as caught:
        _planned(function, call)
    assert failure_code(TABLE, function, call.door.contexts, caught.value) == case["refused"]


@_with("failed")
def test_replies_that_cannot_be_used(case: Case) -> None:
    function, call = _call(case)
    with pytest.raises(CallError) as caught:
        _outcome(case)
    assert failure_code(TABLE, function, call.door.contexts, caught.value) == case["failed"]


# --- bad inputs, one by one, made from the good cases -------------------------------------------------------


def _first_good(name: str) -> Case:
    return next(case for case in _cases() if case["function"] == name and "plan" in case)


def _broken(function: Function, good: Mapping[str, Argument]) -> Iterator[tuple[str, str, Argument | None]]:
    """What can be wrong with each argument: its name, what is wrong, the bad value (None: missing)."""
    for argument in function.arguments:
        value = good.get(argument.name)
        if value is None:
            continue
        yield argument.name, "missing", None
        match argument:
            case TextArgument():
                assert isinstance(value, bytes)
                yield argument.name, "a control character", b"\x1b" + value[1:].ljust(1)
                yield argument.name, "no Big5", b"\xff" + value[1:]
                if not argument.blank:
                    yield argument.name, "blank", b" " * argument.width
                    yield argument.name, "empty", b""
                    yield argument.name, "NUL", b"\0"
                yield argument.name, "a number", 1
            case BlockArgument():
                assert isinstance(value, bytes)
                yield argument.name, "a control character", value[:1] + b"\x1b" + value[2:]
                yield argument.name, "no Big5", b"\xff" + value[1:]
                yield argument.name, "empty", b""
            case RecordArgument() | TextSizedArgument():
                assert isinstance(value, OutBuffer)
                for capacity in (0, -1, -32768):
                    yield argument.name, f"room for {capacity}", OutBuffer(capacity, value.content)
                yield argument.name, "bytes in place of room", b"x"
            case ScalarArgument() if argument.allowed:
                for number in (min(argument.allowed) - 1, max(argument.allowed) + 1, -32768, 32767):
                    yield argument.name, f"{number}", number
            case CountArgument():
                for number in (argument.least - 1, argument.most + 1, -1, -32768):
                    yield argument.name, f"{number}", number
            case _:
                pass


def _all_broken() -> list[Any]:
    made = []
    for name, function in TABLE.functions.items():
        if function.status == "unsupported" or not any(
            c["function"] == name and "plan" in c for c in _cases()
        ):
            continue
        _, call = _call(_first_good(name))
        for argument, what, value in _broken(function, call.arguments):
            arguments = {
                key: kept for key, kept in call.arguments.items() if key != argument or value is not None
            }
            if value is not None:
                arguments[argument] = value
            made.append(pytest.param(LegacyCall(name, arguments, call.door), id=f"{name}-{argument}-{what}"))
    return made


@pytest.mark.parametrize("call", _all_broken())
def test_each_bad_argument_is_the_callers_fault(call: LegacyCall) -> None:
    function = TABLE.functions[call.name]
    with pytest.raises(BadArgument) as caught:
        _planned(function, call)
    assert failure_code(TABLE, function, call.door.contexts, caught.value) == BAD_ARGUMENT


RECORDS = [
    (name, argument)
    for name, function in TABLE.functions.items()
    for argument in function.arguments
    if isinstance(argument, RecordArgument) and function.status != "unsupported"
]


@pytest.mark.parametrize(
    ("name", "argument"), RECORDS, ids=[f"{name}-{argument.name}" for name, argument in RECORDS]
)
def test_a_buffer_one_byte_too_small_is_refused_and_a_larger_one_taken(
    name: str, argument: RecordArgument
) -> None:
    function, call = _call(_first_good(name))
    width = layout_width(_planned(function, call).layouts[argument.name])
    if argument.range is None and argument.count is None and argument.bracketed is None:
        assert width == layout_width(build_layout(TABLE.records_out[argument.record], TABLE.records_out))
    for capacity, good in ((width - 1, False), (width, True), (width + 1, True), (32767, True)):
        room = call.arguments[argument.name]
        assert isinstance(room, OutBuffer)
        changed = LegacyCall(
            name, {**call.arguments, argument.name: OutBuffer(capacity, room.content)}, call.door
        )
        if good:
            assert layout_width(_planned(function, changed).layouts[argument.name]) == width
        else:
            with pytest.raises(BadArgument, match="bytes"):
                _planned(function, changed)


@pytest.mark.parametrize("name", sorted(TABLE.functions))
def test_texts_may_be_padded_as_real_programs_pad_them(name: str) -> None:
    """Exact; with one trailing blank; blank-padded far beyond; with a NUL behind; with what the heap holds
    behind the documented width.
    """
    function = TABLE.functions[name]
    if function.status == "unsupported":
        return
    _, call = _call(_first_good(name))
    plain = _planned(function, call)
    for padding in (b" ", b" " * 20, b"\0", b"   \0"):
        arguments = {
            argument.name: call.arguments[argument.name] + padding  # type: ignore[operator]
            for argument in function.arguments
            if isinstance(argument, TextArgument)
        }
        _assert_same(plain, _planned(function, LegacyCall(name, {**call.arguments, **arguments}, call.door)))


@pytest.mark.parametrize("name", sorted(TABLE.functions))
@pytest.mark.parametrize("behind", [b"x", b"  x", b"\0\xff", b"\x01\x02", b"A123456789" * 20], ids=repr)
def test_what_stands_behind_a_text_of_its_documented_width_changes_nothing(name: str, behind: bytes) -> None:
    function = TABLE.functions[name]
    if function.status == "unsupported":
        return
    _, call = _call(_first_good(name))
    plain = _planned(function, call)
    texts = {a.name: a.width for a in function.arguments if isinstance(a, TextArgument)}
    arguments = {n: call.arguments[n].ljust(width) + behind for n, width in texts.items()}  # type: ignore[union-attr]
    noisy = _planned(function, LegacyCall(name, {**call.arguments, **arguments}, call.door))
    _assert_same(plain, noisy)
    said = set(texts) if behind.split(b"\0")[0].strip() or behind[1:] else set()
    assert set(noisy.left_over) == said


def _assert_same(plain: Plan, other: Plan) -> None:
    assert [(each.step, each.body) for each in other.steps] == [
        (each.step, each.body) for each in plain.steps
    ]
    assert other.person == plain.person


# --- the cases themselves -----------------------------------------------------------------------------------


def test_every_row_has_a_case_of_its_request_and_one_of_its_result() -> None:
    missing = []
    for name, function in TABLE.functions.items():
        keys = {key for case in _cases() if case["function"] == name for key in case}
        wanted = {"refused"} if function.status == "unsupported" else {"plan", "result"}
        missing += [f"{name}: {key}" for key in sorted(wanted - keys)]
    assert missing == []


@pytest.mark.parametrize("file", sorted(DIRECTORY.glob("*.yaml")), ids=lambda file: file.stem)
def test_every_file_has_cases(file: Path) -> None:
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert set(content) == {"cases"}
    assert content["cases"]


def test_every_case_is_about_a_row_and_says_what_it_expects() -> None:
    known = {
        "function", "case", "door", "arguments", "plan", "person", "replies", "result", "refused", "failed",
    }  # fmt: skip
    ids = _ids(list(_cases()))
    assert len(ids) == len(set(ids))
    for case in _cases():
        assert case["function"] in TABLE.functions
        assert set(case) <= known
        assert set(case) & {"plan", "result", "refused", "failed"}
        assert ("replies" in case) == bool(set(case) & {"result", "failed"})
