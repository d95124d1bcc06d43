"""The simulated portal of Viet Nam: tokens, registered addresses, and every result code of seed 004."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from bridge.bhyt.loader import load_lookups
from bridge.sim.clock import Clock
from bridge.sim.portal.app import ENDPOINTS
from bridge.sim.portal.books import PortalBooks
from bridge.sim.portal.lookup import MEANINGS

LOOKUP = "/api/egw/KQNhanLichSuKCB2024"
VISITS = "/api/egw/Lskcb2025"
SENDING = "/api/egw/guiHoSoGiamDinh4210"
ONE = {"hoTenCb": "Cán Bộ Thử Nghiệm Một", "cccdCb": "000000000001"}
TWO = {"hoTenCb": "Cán Bộ Thử Nghiệm Hai", "cccdCb": "000000000002"}
CARD = {"maThe": "DN4010000000000", "hoTen": "Trần Thử Nghiệm", "ngaySinh": "05/03/1994"}
# What must be different from a good lookup for each code that depends on the request.
REQUESTS: dict[str, dict[str, Any]] = {
    "050": {"maThe": "DN4010000099999"},
    "051": {"maThe": "DN401"},
    "052": {"maThe": "DN4000000000000"},
    "053": {"maThe": "DN9010000000000"},
    "054": {"cccdCb": "000000000009"},
    "055": {"hoTenCb": "Cán Bộ Khác"},
    "060": {"hoTen": "Lê Văn Khác"},
    "061": {"hoTen": "Trịnh Văn Khác"},
    "070": {"ngaySinh": "06/03/1994"},
    "205": {"ngaySinh": "1994-03-05"},
}


class PortalDesk:
    """Talks to the portal as a client of 2024 does."""

    def __init__(self, desk: Any) -> None:
        self.desk = desk
        self.world = desk.world
        self.books: PortalBooks = desk.world.portal
        self.account = self.books.accounts[0]
        self.client = _client(desk.simulator.portal_app, "127.0.0.1")

    async def take(self, **changes: str) -> Any:
        body = {"username": self.account.username, "password": self.account.password_md5, **changes}
        return (await self.client.post("/api/token/take", json=body)).json()

    async def query(self, **changes: str) -> dict[str, str]:
        key = (await self.take())["APIKey"]
        return {
            "token": key["access_token"],
            "id_token": key["id_token"],
            "username": self.account.username,
            "password": self.account.password_md5,
            **changes,
        }

    async def look_up(self, query: dict[str, str] | None = None, **changes: Any) -> Any:
        query = query or await self.query()
        reply = await self.client.post(LOOKUP, params=query, json={**CARD, **ONE, **changes})
        assert reply.status_code == 200
        return reply.json()


def _client(app: Any, address: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app, client=(address, 40000))
    return httpx.AsyncClient(transport=transport, base_url="https://localhost", trust_env=False)


@pytest.fixture
async def portal(desk: Any) -> AsyncIterator[PortalDesk]:
    made = PortalDesk(desk)
    yield made
    await made.client.aclose()


# --- tokens -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["json", "data"])
async def test_a_token_is_given_for_json_and_for_a_form(portal: PortalDesk, kind: str) -> None:
    body = {"username": "00001_tn", "password": portal.account.password_md5.upper()}
    reply = (await portal.client.post("/api/token/take", **{kind: body})).json()
    assert reply["maKetQua"] == "200"
    assert set(reply["APIKey"]) == {"access_token", "id_token", "token_type", "username", "expires_in"}
    assert reply["APIKey"]["expires_in"] == "2026-03-10T10:00:00+07:00"


@pytest.mark.parametrize(
    "wrong", [{"username": "x"}, {"password": "x"}, {"password": "thu-nghiem-1"}], ids=str
)
async def test_a_wrong_account_gets_none(portal: PortalDesk, wrong: dict[str, str]) -> None:
    reply = await portal.take(**wrong)
    assert (reply["maKetQua"], reply["APIKey"]) == ("401", None)


@pytest.mark.parametrize("name", ["token", "id_token", "username", "password"])
async def test_a_lookup_needs_all_four(portal: PortalDesk, name: str) -> None:
    assert (await portal.look_up(await portal.query(**{name: "x"})))["maKetQua"] == "401"
    query = await portal.query()
    del query[name]
    assert (await portal.look_up(query))["maKetQua"] == "401"


async def test_a_token_serves_its_own_account_only(portal: PortalDesk) -> None:
    other = portal.books.accounts[1]
    query = await portal.query(username=other.username, password=other.password_md5)
    assert (await portal.look_up(query))["maKetQua"] == "401"


@pytest.mark.parametrize(("seconds", "code"), [(3599, "000"), (3600, "401")])
async def test_a_token_lives_one_hour(portal: PortalDesk, seconds: float, code: str) -> None:
    query = await portal.query()
    portal.world.clock.shift(seconds)
    assert (await portal.look_up(query))["maKetQua"] == code


async def test_the_portal_can_be_told_to_give_expired_tokens(portal: PortalDesk) -> None:
    portal.world.change_switches({"portal_tokens": "expired"})
    assert (await portal.look_up())["maKetQua"] == "401"


# --- addresses, endpoints, faults ---------------------------------------------------------------------------


async def test_only_registered_addresses_are_answered(portal: PortalDesk) -> None:
    async with _client(portal.desk.simulator.portal_app, "192.0.2.1") as stranger:
        assert (await stranger.post("/api/token/take", json={})).status_code == 403
        portal.world.change_switches({"portal_addresses": "192.0.2.1"})
        assert (await stranger.post("/api/token/take", json={})).status_code == 200
    assert (await portal.client.post(LOOKUP, json={})).status_code == 403


@pytest.mark.parametrize("name", ["KQNhanLichSuKCB595", "KQNhanLichSuKCB2018", "KQNhanLichSuKCB2019"])
async def test_the_old_functions_have_ended(portal: PortalDesk, name: str) -> None:
    reply = await portal.client.post(f"/api/egw/{name}", params=await portal.query(), json=CARD)
    assert reply.status_code == 404
    assert reply.json()["nearest"] == f"POST {LOOKUP}"


async def test_faults_and_the_journal_know_the_portal(portal: PortalDesk) -> None:
    arm = {"service": "portal", "kind": "status", "value": 100, "path": "2024", "times": 1}
    assert (await portal.desk.control_client.post("/faults", json=arm)).status_code == 200
    assert await portal.look_up() == {"maKetQua": "100"}
    assert (await portal.look_up())["maKetQua"] == "000"
    entries = [entry for entry in portal.world.requests.as_json() if entry["service"] == "portal"]
    lookups = [(entry["status"], entry["fault"]) for entry in entries if entry["path"] == LOOKUP]
    assert lookups[-2:] == [(100, "status"), (0, "")]


async def test_the_control_api_lists_its_endpoints(portal: PortalDesk) -> None:
    listed = (await portal.desk.control_client.get("/endpoints")).json()
    assert listed["portal"] == [list(endpoint) for endpoint in ENDPOINTS]


async def test_people_lists_the_portals_cards(portal: PortalDesk) -> None:
    listed = (await portal.desk.control_client.get("/people")).json()["portal"]
    assert [card["number"] for card in listed] == [card.number for card in portal.books.cards]


@pytest.mark.parametrize(
    "change",
    [
        {"portal_tokens": "old"},
        {"portal_tokens": True},
        {"portal_addresses": 1},
        {"portal_person": "nobody"},
    ],
)
async def test_a_setting_that_makes_no_sense_is_refused(portal: PortalDesk, change: dict[str, Any]) -> None:
    reply = await portal.desk.control_client.put("/settings", json=change)
    assert reply.status_code == 400


async def test_a_reset_forgets_tokens(portal: PortalDesk) -> None:
    query = await portal.query()
    portal.world.reset()
    assert (await portal.look_up(query))["maKetQua"] == "401"


# --- lookups ------------------------------------------------------------------------------------------------


def test_every_code_of_the_table_can_be_reached() -> None:
    family = load_lookups()
    assert family is not None
    assert set(MEANINGS) == set(family.results)


@pytest.mark.parametrize("code", sorted(REQUESTS))
async def test_codes_that_depend_on_the_request(portal: PortalDesk, code: str) -> None:
    reply = await portal.look_up(**REQUESTS[code])
    assert (reply["maKetQua"], reply["ghiChu"]) == (code, MEANINGS[code])
    assert reply["hoTen"] is reply["maThe"] is reply["dsLichSuKCB2018"] is None


async def test_codes_that_depend_on_the_card(portal: PortalDesk) -> None:
    reported = set()
    for card in portal.books.cards:
        reply = await portal.look_up(maThe=card.number, hoTen=card.name, ngaySinh=card.born)
        assert reply["maKetQua"] == card.result
        reported.add(card.result)
    assert reported | set(REQUESTS) | {"401"} == set(MEANINGS)


@pytest.mark.parametrize("name", ["maThe", "hoTen", "ngaySinh", "hoTenCb", "cccdCb"])
@pytest.mark.parametrize("value", [None, "", " ", 1])
async def test_every_field_is_needed(portal: PortalDesk, name: str, value: Any) -> None:
    assert (await portal.look_up(**{name: value}))["maKetQua"] == "205"


async def test_a_form_is_not_taken(portal: PortalDesk) -> None:
    reply = await portal.client.post(LOOKUP, params=await portal.query(), data={**CARD, **ONE})
    assert reply.json()["maKetQua"] == "205"


@pytest.mark.parametrize(
    "change",
    [
        {"ngaySinh": "05031994"},
        {"ngaySinh": "1994"},
        {"hoTen": "TRẦN  THỬ NGHIỆM"},
        {"maThe": "0000000000"},
        TWO,
    ],
    ids=str,
)
async def test_other_ways_to_ask_for_the_same_card(portal: PortalDesk, change: dict[str, str]) -> None:
    assert (await portal.look_up(**change))["maKetQua"] == "000"


async def test_earlier_lookups_are_told_newest_first(portal: PortalDesk) -> None:
    assert (await portal.look_up())["dsLichSuKT2018"] is None
    await portal.look_up(hoTen="Lê Văn Khác")
    checks = (await portal.look_up())["dsLichSuKT2018"]
    assert [check["maLoi"] for check in checks] == ["060", "000"]
    assert checks[0]["userKT"] == portal.account.username
    assert checks[0]["thoiGianKT"] == "202603100900"


async def test_the_portal_can_be_told_to_mix_cards_up(portal: PortalDesk) -> None:
    portal.world.change_switches({"portal_person": "other"})
    reply = await portal.look_up()
    assert (reply["maKetQua"], reply["maThe"]) == ("001", "DN4010000000001")


# --- visits -------------------------------------------------------------------------------------------------


async def test_the_lookup_itself_tells_no_visits_any_more(portal: PortalDesk) -> None:
    for card in portal.books.cards:
        reply = await portal.look_up(maThe=card.number, hoTen=card.name, ngaySinh=card.born)
        assert reply["dsLichSuKCB2018"] is None


async def ask_visits(portal: PortalDesk, query: dict[str, str] | None = None, **changes: Any) -> Any:
    form = {name: value for name, value in {**CARD, **ONE, **changes}.items() if value is not None}
    query = query or await portal.query()
    return (await portal.client.post(VISITS, params=query, data=form)).json()


async def test_the_visits_are_null_an_empty_list_or_a_list(portal: PortalDesk) -> None:
    found: dict[str, Any] = {}
    for card in portal.books.cards:
        reply = await ask_visits(portal, maThe=card.number, hoTen=card.name, ngaySinh=card.born)
        assert reply["maKetQua"] == (card.result if card.result in ("100", "101", "130") else "000")
        found[card.result] = reply["dsLichSuKCB2025"]
    assert [len(found[code]) for code in ("000", "004", "010")] == [2, 1, 0]
    assert found["001"] is None
    names = "maHoSo maCSKCB ngayVao ngayRa tenBenh tinhTrang kqDieuTri lyDoVV"
    assert list(found["000"][0]) == names.split()


@pytest.mark.parametrize("code", sorted(REQUESTS))
async def test_the_visits_have_the_refusals_that_depend_on_the_request(portal: PortalDesk, code: str) -> None:
    reply = await ask_visits(portal, **REQUESTS[code])
    assert reply == {"maKetQua": code, "ghiChu": MEANINGS[code], "dsLichSuKCB2025": None}


@pytest.mark.parametrize(
    ("born", "code"),
    [("05031994", "205"), ("19940305", "205"), ("1994", "000"), ("03/1994", "000"), ("04/1994", "070")],
)
async def test_the_visits_want_slashes_in_a_birth_date(portal: PortalDesk, born: str, code: str) -> None:
    assert (await ask_visits(portal, ngaySinh=born))["maKetQua"] == code


async def test_the_visits_take_no_json(portal: PortalDesk) -> None:
    reply = await portal.client.post(VISITS, params=await portal.query(), json={**CARD, **ONE})
    assert reply.json()["maKetQua"] == "205"


@pytest.mark.parametrize("name", ["token", "id_token", "username", "password"])
async def test_the_visits_need_all_four(portal: PortalDesk, name: str) -> None:
    assert (await ask_visits(portal, await portal.query(**{name: "x"})))["maKetQua"] == "401"


# --- files of records ---------------------------------------------------------------------------------------

FILE = "<GIAMDINHHS>hồ sơ thử nghiệm</GIAMDINHHS>".encode()
PLACE = {"loaiHoSo": "3", "maTinh": "01", "maCSKCB": "00001"}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (list(FILE), "200"),
        ({"fileHS": list(FILE)}, "200"),
        ({"fileHS": base64.b64encode(FILE).decode()}, "200"),
        (list(b"PK"), "123"),
        ({"fileHS": "?"}, "205"),
        ({"fileHS": [256]}, "205"),
        ({"fileHS": None}, "205"),
        ({}, "205"),
    ],
    ids=lambda value: str(value)[:20],
)
async def test_a_file_is_taken_as_bytes_or_in_base64(portal: PortalDesk, body: Any, code: str) -> None:
    reply = (await portal.client.post(SENDING, params={**await portal.query(), **PLACE}, json=body)).json()
    assert reply["maKetQua"] == code
    number = f"00001_TN_{hashlib.md5(FILE).hexdigest()}"
    assert reply["maGiaoDich"] == (number if code == "200" else None)


async def test_a_file_needs_its_place_and_a_token(portal: PortalDesk) -> None:
    query = await portal.query()
    for params, code in ((query, "205"), ({**query, **PLACE, "token": "x"}, "401")):
        reply = await portal.client.post(SENDING, params=params, json=list(FILE))
        assert reply.json()["maKetQua"] == code


def test_nobody_of_the_portal_can_be_taken_for_real() -> None:
    books = PortalBooks(Clock())
    assert all("Thử Nghiệm" in card.name for card in books.cards)
    assert all(card.insurance_number.startswith("0000000") for card in books.cards)
    officers = {(number, name) for account in books.accounts for number, name in account.officers.items()}
    assert all(number.startswith("00000000000") and "Thử Nghiệm" in name for number, name in officers)
