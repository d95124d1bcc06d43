"""Fixed-width records: pack and unpack are inverse, offsets never move."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.codec.fixed import Field, Filler, Group, Layout, _PlainRows, layout_width, pack, unpack
from bridge.codec.text import decode, fit
from bridge.errors import BadArgument
from tests.support.windows_950 import WRITABLE

SOME = [*WRITABLE[::40], *"碁銹裏墻恒粧嫺□▓€"]
TEXTS = st.text(st.sampled_from(SOME), max_size=12)
BRACKETED: Layout = (
    Field("mark", 1),
    Filler(b"["),
    Field("code", 7, "code"),
    Filler(b"]["),
    Field("other", 7, "code"),
    Filler(b"]"),
)
PERSON: Layout = (Field("name", 20), Field("id_no", 10), Field("left", 2, "number"))
VISITS: Layout = (
    Group(
        "visits",
        3,
        (
            Filler(b" "),
            Field("at", 13, "datetime"),
            Field("fee", 8, "number"),
            Field("total", 7, "quantity"),
        ),
    ),
)


def test_a_record_is_packed_field_by_field() -> None:
    packed = pack(PERSON, {"name": "測試十", "id_no": "Z299999929", "left": "6"})
    assert packed.data == "測試十".encode("cp950").ljust(20) + b"Z29999992906"
    assert packed.remarks == []


def test_remarks_name_the_fields_that_had_to_be_changed() -> None:
    packed = pack(PERSON, {"name": "測堃喆", "id_no": "Z2999999290"})
    assert packed.data == "測□□".encode("cp950").ljust(20) + b"Z29999992900"
    assert packed.remarks == ["name: 2 character(s) not in code page 950", "id_no: cut to 10 bytes"]


def test_absent_values_are_blank_but_numbers_are_zeros() -> None:
    assert pack(PERSON, {}).data == b" " * 30 + b"00"


def test_missing_repetitions_are_blank_with_zeros_in_number_fields() -> None:
    packed = pack(VISITS, {"visits": [{"at": "1121105093000", "fee": "450", "total": "12.5"}]})
    assert packed.data == b" 1121105093000000004500001250" + 2 * (b" " * 14 + b"0" * 15)


def test_surplus_repetitions_are_dropped() -> None:
    rows = [{"at": f"112110509300{number}"} for number in range(5)]
    values = unpack(VISITS, pack(VISITS, {"visits": rows}).data)["visits"]
    assert [row["at"] for row in values if isinstance(row, dict)] == [
        "1121105093000",
        "1121105093001",
        "1121105093002",
    ]


def test_a_number_that_does_not_fit_names_its_place() -> None:
    with pytest.raises(ValueError, match=r"^visits\[1\]\.fee: number of 9 digits in a field of 8$"):
        pack(VISITS, {"visits": [{}, {"fee": "123456789"}]})


@pytest.mark.parametrize(
    ("layout", "values", "message"),
    [
        (VISITS, {"visits": "not a list"}, "visits: a list of repetitions is needed"),
        (PERSON, {"name": [{"a": "b"}]}, "name: text is needed"),
    ],
)
def test_a_value_of_the_wrong_shape_is_refused(
    layout: Layout, values: Mapping[str, str | list[dict[str, str]]], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        pack(layout, values)


def test_literals_are_written_and_demanded_back() -> None:
    data = pack(BRACKETED, {"mark": "1", "code": "J029", "other": ""}).data
    assert data == b"1[J029   ][       ]"
    assert unpack(BRACKETED, data) == {"mark": "1", "code": "J029", "other": ""}


@pytest.mark.parametrize("position", [1, 9, 10, 18])
def test_a_literal_that_is_not_there_is_refused(position: int) -> None:
    data = bytearray(pack(BRACKETED, {"code": "J029"}).data)
    data[position] = ord("x")
    with pytest.raises(BadArgument, match="expected before the next field"):
        unpack(BRACKETED, bytes(data))


def test_blank_filler_may_hold_anything() -> None:
    assert unpack((Filler(b" "), Field("a", 2)), b"xAB") == {"a": "AB"}


def test_a_record_that_lacks_its_trailing_blanks_is_read() -> None:
    assert unpack(PERSON, b"A") == {"name": "A", "id_no": "", "left": ""}


def test_a_record_that_is_too_long_is_refused() -> None:
    with pytest.raises(BadArgument, match="33 bytes where 32 are the record"):
        unpack(PERSON, b" " * 33)


@pytest.mark.parametrize(
    ("layout", "data", "place"),
    [
        (PERSON, b"\xff" + b" " * 31, "name"),
        (PERSON, "測".encode("cp950")[:1].rjust(20) + b" " * 12, "name"),
        (VISITS, b" " * 30 + b"\xff" + b" " * 56, r"visits\[1\]\.at"),
    ],
)
def test_bytes_that_are_no_text_name_their_field(layout: Layout, data: bytes, place: str) -> None:
    with pytest.raises(BadArgument, match=f"^{place}: not valid Big5"):
        unpack(layout, data)


# --- laws ---------------------------------------------------------------------------------------------------


@st.composite
def _parts(draw: st.DrawFn, prefix: str) -> tuple[Field | Filler, ...]:
    made: list[Field | Filler] = []
    for index in range(draw(st.integers(1, 5))):
        kind = draw(st.sampled_from(["text", "date", "datetime", "number", "quantity", "code", "", "["]))
        if kind in ("", "["):
            made.append(Filler(b" " if kind == "" else b"]["))
        else:
            width = 7 if kind == "quantity" else draw(st.integers(1, 20))
            made.append(Field(f"{prefix}{index}", width, kind))
    return tuple(made)


@st.composite
def _layouts(draw: st.DrawFn) -> Layout:
    made: list[Field | Filler | Group] = list(draw(_parts("f")))
    if draw(st.booleans()):
        made.append(Group("group", draw(st.integers(1, 4)), draw(_parts("g"))))
    return tuple(made)


def _texts_for(field: Field) -> st.SearchStrategy[str]:
    if field.type == "number":
        return st.integers(0, 10**field.width - 1).map(lambda number: str(number).zfill(field.width))
    if field.type == "quantity":
        return st.decimals(0, 99999, places=2).map(str)
    return TEXTS.map(lambda text: decode(fit(text, field.width).data))


@st.composite
def _records(draw: st.DrawFn) -> tuple[Layout, dict[str, str | list[dict[str, str]]]]:
    layout = draw(_layouts())
    values: dict[str, str | list[dict[str, str]]] = {}
    for part in layout:
        if isinstance(part, Field):
            values[part.name] = draw(_texts_for(part))
        elif isinstance(part, Group):
            values[part.name] = [
                {p.name: draw(_texts_for(p)) for p in part.fields if isinstance(p, Field)}
                for _ in range(part.count)
            ]
    return layout, values


def _as_written(part: Field, text: str) -> str:
    return f"{int(float(text) * 100 + 0.5):07d}" if part.type == "quantity" else text


def _expected(layout: Layout, values: dict[str, str | list[dict[str, str]]]) -> dict[str, object]:
    made: dict[str, object] = {}
    for part in layout:
        value = values.get(getattr(part, "name", ""))
        if isinstance(part, Field) and isinstance(value, str):
            made[part.name] = _as_written(part, value)
        elif isinstance(part, Group) and isinstance(value, list):
            fields = {p.name: p for p in part.fields if isinstance(p, Field)}
            made[part.name] = [{n: _as_written(fields[n], text) for n, text in row.items()} for row in value]
    return made


@given(_records())
def test_law_what_was_packed_is_unpacked(
    record: tuple[Layout, dict[str, str | list[dict[str, str]]]],
) -> None:
    layout, values = record
    packed = pack(layout, values)
    assert packed.remarks == []
    assert len(packed.data) == layout_width(layout)
    assert unpack(layout, packed.data) == _expected(layout, values)


@given(st.text(st.characters(exclude_categories=()), max_size=30), st.integers(1, 12))
def test_law_no_text_moves_the_field_behind_it(text: str, width: int) -> None:
    layout: Layout = (Field("before", 3), Field("text", width), Field("behind", 4))
    data = pack(layout, {"before": "ABC", "text": text, "behind": "WXYZ"}).data
    assert len(data) == 3 + width + 4
    assert (data[:3], data[3 + width :]) == (b"ABC", b"WXYZ")
    unpack(layout, data)


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "at": st.text("0123456789 測□堃%\x00\n", max_size=15),
                "fee": st.text("0123456789. -x", max_size=9),
                "total": st.sampled_from(["", "12.00", "1.5", "x", "99999.99", "1e3"]),
            }
        ),
        max_size=4,
    ),
    st.booleans(),
)
def test_law_repetitions_packed_together_are_those_packed_one_by_one(
    rows: list[dict[str, str]], missing: bool
) -> None:
    if missing and rows:
        del rows[0]["at"]
    outcomes = []
    for usable in (True, False):
        with pytest.MonkeyPatch.context() as patch:
            if not usable:
                patch.setattr(_PlainRows, "pack", lambda self, rows, page: None)
            try:
                packed = pack(VISITS, {"visits": rows})
                outcomes.append((packed.data, packed.remarks))
            except ValueError as error:
                outcomes.append((str(error), []))
    assert outcomes[0] == outcomes[1]


@pytest.mark.parametrize("value", [None, 5, b"x", ["x"]])
def test_what_is_no_text_is_refused_also_in_a_repetition(value: object) -> None:
    with pytest.raises(ValueError, match="text is needed"):
        pack(VISITS, {"visits": [{"at": value, "fee": "1", "total": ""}]})  # type: ignore[dict-item]
