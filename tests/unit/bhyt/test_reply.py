"""The pure part of a lookup after the portal has answered: whose reply it is, its names for clients."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.bhyt.plan import LookupPlan, plan_lookup
from bridge.bhyt.reply import failure_reply, filling, open_fills, read_reply, tidy, told
from bridge.config import BhytSettings
from bridge.errors import BadReply, NotThisPerson, StatusError
from tests.unit.bhyt.lookup_bench import CARD, FAMILY, HERE, LOOKUPS, SETTINGS

OLD = LOOKUPS["NhanLichSuKCB2018"]


def plan(lookup: Any = OLD, **given: object) -> LookupPlan:
    return plan_lookup(FAMILY, lookup, {**CARD, **given}, BhytSettings.model_validate(SETTINGS), HERE)


def answer(made: LookupPlan, reply: dict[str, Any]) -> dict[str, Any]:
    return told(FAMILY, made, read_reply(FAMILY, made, reply))


def test_the_reply_keeps_texts_and_order_and_gets_the_clients_names() -> None:
    reply = {
        "maKetQua": "000",
        "hoTen": "Tr\u00e2\u0300n",
        "maThe": CARD["mathe"],
        "dsLichSuKCB2018": [{"maHoSo": "1"}],
        "dsLichSuKT2018": None,
        "moi": {"x": [1, None, True]},
    }
    assert list(answer(plan(), reply).items()) == list(reply.items())
    renamed = {"dsLichSuKCB" if name == "dsLichSuKCB2018" else name: value for name, value in reply.items()}
    assert list(answer(plan(LOOKUPS["KQNhanLichSuKCB595"]), reply).items()) == list(renamed.items())


def test_names_as_the_example_prints_them_become_the_documented_ones() -> None:
    reply = {
        "maKetQua": "000",
        "maĐKBĐ": "01832",
        "dsLichSuKCB2018": [{" tinhTrang": "1", "TEMP1": " x "}],
        "dsLichSuKT2018": [{"thongbao": "y"}],
    }
    assert answer(plan(), reply) == {
        "maKetQua": "000",
        "maDKBD": "01832",
        "dsLichSuKCB2018": [{"tinhTrang": "1", "TEMP1": " x "}],
        "dsLichSuKT2018": [{"thongBao": "y"}],
    }


def test_names_in_another_letter_case_become_the_documented_ones() -> None:
    reply = {
        "MAKETQUA": "000",
        "MaThe": CARD["mathe"],
        "MÃLạ": "như cũ",
        "DSLICHSUKCB2018": [{"MaHoSo": "1", "temp1": "x"}],
    }
    assert tidy(FAMILY.reply, reply) == {
        "maKetQua": "000",
        "maThe": CARD["mathe"],
        "MÃLạ": "như cũ",
        "dsLichSuKCB2018": [{"maHoSo": "1", "TEMP1": "x"}],
    }


@pytest.mark.parametrize(
    "reply",
    [
        {"maDKBD": "1", "maĐKBĐ": "2"},
        {"maThe": CARD["mathe"], "MATHE": CARD["mathe"]},
        {"dsLichSuKCB2018": [{"a": 1, " a": 2}]},
        {"dsLichSuKCB": [], "dsLichSuKCB2018": []},
    ],
    ids=str,
)
def test_a_name_that_comes_twice_is_refused(reply: dict[str, Any]) -> None:
    with pytest.raises(BadReply):
        answer(plan(LOOKUPS["KQNhanLichSuKCB595"]), {"maKetQua": "000", **reply})


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("DN4010000000000", {"maThe": "DN4790000000000"}),
        ("DN4010000000000", {"maThe": "DN4799999999999", "maTheCu": "DN4010000000000"}),
        ("DN4010000000000", {"maThe": "DN4799999999999", "maSoBHXH": "0000000000"}),
        ("0000000000", {"maThe": "DN4010000000000"}),
        ("DN4010000000000", {"maThe": None, "maSoBHXH": ""}),
        ("0000000000", {"maSoBHXH": 0}),  # a number has lost its zeros
        ("001099000000", {"maThe": "DN4010000000000", "ngaySinh": "05/03/1994"}),
        ("001099000000", {"maThe": "DN4010000000000", "ngaySinh": "1994"}),
        ("001099000000", {"maThe": "DN4010000000000", "ngaySinh": None}),
        ("001099000000", {"maThe": "DN4010000000000"}),  # by citizen id: no reply has it
    ],
)
def test_a_reply_about_the_card_asked_for_passes(asked: str, told: dict[str, Any]) -> None:
    assert answer(plan(mathe=asked), {"maKetQua": "000", **told})["maKetQua"] == "000"


@pytest.mark.parametrize("asked", ["DN4010000000000", "0000000000"])
def test_a_reply_about_another_card_is_thrown_away(asked: str) -> None:
    with pytest.raises(NotThisPerson) as caught:
        answer(plan(mathe=asked), {"maKetQua": "000", "maThe": "DN4010000000009"})
    assert "DN4" not in str(caught.value)


@pytest.mark.parametrize("born", ["05/03/1995", "1949", 19940305, "không rõ"])
def test_who_is_asked_for_by_a_citizen_id_is_told_by_the_year_of_birth(born: Any) -> None:
    with pytest.raises(NotThisPerson):
        answer(plan(mathe="001099000000"), {"maKetQua": "000", "maThe": CARD["mathe"], "ngaySinh": born})


@pytest.mark.parametrize("told", [{"maThe": 4010000000009}, {"maSoBHXH": 9}], ids=str)
def test_a_number_that_comes_as_a_number_is_compared_as_well(told: dict[str, Any]) -> None:
    with pytest.raises(NotThisPerson):
        answer(plan(), {"maKetQua": "000", **told})


@pytest.mark.parametrize("value", [True, 1.5, [], {}, ["DN4010000000000"]], ids=repr)
def test_a_reply_of_which_nobody_can_tell_whose_it_is_is_thrown_away(value: Any) -> None:
    with pytest.raises(BadReply, match="maThe is no number of a card"):
        answer(plan(), {"maKetQua": "000", "maThe": value})


def test_a_failure_has_the_names_that_clients_look_for_in_the_text() -> None:
    reply = failure_reply(FAMILY, "101", "mất kết nối", LOOKUPS["KQNhanLichSuKCB595"])
    assert list(reply) == ["maKetQua", "ghiChu", "dsLichSuKCB", "dsLichSuKT2018"]
    assert reply["ghiChu"] == "Lỗi server: mất kết nối (cshis-bridge)"
    assert reply["dsLichSuKCB"] is None


# --- lists that another request has -------------------------------------------------------------------------

TELLING = {"000", "001", "002", "003", "004", "010", "110", "120", "121", "122", "123", "124"}


@pytest.mark.parametrize("code", [*FAMILY.results, "999"])
@pytest.mark.parametrize("visits", [{}, {"dsLichSuKCB2018": None}], ids=str)
def test_only_answers_that_found_the_card_are_asked_further(code: str, visits: dict[str, Any]) -> None:
    fills = dict(open_fills(plan(), code, {"maKetQua": code, **visits}))
    assert [fill.request for fill in fills.values()] == (["Lskcb2025"] if code in TELLING else [])


@pytest.mark.parametrize("visits", [[], [{"maHoSo": "1"}]], ids=str)
def test_a_list_that_is_there_is_not_asked_for(visits: list[Any]) -> None:
    assert not dict(open_fills(plan(), "000", {"maKetQua": "000", "dsLichSuKCB2018": visits}))


def fill_of(reply: dict[str, Any]) -> list[Any] | None:
    fill = plan().request.fills["dsLichSuKCB2018"]
    return filling(FAMILY, fill, {"maKetQua": "000", **reply})


@pytest.mark.parametrize("visits", [None, [], [{"maHoSo": "1"}, {}]], ids=str)
def test_the_visits_are_what_the_further_request_tells(visits: list[Any] | None) -> None:
    assert fill_of({"dsLichSuKCB2025": visits}) == visits


@pytest.mark.parametrize("visits", ["", {}, [1], [[]], [{}, None], True], ids=repr)
def test_visits_that_are_none_are_refused(visits: Any) -> None:
    with pytest.raises(BadReply, match="dsLichSuKCB2025 of Lskcb2025 is no list of objects"):
        fill_of({"dsLichSuKCB2025": visits})


@pytest.mark.parametrize("code", ["054", "055", "100", "101", "205", "401", "999"])
def test_an_answer_about_no_card_has_no_visits(code: str) -> None:
    with pytest.raises(StatusError) as caught:
        fill_of({"maKetQua": code, "dsLichSuKCB2025": [{}]})
    assert caught.value.status == code


@pytest.mark.parametrize(
    ("name", "visits", "more"),
    [
        ("nhanLichSuKCB", "dsLichSuKCB", {"tuNgay": "1", "denNgay": "2"}),
        ("KQNhanLichSuKCB595", "dsLichSuKCB", {}),
        ("NhanLichSuKCB2018", "dsLichSuKCB2018", {}),
        ("KQNhanLichSuKCB2024", "dsLichSuKCB2018", {}),
    ],
)
def test_visits_stand_under_the_names_of_each_lookups_clients(
    name: str, visits: str, more: dict[str, str]
) -> None:
    item = {"maHoSo": "9", "ngayVao": "1", "ngayRa": "2"}
    reply = answer(plan(LOOKUPS[name]), {"maKetQua": "000", "dsLichSuKCB2018": [item, {"maHoSo": "8"}]})
    assert reply == {"maKetQua": "000", visits: [{**item, **more}, {"maHoSo": "8"}]}


# --- codes --------------------------------------------------------------------------------------------------

TWO_DIGITS = {
    **dict.fromkeys(("000", "004"), "00"),
    **dict.fromkeys(("003", "010", "110", "120", "121", "122", "123", "124"), "01"),
    **dict.fromkeys(("050", "051", "052", "053"), "05"),
    **dict.fromkeys(("060", "061"), "06"),
    "070": "07",
    "100": "10",
    "205": "11",
}


@pytest.mark.parametrize("code", [*FAMILY.results, "999"])
def test_the_oldest_lookup_has_codes_of_two_digits(code: str) -> None:
    assert LOOKUPS["nhanLichSuKCB"].code(code) == TWO_DIGITS.get(code, code)
    assert LOOKUPS["NhanLichSuKCB2018"].code(code) == code


# --- officers -----------------------------------------------------------------------------------------------

OWN = {"hotencb": "Cán Bộ Ba", "cccdcb": "000000000003"}


@pytest.mark.parametrize(
    ("given", "whose"),
    [(OWN, "cán bộ do chương trình gửi"), ({}, "cán bộ trong cấu hình của cầu nối (bhyt.officers, mục 1)")],
)
@pytest.mark.parametrize(("code", "part"), [("054", "cccdCb"), ("055", "hoTenCb")])
def test_a_refused_officer_says_whose_entry_is_wrong(
    given: dict[str, str], whose: str, code: str, part: str
) -> None:
    reply = answer(plan(**given), {"maKetQua": code, "ghiChu": "Số CCCD!"})
    assert reply["ghiChu"] == f"Số CCCD! {part}: {whose} (cshis-bridge)"
    assert answer(plan(**given), {"maKetQua": code})["ghiChu"] == f"{part}: {whose} (cshis-bridge)"
