"""Lookups carried out: tokens, renewal, every kind of fault, and what the log says and does not say."""

from __future__ import annotations

import asyncio
import logging
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest

from bridge.bhyt.slice import open_slice
from bridge.config import Settings
from bridge.errors import BadArgument
from bridge.records.call_log import CallLog
from bridge.records.journal import Journal
from tests.unit.bhyt.lookup_bench import (
    CARD,
    FAMILY,
    FOUND,
    HERE,
    LOOKUPS,
    MD5,
    OFFICER,
    SETTINGS,
    pin_policy,
)

OLD = LOOKUPS["NhanLichSuKCB2018"]
OWN = {"username": "00001_TN", "password": MD5}
REFUSED = {"maKetQua": "401", "ghiChu": "Lỗi xác thực tài khoản!"}
CARD_CODES = {code for code, result in FAMILY.results.items() if result.about == "card"}


async def test_the_bridge_takes_a_token_of_its_own_where_the_client_brings_none() -> None:
    async with pin_policy() as (desk, portal):
        assert await desk.look_up(OLD, CARD, HERE) == FOUND
        assert await desk.look_up(OLD, CARD, HERE) == FOUND
        assert [query["token"] for query in portal.queries()] == ["a1", "a1"]
        assert portal.taken == [OWN]


async def test_the_clients_own_token_is_used_first() -> None:
    async with pin_policy() as (desk, portal):
        await desk.look_up(OLD, {**CARD, **OWN, "token": "t", "id_token": "u"}, HERE)
        assert [(query["token"], query["id_token"]) for query in portal.queries()] == [("t", "u")]
        assert portal.taken == []


async def test_a_refused_token_is_renewed_once_and_the_lookup_repeated() -> None:
    async with pin_policy() as (desk, portal):
        portal.replies = [REFUSED, FOUND]
        assert await desk.look_up(OLD, {**CARD, **OWN, "token": "t", "id_token": "u"}, HERE) == FOUND
        assert [query["token"] for query in portal.queries()] == ["t", "a1"]
        assert portal.bodies()[0] == portal.bodies()[1]


async def test_a_second_refusal_reaches_the_client() -> None:
    async with pin_policy() as (desk, portal):
        portal.replies = [REFUSED]
        assert await desk.look_up(OLD, CARD, HERE) == REFUSED
        assert [query["token"] for query in portal.queries()] == ["a1", "a2"]


async def test_a_token_at_hand_that_is_over_as_well_is_followed_by_a_new_one() -> None:
    async with pin_policy() as (desk, portal):
        await desk.look_up(OLD, {**CARD, **OWN}, HERE)
        portal.replies = [REFUSED, REFUSED, FOUND]
        assert await desk.look_up(OLD, {**CARD, **OWN, "token": "t", "id_token": "u"}, HERE) == FOUND
        assert [query["token"] for query in portal.queries()] == ["a1", "t", "a1", "a2"]


async def test_http_401_renews_as_well() -> None:
    async with pin_policy() as (desk, portal):
        portal.replies = [httpx.Response(401), FOUND]
        assert await desk.look_up(OLD, CARD, HERE) == FOUND


async def test_an_account_that_the_portal_refuses_is_told_so() -> None:
    async with pin_policy() as (desk, portal):
        portal.token_reply = {"maKetQua": "401", "APIKey": None}
        reply = await desk.look_up(OLD, CARD, HERE)
        assert (reply["maKetQua"], reply["ghiChu"]) == ("401", "Lỗi xác thực tài khoản")
        assert portal.lookups == []


@pytest.mark.parametrize("code", [*sorted(CARD_CODES), "999"])
async def test_no_answer_to_a_token_becomes_a_word_about_a_card(code: str) -> None:
    async with pin_policy() as (desk, portal):
        portal.token_reply = {"maKetQua": code}
        assert (await desk.look_up(OLD, CARD, HERE))["maKetQua"] == "101"


OFFICER_CODES = ("054", "055")


@pytest.mark.parametrize("code", [code for code in (*FAMILY.results, "999") if code not in OFFICER_CODES])
async def test_every_result_code_reaches_the_client_as_it_is(code: str) -> None:
    async with pin_policy() as (desk, portal):
        portal.replies = [{"maKetQua": code, "ghiChu": "như Cổng trả lời"}]
        assert await desk.look_up(OLD, CARD, HERE) == {"maKetQua": code, "ghiChu": "như Cổng trả lời"}


@pytest.mark.parametrize(("code", "own"), [("000", "00"), ("050", "05"), ("205", "11"), ("101", "101")])
async def test_the_oldest_lookup_answers_in_its_own_codes(code: str, own: str) -> None:
    async with pin_policy() as (desk, portal):
        portal.replies = [{"maKetQua": code}]
        assert (await desk.look_up(LOOKUPS["nhanLichSuKCB"], CARD, HERE))["maKetQua"] == own


async def test_a_request_that_could_not_be_read_has_the_oldest_lookups_code_as_well() -> None:
    async with pin_policy() as (desk, _):
        for name, code in (("nhanLichSuKCB", "11"), ("KQNhanLichSuKCB595", "205")):
            reply = desk.refuse(LOOKUPS[name], BadArgument("no JSON"))
            assert (reply["maKetQua"], reply["dsLichSuKCB"]) == (code, None)


async def test_the_oldest_lookup_is_counted_under_the_portals_code() -> None:
    async with pin_policy() as (desk, portal):
        portal.replies = [{"maKetQua": "050"}]
        await desk.look_up(LOOKUPS["nhanLichSuKCB"], CARD, HERE)
        assert ("bhyt", "nhanLichSuKCB", 50) in desk.calls.totals()


FAULTS: dict[str, tuple[Any, str]] = {
    "unreachable": (httpx.ConnectError("x"), "101"),
    "late": (httpx.ReadTimeout("x"), "101"),
    "broken off": (httpx.RemoteProtocolError("x"), "101"),
    "not registered": (httpx.Response(403), "101"),
    "ended": (httpx.Response(404), "101"),
    "ill": (httpx.Response(503), "101"),
    "no JSON": (httpx.Response(200, content=b"<html>"), "101"),
    "no code": (httpx.Response(200, json={"statusCode": 0}), "101"),
    "another card": ({"maKetQua": "000", "maThe": "DN4010000000009", "hoTen": "Người Khác"}, "101"),
    "a fault of ours": (RuntimeError("x"), "101"),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_is_never_a_word_about_a_card(fault: str) -> None:
    reply, code = FAULTS[fault]
    async with pin_policy() as (desk, portal):
        portal.replies = [reply]
        told = await desk.look_up(OLD, CARD, HERE)
    assert told["maKetQua"] == code
    assert code not in CARD_CODES
    assert set(told) == {"maKetQua", "ghiChu", "dsLichSuKCB2018", "dsLichSuKT2018"}
    assert told["ghiChu"].endswith("(cshis-bridge)")
    assert told["dsLichSuKCB2018"] is told["dsLichSuKT2018"] is None


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({**CARD, "ngaysinh": "hôm qua"}, "205"),
        ({}, "205"),
        ({**CARD, "username": "00009_TN"}, "401"),
        ({**CARD, "username": "00009_TN", "password": MD5}, "054"),
    ],
)
async def test_what_cannot_be_asked_is_told_without_asking(given: dict[str, Any], code: str) -> None:
    async with pin_policy() as (desk, portal):
        assert (await desk.look_up(OLD, given, HERE))["maKetQua"] == code
        assert portal.lookups == portal.taken == []


async def test_a_lookup_ends_in_time() -> None:
    async with pin_policy(deadline=0.05) as (desk, portal):
        portal.delay = 5.0
        assert (await desk.look_up(OLD, CARD, HERE))["maKetQua"] == "101"


# --- tokens for clients -------------------------------------------------------------------------------------


async def test_a_token_is_given_as_the_portal_gives_it_and_kept() -> None:
    async with pin_policy() as (desk, portal):
        reply = await desk.take_token(OWN)
        assert reply == {"maKetQua": "200", "APIKey": {"access_token": "a1", "id_token": "i1"}}
        await desk.look_up(OLD, CARD, HERE)
        assert portal.taken == [OWN]


@pytest.mark.parametrize(
    "given",
    [{}, {"username": "00001_TN"}, {"username": "00001_TN", "password": ""}, {"password": MD5}],
    ids=str,
)
async def test_the_account_of_the_settings_is_not_lent(given: dict[str, Any]) -> None:
    async with pin_policy() as (desk, portal):
        reply = await desk.take_token(given)
        assert reply["maKetQua"] == "401"
        assert set(reply) == {"maKetQua", "ghiChu"}
        assert portal.taken == []


# --- the log ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("code", "part"), [("054", "cccdCb"), ("055", "hoTenCb")])
async def test_an_officer_whom_the_portal_refuses_is_a_configuration_error(
    code: str, part: str, caplog: pytest.LogCaptureFixture
) -> None:
    other = {"hoTenCb": "Cán Bộ Hai", "cccdCb": "000000000002"}
    async with pin_policy(officers={"*": other, "00001_TN": OFFICER}) as (desk, portal):
        portal.replies = [{"maKetQua": code}]
        assert (await desk.look_up(OLD, CARD, HERE))["maKetQua"] == code
    (error,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert "configuration error" in error.getMessage()
    assert f"bhyt.officers, entry 2: correct its {part}" in error.getMessage()


async def test_the_programs_own_officer_is_the_programs_error(caplog: pytest.LogCaptureFixture) -> None:
    own = {"hotencb": "Cán Bộ Ba", "cccdcb": "000000000003"}
    async with pin_policy() as (desk, portal):
        portal.replies = [{"maKetQua": "054"}]
        reply = await desk.look_up(OLD, {**CARD, **own}, HERE)
        assert portal.bodies()[0]["cccdCb"] == own["cccdcb"]
    assert reply["ghiChu"] == "cccdCb: cán bộ do chương trình gửi (cshis-bridge)"
    (error,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert error.getMessage().startswith(
        "error of the program: the portal answered 054 to the officer whom the program sent: correct its"
    )


async def test_an_officer_who_does_not_count_is_told_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "bridge")
    async with pin_policy() as (desk, portal):
        await desk.look_up(OLD, {**CARD, "hotencb": "Cán Bộ Ba"}, HERE)
        assert portal.bodies()[0]["cccdCb"] == OFFICER["cccdCb"]
    assert "the program's officer does not count: it is not a name and 12 digits" in caplog.text


async def test_a_missing_officer_is_an_error_that_names_the_setting(caplog: pytest.LogCaptureFixture) -> None:
    async with pin_policy() as (desk, _):
        await desk.look_up(OLD, {**CARD, "username": "x", "password": MD5}, HERE)
    assert [r.levelno for r in caplog.records if "bhyt.officers" in r.getMessage()] == [logging.ERROR]


async def test_an_unlisted_result_is_noted(caplog: pytest.LogCaptureFixture) -> None:
    async with pin_policy() as (desk, portal):
        portal.replies = [{"maKetQua": "777"}]
        await desk.look_up(OLD, CARD, HERE)
    assert "the portal answered 777, which bhyt.yaml does not list" in caplog.text


@pytest.mark.parametrize("fault", [None, *FAULTS])
async def test_the_log_holds_nothing_about_anybody(
    fault: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "bridge")
    given = {**CARD, **OWN, "token": "bimatbimat", "id_token": "kinkinkin"}
    async with pin_policy() as (desk, portal):
        portal.replies = [{**FOUND, "hoTen": CARD["hoten"]} if fault is None else FAULTS[fault][0]]
        await desk.look_up(OLD, given, HERE)
        await desk.take_token(OWN)
        await desk.look_up(OLD, {**given, "ngaysinh": "31/02/1994"}, HERE)
    assert caplog.records
    secrets = (
        *given.values(),
        "05/03/1994",
        "31/02/1994",
        *OFFICER.values(),
        "DN4010000000009",
        "Người Khác",
    )
    assert [secret for secret in secrets if secret in caplog.text] == []


# --- open or not --------------------------------------------------------------------------------------------


async def test_the_slice_works_with_the_settings_and_the_tables_rows() -> None:
    configured = Settings.model_validate({"bhyt": SETTINGS})
    journal = Journal(None)
    async with open_slice(configured, FAMILY, CallLog(journal)) as portal:
        assert portal.lookups.family is FAMILY
        assert portal.routes.paths == FAMILY.paths
    journal.close()


# --- visits of 2025 -----------------------------------------------------------------------------------------

VISIT = {"maHoSo": "1", "maCSKCB": "01094", "ngayVao": "202501020304", "ngayRa": "202501020405"}
VISITS_TOLD = {"maKetQua": "000", "ghiChu": None, "dsLichSuKCB2025": [VISIT]}
NULL = {**FOUND, "dsLichSuKCB2018": None, "dsLichSuKT2018": None}


async def test_visits_that_are_null_are_asked_for_with_a_form() -> None:
    async with pin_policy() as (desk, portal):
        portal.replies, portal.visit_replies = [NULL], [VISITS_TOLD]
        reply = await desk.look_up(OLD, CARD, HERE)
        assert list(reply.items()) == list({**NULL, "dsLichSuKCB2018": [VISIT]}.items())
        (asked,) = portal.visits
        assert dict(asked.url.params) == {"token": "a1", "id_token": "i1", **OWN}
        assert asked.headers["content-type"] == "application/x-www-form-urlencoded"
        assert dict(parse_qsl(asked.content.decode())) == {
            "maThe": "DN4010000000000",
            "hoTen": "Trần Thử Nghiệm",
            "ngaySinh": "05/03/1994",
            **OFFICER,
        }
        assert desk.calls.totals()["bhyt-fill", "Lskcb2025", 0].count == 1


async def test_the_visits_are_asked_for_with_the_token_that_was_renewed() -> None:
    async with pin_policy() as (desk, portal):
        portal.replies, portal.visit_replies = [REFUSED, NULL], [VISITS_TOLD]
        await desk.look_up(OLD, {**CARD, **OWN, "token": "t", "id_token": "u"}, HERE)
        assert [request.url.params["token"] for request in portal.visits] == ["a1"]


async def test_a_token_that_the_visits_refuse_is_renewed_once() -> None:
    async with pin_policy() as (desk, portal):
        portal.replies, portal.visit_replies = [NULL], [REFUSED, VISITS_TOLD]
        assert (await desk.look_up(OLD, CARD, HERE))["dsLichSuKCB2018"] == [VISIT]
        assert [request.url.params["token"] for request in portal.visits] == ["a1", "a2"]


VISIT_FAULTS: dict[str, tuple[Any, int]] = {
    **{name: (reply, int(code)) for name, (reply, code) in FAULTS.items()},
    "a result of another kind": ({"maKetQua": "205"}, 205),
    "an officer refused": ({"maKetQua": "054"}, 54),
    "a refusal": (REFUSED, 401),
    "no list": ({**VISITS_TOLD, "dsLichSuKCB2025": "x"}, 101),
}


@pytest.mark.parametrize("fault", VISIT_FAULTS)
async def test_a_failure_of_the_visits_leaves_the_answer_about_the_card(
    fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    reply, code = VISIT_FAULTS[fault]
    async with pin_policy() as (desk, portal):
        portal.replies, portal.visit_replies = [NULL], [reply]
        assert await desk.look_up(OLD, CARD, HERE) == NULL
        assert desk.calls.totals()["bhyt-fill", "Lskcb2025", code].count == 1
        assert desk.calls.totals()["bhyt", OLD.name, 0].count == 1
    assert "stay" in caplog.text
    assert CARD["mathe"] not in caplog.text


async def never() -> None:
    await asyncio.sleep(30)


async def test_slow_visits_are_not_waited_for() -> None:
    async with pin_policy(visits_timeout=0.05) as (desk, portal):
        portal.replies, portal.visit_replies = [NULL], [never]
        assert await desk.look_up(OLD, CARD, HERE) == NULL
        assert desk.calls.totals()["bhyt-fill", "Lskcb2025", 101].count == 1


async def test_a_bridge_that_stops_still_tells_about_the_card() -> None:
    asked = asyncio.Event()

    async def hang() -> None:
        asked.set()
        await never()

    async with pin_policy() as (desk, portal):
        portal.replies, portal.visit_replies = [NULL], [hang]
        lookup = asyncio.create_task(desk.look_up(OLD, CARD, HERE))
        await asked.wait()
        desk.cut_short()
        assert await lookup == NULL


async def test_a_lookup_of_the_visits_alone_is_answered_as_the_portal_does() -> None:
    async with pin_policy() as (desk, portal):
        portal.visit_replies = [VISITS_TOLD]
        assert await desk.look_up(LOOKUPS["Lskcb2025"], CARD, HERE) == VISITS_TOLD
        assert portal.lookups == []
