"""The control API and the cast of invented people."""

from __future__ import annotations

import pytest

from bridge.sim.clock import Clock, parse_roc_date, parse_roc_datetime
from bridge.sim.console.app import ENDPOINTS

LETTERS = dict(zip("ABCDEFGHJKLMNPQRSTUVXYWZIO", range(10, 36), strict=True))


async def _get(desk, path):
    reply = await desk.control_client.get(path)
    assert reply.status_code == 200
    return reply.json()


async def test_state_at_the_start(desk):
    state = await _get(desk, "/state")
    assert state["now"] == "2026-03-10T10:00:00+08:00"
    assert state["slots"] == {"hc": "000073898381", "hpc": "000000329470"}
    assert state["console"]["initialized"] is False
    assert state["faults"] == []


async def test_cards_in_and_out(desk):
    put = await desk.control_client.put("/slots/hc", json={"card": "000099990001"})
    assert put.status_code == 200
    await desk.control_client.delete("/slots/hpc")
    assert (await _get(desk, "/state"))["slots"] == {"hc": "000099990001", "hpc": None}


async def test_qr(desk):
    body = {"card": "000099990001", "minutes": 1, "uses": 1}
    token = (await desk.control_client.post("/qr", json=body)).json()["qr"]
    await desk.open()
    read = "/api/hc/v1/VirtualHc/ReadBasic"
    assert (await desk.console("POST", read, {"token": token}))["cardId"] == "000099990001"
    desk.world.clock.shift(60)
    assert await desk.code("POST", read, {"token": token}) == 1524


async def test_mobile_login(desk):
    desk.world.remove("hpc")
    await desk.open()
    body = (await desk.control_client.post("/mobile-login", json={"card": "000000329488"})).json()
    assert await desk.code("POST", "/api/hpc/v1/Verification/MobiliHca", body) == 0
    assert (await desk.console("GET", "/api/hpc/v1/Basic"))["cName"] == "測試藥師"


async def test_clock_and_settings(desk):
    moved = (await desk.control_client.post("/clock", json={"seconds": -86400})).json()
    assert moved["now"] == "2026-03-09T10:00:00+08:00"
    settings = (await desk.control_client.put("/settings", json={"sticky_card": True})).json()
    assert settings["sticky_card"] is True
    assert desk.world.switches.sticky_card is True


async def test_stored(desk):
    await desk.open()
    visit = await desk.visit()
    stored = await _get(desk, "/stored/000073898381")
    assert stored["counter"] == 5
    assert stored["visits"][0]["treatment_number"] == visit["treatmentNumber"]
    assert stored["visits"][0]["at"] == "1150310100000"


async def test_journal_has_no_bodies(desk):
    await desk.open()
    await desk.console("GET", "/api/hc/v1/Basic")
    journal = await _get(desk, "/requests")
    assert [(each["service"], each["method"], each["path"], each["status"]) for each in journal] == [
        ("console", "POST", "/api/common/v1/Initial", 0),
        ("console", "POST", "/api/sam/v1/Verification", 0),
        ("console", "GET", "/api/hc/v1/Basic", 0),
    ]
    assert "Z299999929" not in str(journal)
    await desk.control_client.delete("/requests")
    assert await _get(desk, "/requests") == []


async def test_reset(desk):
    await desk.open_with_doctor()
    await desk.visit()
    desk.world.insert("hc", "000099990001")
    desk.world.clock.shift(1000)
    desk.world.change_switches({"sticky_card": True})
    desk.world.cards["000073898381"].pin = "1234"
    await desk.control_client.post("/faults", json={"service": "cloud", "kind": "empty"})
    keys = desk.world.keys
    assert (await desk.control_client.post("/reset")).status_code == 200
    state = await _get(desk, "/state")
    assert (state["shiftSeconds"], state["faults"]) == (0, [])
    assert (state["slots"]["hc"], state["settings"]["sticky_card"]) == ("000073898381", False)
    assert (await _get(desk, "/stored/000073898381"))["counter"] == 6
    assert desk.world.cards["000073898381"].pin is None
    assert desk.world.keys is keys
    await desk.open()
    assert await desk.code("GET", "/api/hc/v1/Basic") == 0


async def test_faults_are_listed_and_counted(desk):
    body = {"service": "console", "kind": "status", "value": 1119, "path": "Basic", "times": 2}
    assert (await desk.control_client.post("/faults", json=body)).status_code == 200
    assert await desk.code("GET", "/api/hc/v1/Basic") == 1119
    assert await _get(desk, "/faults") == [{**body, "times": 1, "field": ""}]
    await desk.code("GET", "/api/sam/v1/Basic")
    assert await _get(desk, "/faults") == []


async def test_endpoints(desk):
    endpoints = await _get(desk, "/endpoints")
    assert endpoints["console"] == [list(endpoint) for endpoint in ENDPOINTS]
    assert ["POST", "/api/v1/SequelNumber/Next"] in endpoints["cloud"]


@pytest.mark.parametrize(
    ("method", "path", "body", "text"),
    [
        ("PUT", "/slots/hc", {"card": "1"}, "no card '1'"),
        ("PUT", "/slots/sam", {"card": "000073898381"}, "unknown slot"),
        ("PUT", "/slots/hc", {}, "'card' is missing"),
        ("PUT", "/slots/hc", {"card": 1}, "wrong type"),
        ("PUT", "/slots/hc", [], "JSON object"),
        ("DELETE", "/slots/sam", None, "unknown slot"),
        ("POST", "/qr", {"card": "1"}, "no health card"),
        ("POST", "/qr", {"card": "000073898381", "minutes": 0}, "minutes above 0"),
        ("POST", "/qr", {"card": "000073898381", "minutes": 1e9}, "at most 1440"),
        ("POST", "/qr", {"card": "000073898381", "hours": 1}, "unknown key"),
        ("POST", "/mobile-login", {"card": "1"}, "no practitioner's card"),
        ("POST", "/faults", {"service": "cloud", "kind": "down"}, "no power switch"),
        ("POST", "/faults", {"service": "cloud", "kind": "slow"}, "needs a value"),
        ("POST", "/clock", {"seconds": "1"}, "wrong type"),
        ("POST", "/clock", {"seconds": True}, "wrong type"),
        ("POST", "/clock", {"seconds": 1e12}, "ten years"),
        ("POST", "/clock", None, "not JSON"),
        ("PUT", "/settings", {"sticky": True}, "unknown setting"),
        ("PUT", "/settings", {"sticky_card": "on"}, "another type"),
        ("PUT", "/settings", {"telemedicine_consent": "perhaps"}, "yes, pending, no"),
        ("GET", "/stored/1", None, "no health card"),
    ],
)
async def test_mistakes_are_told(desk, method, path, body, text):
    reply = await desk.control_client.request(method, path, json=body)
    assert reply.status_code == 400
    assert text in reply.json()["error"]


async def test_other_host_names_are_refused(desk):
    reply = await desk.control_client.get("/state", headers={"host": "evil.example"})
    assert reply.status_code == 400


async def test_the_cast(desk):
    people = await _get(desk, "/people")
    cards = people["cards"]
    assert len(cards) >= 8
    assert len({card["number"] for card in cards}) == len({card["idNo"] for card in cards}) == len(cards)
    assert {card["role"] for card in people["practitioners"]} == {"doctor", "pharmacist", "nurse"}
    for card in cards:
        assert len(card["number"]) == 12
        assert _well_formed(card["idNo"]), card["idNo"]
        assert card["idNo"][1] == {"M": "1", "F": "2"}[card["sex"]]
        parse_roc_date(card["birthday"])
    assert any(card["hasPin"] for card in cards)
    assert any(card["cancelled"] for card in cards)
    assert any(card["counter"] == 0 for card in cards)
    assert any(card["validUntil"] < "1150310" for card in cards)
    assert any(len(card["name"].encode("cp950")) > 20 for card in cards if _writable(card["name"]))
    assert any(not _writable(card["name"]) for card in cards)


def test_stored_rows_fit_their_records(desk):
    for number, record in desk.world.records.items():
        times = [visit.key for visit in record.visits]
        assert times == sorted(times, reverse=True), number
        assert len(set(times)) == len(times)
        assert all(len(visit.treatment_number) == 20 for visit in record.visits)
        for order in record.prescriptions:
            parse_roc_datetime(order["treatmentDateTime"])
            assert order["treatmentDateTime"] in times


def _writable(name):
    try:
        name.encode("cp950")
    except UnicodeEncodeError:
        return False
    return True


def _well_formed(id_no):
    letter = LETTERS[id_no[0]]
    weighted = sum(int(digit) * weight for digit, weight in zip(id_no[1:9], range(8, 0, -1), strict=True))
    return (letter // 10 + letter % 10 * 9 + weighted + int(id_no[9])) % 10 == 0


def test_the_clock_follows_real_time():
    first = Clock().now()
    assert first <= Clock().now()
    assert first.utcoffset().total_seconds() == 8 * 3600


@pytest.mark.parametrize("text", ["115031", "1151301", "1150230", "ABCDEFG", "１１５０３１０"])
def test_bad_roc_dates(text):
    with pytest.raises(ValueError):  # noqa: PT011 - any reason will do
        parse_roc_date(text)
