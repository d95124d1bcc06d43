"""Visit numbers, roll-backs and visit identifiers at the cloud."""

from __future__ import annotations

import re
import string

import pytest

from bridge.sim.cloud.visits import _sequence

TEN = "000073898381"
MOTHER = "000099990002"
EXPIRED = "000099990007"
USED_UP = "000099990008"
CANCELLED = "000099990009"
NOT_INSURED = "000099990011"


async def _rollback(desk, key):
    return (await desk.ask("SequelNumber/Rollback", "hc", "03", treatmentDateTime=key))["statusCode"]


async def test_a_visit_number(desk):
    await desk.open()
    visit = await desk.visit()
    assert visit["treatmentDateTime"] == "1150310100000"
    assert visit["sequenceNumber"] == "W001"
    assert (visit["hospitalId"], visit["samId"]) == ("3501200000", "001000000103")
    assert re.fullmatch("[0-9A-F]{256}", visit["signature"])
    assert re.fullmatch("[0-9A-Z]{20}", visit["treatmentNumber"])
    assert visit["isSameDay"] is False
    assert desk.world.record(TEN).counter == 5
    treatments = (await desk.ask("Treatment/NoNeedHPC", "hc", "01"))["treatments"]
    assert treatments[0] == {
        "treatmentItem": "01",
        "babyTreatment": "",
        "treatDateTime": "1150310100000",
        "afterCheck": "1",
        "hospitalVisit": "W001",
        "hospitalId": "3501200000",
        "outpatientFee": "0",
        "costFee": "0",
        "inpatientFee": "0",
        "inpatient30Fee": "0",
        "inpatient180Fee": "0",
    }


async def test_two_fast_visits_do_not_collide(desk):
    await desk.open()
    first, second = await desk.visit(), await desk.visit("02")
    assert second["treatmentDateTime"] == "1150310100001"
    assert second["sequenceNumber"] == "W002"
    assert second["isSameDay"] is True
    assert first["treatmentNumber"] != second["treatmentNumber"]


async def test_only_numeric_visits_of_today_count_for_the_same_day(desk):
    await desk.open()
    await desk.visit("AC")
    first = await desk.visit("01")
    assert first["isSameDay"] is False
    assert await _rollback(desk, first["treatmentDateTime"]) == 0
    assert (await desk.visit("03"))["isSameDay"] is False
    await desk.later(14 * 3600)
    assert (await desk.visit("01"))["isSameDay"] is False


@pytest.mark.parametrize(
    ("card", "item", "expected"),
    [
        (CANCELLED, "01", 3203),
        (CANCELLED, "AC", 3203),
        (EXPIRED, "01", 3201),
        (USED_UP, "01", 3213),
        (USED_UP, "AC", 0),
        (NOT_INSURED, "01", 3230),
        (TEN, "09", 0),
        (TEN, "E1", 0),
    ],
)
async def test_which_cards_get_a_number(desk, card, item, expected):
    desk.world.insert("hc", card)
    await desk.open()
    counter = desk.world.record(card).counter
    assert (await desk.visit(item))["statusCode"] == expected
    used = 1 if expected == 0 and item.isdigit() else 0
    assert desk.world.record(card).counter == counter - used


async def test_six_visits_use_the_card_up(desk):
    await desk.open()
    codes = [(await desk.visit())["statusCode"] for _ in range(7)]
    assert codes == [0] * 6 + [3213]


async def test_a_newborn_on_the_mothers_card(desk):
    await desk.open()
    assert (await desk.visit(baby="A"))["statusCode"] == 3206
    desk.world.insert("hc", MOTHER)
    assert (await desk.visit(baby="A"))["statusCode"] == 0
    assert desk.world.record(MOTHER).visits[0].baby == "A"
    await desk.later(40 * 86400)
    assert (await desk.visit(baby="A"))["statusCode"] == 0
    await desk.later(86400)
    assert (await desk.visit(baby="A"))["statusCode"] == 3207
    assert (await desk.visit())["statusCode"] == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("treatmentItem", "1"),
        ("treatmentItem", "00"),
        ("treatmentItem", "011"),
        ("treatmentItem", "ac"),
        ("treatmentItem", 1),
        ("babyTreatment", "AB"),
        ("afterCheck", "12"),
        ("afterCheck", None),
    ],
)
async def test_malformed_fields(desk, field, value):
    await desk.open()
    fields = {"treatmentItem": "01", "babyTreatment": "", "afterCheck": "1", field: value}
    signed = await desk.sign("hc", "03")
    reply = await desk.cloud_client.post("/api/v1/SequelNumber/Next", json={**signed, **fields})
    assert (reply.status_code, reply.json()["field"]) == (400, field)
    assert desk.world.record(TEN).visits_taken == 0


def test_sequences_go_on_after_999():
    assert [_sequence(number) for number in (1, 999, 1000, 1001)] == ["W001", "W999", "WA00", "WA01"]
    assert _sequence(1000 + 26 * 36 * 36 - 1) == "WZZZ"
    every = {_sequence(number) for number in range(1, 3000)}
    assert len(every) == 2999
    assert all(set(text) <= set(string.digits + string.ascii_uppercase) for text in every)


async def test_roll_back(desk):
    await desk.open()
    visit = await desk.visit()
    key = visit["treatmentDateTime"]
    assert await _rollback(desk, key) == 0
    assert desk.world.record(TEN).counter == 6
    treatments = (await desk.ask("Treatment/NoNeedHPC", "hc", "01"))["treatments"]
    assert key not in [each["treatDateTime"] for each in treatments]
    assert await _rollback(desk, key) == 3220
    assert desk.world.record(TEN).counter == 6
    assert (await desk.visit())["sequenceNumber"] == "W002"


async def test_roll_back_refused(desk):
    await desk.open()
    record = desk.world.record(TEN)
    assert await _rollback(desk, "1150310095959") == 3208
    assert await _rollback(desk, record.visits[0].key) == 3218
    assert await _rollback(desk, record.visits[1].key) == 3211
    check = await desk.visit("AC")
    assert await _rollback(desk, check["treatmentDateTime"]) == 3219
    visit = await desk.visit()
    await desk.later(86400)
    late = await desk.visit()
    assert await _rollback(desk, visit["treatmentDateTime"]) == 0
    await desk.later(86401)
    assert await _rollback(desk, late["treatmentDateTime"]) == 3218


async def test_roll_back_names_a_malformed_time(desk):
    await desk.open()
    signed = await desk.sign("hc", "03")
    for value in ("115031010000", "1150310106000", "11503101000AA", ""):
        body = {**signed, "treatmentDateTime": value}
        reply = await desk.cloud_client.post("/api/v1/SequelNumber/Rollback", json=body)
        assert (reply.status_code, reply.json()["field"]) == (400, "treatmentDateTime")


async def test_last_number(desk):
    await desk.open()
    await desk.visit()
    last = await desk.ask("SequelNumber/Last", "hc", "01")
    assert (last["year"], last["sequenceNumber"]) == ("115", "W001")
    desk.world.insert("hc", CANCELLED)
    last = await desk.ask("SequelNumber/Last", "hc", "01")
    assert (last["year"], last["sequenceNumber"]) == ("", "")


async def test_visit_identifiers(desk):
    await desk.open()
    visit = await desk.visit()
    key = visit["treatmentDateTime"]
    same = await desk.ask("TreatmentNumber/Card", "hc", "03", treatmentDateTime=key)
    assert same["treatmentNumber"] == visit["treatmentNumber"]
    other = [
        (await desk.ask("TreatmentNumber/Card", "hc", "03", treatmentDateTime="1150310080000"))[
            "treatmentNumber"
        ]
        for _ in range(2)
    ]
    assert other[0] == other[1] != visit["treatmentNumber"]


async def test_visit_identifier_without_card(desk):
    await desk.open()
    reply = await desk.ask("TreatmentNumber/NoCard", "sam", "03", patientId="Z199999016")
    assert (reply["treatmentDateTime"], reply["hospitalId"]) == ("1150310100000", "3501200000")
    assert len(reply["treatmentNumber"]) == 20
    signed = await desk.sign("sam", "03")
    unknown = await desk.cloud_client.post(
        "/api/v1/TreatmentNumber/NoCard", json={**signed, "patientId": "Z100000000"}
    )
    assert (unknown.status_code, unknown.json()["field"]) == (400, "patientId")
