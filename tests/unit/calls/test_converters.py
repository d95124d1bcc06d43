"""Named converters and conditions, one by one."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.calls.call import NATIVE, VHC, Door, LegacyCall, OutBuffer, of_kind
from bridge.calls.conditions import CONDITIONS, TEXT_CONDITIONS, longer_than_5, squeezed
from bridge.calls.converters import (
    BY_FIELD_TYPE,
    REPLY_CONVERTERS,
    VALUE_CONVERTERS,
    ReplyContext,
    diagnosis_code,
)
from bridge.codec.fixed import FieldType
from bridge.errors import CardChanged
from bridge.table.loader import default_table
from bridge.table.model.records import FieldSpec
from bridge.table.model.rows import When

CONSOLE = default_table().console
SIGNER = {"hc_id": "000073898381", "hc_id_no": "Z299999929"}
HEX = "0123456789ABCDEF" * 16
PRINTABLE = "x" * 255 + "~"


def _context(door: Door = NATIVE, **arguments: Any) -> ReplyContext:
    return ReplyContext(LegacyCall("aFunction", arguments, door), CONSOLE, SIGNER)


def _reply(name: str, value: Any, context: ReplyContext | None = None) -> str:
    return REPLY_CONVERTERS[name](value, context or _context())


# --- to the cloud -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("roc_datetime", "1121105093000", "1121105093000"),
        ("roc_datetime", " 1121105093000 ", "1121105093000"),
        ("roc_date", "1121105", "1121105"),
        ("plain_number", "00001250", "1250"),
        ("plain_number", "", "0"),
        ("plain_quantity", "0001250", "12.50"),
        ("diagnosis_code", "J029", "J029"),
        ("diagnosis_code", "H40.1324", "H40.1324"),
        ("diagnosis_code", "", ""),
    ],
)
def test_what_a_caller_wrote_becomes_what_the_cloud_wants(name: str, text: str, value: str) -> None:
    assert VALUE_CONVERTERS[name](text) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("roc_datetime", ""),
        ("roc_datetime", "1121105"),
        ("roc_datetime", "yesterday"),
        ("roc_date", ""),
        ("roc_date", "1121301"),
        ("plain_number", "x"),
        ("plain_quantity", "x"),
        ("diagnosis_code", "測"),
        ("diagnosis_code", "J02 9"),
        ("diagnosis_code", "J029\n"),
    ],
)
def test_what_the_cloud_could_not_use_is_refused(name: str, text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        VALUE_CONVERTERS[name](text)


# --- to the program -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (HEX, HEX),
        (PRINTABLE, PRINTABLE),
        (f" {HEX} ", HEX),
        (base64.b64encode(HEX.encode()).decode(), HEX),
        (base64.b64encode(bytes.fromhex(HEX)).decode(), HEX),
        (base64.b64encode(b"\x00\xff" * 64).decode(), "00FF" * 64),
    ],
    ids=["hexadecimal", "as it is", "padded", "base64 of text", "base64 of bytes", "base64 of odd bytes"],
)
def test_a_visit_signature_in_each_form_it_may_arrive_in(value: str, text: str) -> None:
    assert _reply("visit_signature", value) == text
    assert len(text) == 256


@pytest.mark.parametrize(
    "value",
    [
        "",
        None,
        "AB",
        HEX[:-1],
        HEX + "A",
        "?" * 100,
        base64.b64encode(b"x" * 255).decode(),
        base64.b64encode(b"\xff" * 256).decode(),
        base64.b64encode(b"x" * 127).decode(),
        5.0,
        ["x"],
        True,
    ],
)
def test_a_visit_signature_of_any_other_form_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"signature|expected"):
        _reply("visit_signature", value)


def test_a_raw_visit_signature_must_be_hexadecimal() -> None:
    assert _reply("visit_signature_raw", HEX) == HEX
    with pytest.raises(ValueError, match="not the hexadecimal text"):
        _reply("visit_signature_raw", PRINTABLE)


@pytest.mark.parametrize(("name", "own"), [("own_card_no", "000073898381"), ("own_id_no", "Z299999929")])
def test_only_the_card_that_signed_is_passed_on(name: str, own: str) -> None:
    assert _reply(name, own) == own
    for other in ("000099990001", "Z199999016", "", None, own[:-1]):
        with pytest.raises(CardChanged) as caught:
            _reply(name, other)
        assert own not in str(caught.value)


@pytest.mark.parametrize("name", ["own_card_no", "own_id_no"])
def test_without_a_signing_card_nothing_is_passed_on(name: str) -> None:
    for value in ("000073898381", "", None):
        with pytest.raises(CardChanged):
            REPLY_CONVERTERS[name](value, ReplyContext(LegacyCall("aFunction", {}), CONSOLE))


@pytest.mark.parametrize(("value", "text"), [(True, "Y"), (False, "N"), ("Y", "Y"), ("N", "N")])
def test_yes_and_no(value: object, text: str) -> None:
    assert _reply("yes_no", value) == text


@pytest.mark.parametrize("value", [None, "", "true", 1, 0, "y", []])
def test_what_is_neither_yes_nor_no_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="true or false"):
        _reply("yes_no", value)


@pytest.mark.parametrize(("value", "text"), [("6000", "6000"), (6000, "6000"), ("-1", "-1"), (" 60 ", "60")])
def test_whole_numbers_for_return_values(value: object, text: str) -> None:
    assert _reply("integer", value) == text


@pytest.mark.parametrize("value", [None, "", "6.0", "six", 6.5, True, "123456"])
def test_what_is_no_whole_number_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"number|expected"):
        _reply("integer", value)


STATUS = {"sam": {"status": 2}, "hc": {"status": 2, "type": 1, "verifiedPin": None}, "hpc": {"status": 3}}


@pytest.mark.parametrize(
    ("card", "change", "door", "state"),
    [
        (1, {}, NATIVE, "2"),
        (3, {}, NATIVE, "3"),
        (2, {"hc": {"status": 0, "type": 0}}, NATIVE, "0"),
        (2, {"hc": {"status": 1, "type": 1}}, NATIVE, "1"),
        (2, {}, NATIVE, "2"),
        (2, {"hc": {"status": 3, "type": 1}}, NATIVE, "3"),
        (2, {"hc": {"status": 2, "type": 1, "verifiedPin": True}}, NATIVE, "4"),
        (2, {"hc": {"status": 2, "type": 1, "verifiedPin": False}}, NATIVE, "2"),
        (2, {"hc": {"status": 1, "type": 1, "verifiedPin": True}}, NATIVE, "1"),
        (2, {"hc": {"status": 2, "type": 2}}, NATIVE, "0"),
        (2, {"hc": {"status": 2, "type": 2}}, VHC, "2"),
        (2, {"hc": {"status": 2, "type": 1}}, VHC, "0"),
    ],
)
def test_the_consoles_states_as_legacy_states(
    card: int, change: dict[str, Any], door: Door, state: str
) -> None:
    assert _reply("card_status", {**STATUS, **change}, _context(door, CardType=card)) == state


@pytest.mark.parametrize(
    "value", [None, {}, {"hc": None}, {"hc": {}}, {"hc": {"status": "2"}}, {"hc": {"status": True}}]
)
def test_a_state_that_is_missing_is_not_taken_for_no_card(value: object) -> None:
    for name in ("card_status", "practitioner_present", "practitioner_type"):
        with pytest.raises(ValueError, match="missing"):
            _reply(name, value, _context(CardType=2))


@pytest.mark.parametrize(("status", "present"), [(0, "0"), (1, "1"), (2, "1"), (3, "1")])
def test_presence_of_the_practitioner_card(status: int, present: str) -> None:
    assert _reply("practitioner_present", {"hpc": {"status": status, "type": 1}}) == present


@pytest.mark.parametrize(
    ("start", "end", "count"), [(1, 60, "3"), (2, 3, "2"), (3, 9, "1"), (4, 9, "0"), (1, 1, "1")]
)
def test_how_many_items_lie_within_the_positions(start: int, end: int, count: str) -> None:
    context = _context(iStartPos=start, iEndPos=end)
    assert _reply("count_in_range", [{}, {}, {}], context) == count


def test_positions_of_what_is_no_list_are_refused() -> None:
    with pytest.raises(ValueError, match="list"):
        _reply("count_in_range", None, _context(iStartPos=1, iEndPos=2))


def test_whether_a_pin_is_set_is_never_guessed() -> None:
    assert (_reply("pin_is_set", True), _reply("pin_is_set", False)) == ("1", "0")
    for value in (None, "true", 1, 0):
        with pytest.raises(ValueError, match="true or false"):
            _reply("pin_is_set", value)


@pytest.mark.parametrize("kind", list(FieldSpec.model_fields["type"].annotation.__args__))  # type: ignore[union-attr]
def test_each_field_type_has_a_converter_that_refuses_other_things_than_text(kind: str) -> None:
    convert = BY_FIELD_TYPE[kind]  # type: ignore[index]
    assert convert(None, _context()) == ""
    for value in ([], {}, True):
        with pytest.raises(ValueError, match="expected"):
            convert(value, _context())


# --- conditions ---------------------------------------------------------------------------------------------


def _holds(name: str, when: dict[str, Any], door: Door = NATIVE, **arguments: Any) -> bool:
    return CONDITIONS[name](When(condition=name, **when), LegacyCall("aFunction", arguments, door))


def test_conditions_on_arguments() -> None:
    assert _holds("argument_is", {"argument": "A", "value": 1}, A=1)
    assert not _holds("argument_is", {"argument": "A", "value": 1}, A=2)
    assert not _holds("argument_is", {"argument": "A", "value": 1})
    assert not _holds("argument_is", {"value": None})
    assert _holds("argument_in", {"argument": "A", "value": "0 3"}, A=3)
    assert not _holds("argument_in", {"argument": "A", "value": "0 3"}, A=1)
    assert not _holds("argument_in", {"argument": "A", "value": "10 30"}, A=1)


def test_the_condition_on_the_card() -> None:
    assert _holds("physical_card", {})
    assert not _holds("physical_card", {}, VHC)
    assert _holds("virtual_card", {}, VHC)
    assert not _holds("virtual_card", {})


@pytest.mark.parametrize(
    ("content", "plain"),
    [
        (b"", True),
        (b"[XXXXXXX]", False),
        (b"[XXXXXXX]1234567", False),
        (b"[XXXXXX] ", True),
        (b" H401324 ", True),
        (b"X[XXXXXX]", True),
        (b"[", True),
    ],
)
def test_a_pattern_in_the_buffer_is_matched_exactly(content: bytes, plain: bool) -> None:
    assert _holds("plain_buffer", {"argument": "pBuffer"}, pBuffer=OutBuffer(540, content)) is plain


@pytest.mark.parametrize(
    ("code", "squeezed"),
    [
        ('"M7WK', True),
        ("#:5BK", True),
        ("%}3RK", True),
        ("J029", False),
        ("K0253", False),
        ("", False),
        ("#:5B", False),
        ("#:5BKX", False),
    ],
)
def test_squeezed_codes_are_told_from_plain_ones(code: str, squeezed: bool) -> None:
    assert TEXT_CONDITIONS["squeezed"](code) is squeezed


@pytest.mark.parametrize(("code", "longer"), [("K0253", False), ("H40132", True), ("", False)])
def test_codes_too_long_for_the_short_form(code: str, longer: bool) -> None:
    assert TEXT_CONDITIONS["longer_than_5"](code) is longer


def test_to_a_program_a_virtual_card_has_no_day_of_issue() -> None:
    convert = REPLY_CONVERTERS["physical_date"]
    for door, expected in ((NATIVE, "1050217"), (VHC, "1050217"), (of_kind(NATIVE, "virtual"), "")):
        context = ReplyContext(LegacyCall("aFunction", {}, door), CONSOLE)
        assert (convert("20160217", context), convert(None, context)) == (expected, "")


# --- days that are none -------------------------------------------------------------------------------------

NO_DAY = [
    "0000000", "00000000", " 0000000 ", "0000000000000", "00000000000000", "00010101", "0001-01-01",
    "0001-01-01T00:00:00", "0001-01-01T00:00:00.0000000", "0001-01-01T00:00:00+08:00", "00010101000000",
]  # fmt: skip


@pytest.mark.parametrize("kind", ["date", "datetime"])
@pytest.mark.parametrize("value", NO_DAY)
def test_zeros_and_the_first_moment_of_dotnet_are_no_day(kind: FieldType, value: str) -> None:
    assert BY_FIELD_TYPE[kind](value, _context()) == ""


@pytest.mark.parametrize("value", ["9999-12-31", "99991231", "9999-12-31T23:59:59.9999999", "99991231235959"])
def test_the_last_day_of_dotnet_is_the_one_that_does_not_come(value: str) -> None:
    assert BY_FIELD_TYPE["date"](value, _context()) == "9991231"


@pytest.mark.parametrize(
    "value", ["0000001", "0001-01-02", "0001-01-01T00:00:01", "000000", "000000000", "1120229", "1911-12-31"]
)
def test_other_days_that_do_not_exist_are_refused(value: str) -> None:
    for kind in ("date", "datetime"):
        with pytest.raises(ValueError, match=r"."):
            BY_FIELD_TYPE[kind](value, _context())


@pytest.mark.parametrize("text", ["0000000", "0000000000000", "0001-01-01"])
def test_a_program_must_name_a_day_where_one_is_needed(text: str) -> None:
    for name in ("roc_date", "roc_datetime"):
        with pytest.raises(ValueError, match=r"."):
            VALUE_CONVERTERS[name](text)


def test_the_first_day_of_the_republic_is_a_day() -> None:
    assert BY_FIELD_TYPE["date"]("0010101", _context()) == "0010101"
    assert BY_FIELD_TYPE["datetime"]("0010101000000", _context()) == "0010101000000"


# --- codes of ICD-10 ----------------------------------------------------------------------------------------

# by the form that CMS gives each: CM has 3 to 7 characters, PCS seven without I and O
CM_CODE = st.from_regex(r"[A-Z][0-9][0-9AB](\.?[0-9A-Z]{1,4})?", fullmatch=True)
PCS_CODE = st.from_regex(r"[0-9A-HJ-NP-Z]{7}", fullmatch=True)


@given(CM_CODE | PCS_CODE)
def test_law_no_code_is_taken_for_a_squeezed_one_and_each_is_sent_as_typed(code: str) -> None:
    for typed in (code, code.lower()):
        assert not squeezed(typed)
        assert diagnosis_code(typed) == typed
        assert longer_than_5(typed) == (len(typed) > len("A0000"))
