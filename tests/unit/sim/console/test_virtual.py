"""Virtual health cards: QR codes, sessions beside a physical card, transfer between readers."""

from __future__ import annotations

import base64

import pytest

CHILD = "000099990001"
ELDER = "000099990004"
VERIFY = "/api/hc/v1/Verification/VirtualHc"
READ = "/api/hc/v1/VirtualHc/ReadBasic"
EXPORT = "/api/hc/v1/VirtualHc/Export"
IMPORT = "/api/hc/v1/VirtualHc/Import"
BASIC = "/api/hc/v1/Basic"


async def _start(desk, card=CHILD):
    assert await desk.code("POST", VERIFY, {"token": desk.world.qr(card)}) == 0


async def test_a_virtual_card_goes_before_the_slot(desk):
    await desk.open()
    await _start(desk)
    basic = await desk.console("GET", BASIC)
    assert (basic["cardId"], basic["dateIssue"]) == (CHILD, None)
    status = (await desk.status())["hc"]
    assert (status["status"], status["type"], status["hasPin"]) == (2, 2, None)
    assert status["expireTime"] == "2026-03-10T10:30:00+08:00"
    desk.world.remove("hc")
    assert (await desk.sign("hc", "01"))["hcId"] == CHILD
    await desk.code("DELETE", "/api/hc/v1/Logout")
    assert await desk.code("GET", BASIC) == 1102


async def test_a_card_in_use_must_be_logged_out_first(desk):
    await desk.open()
    await desk.console("GET", BASIC)
    token = desk.world.qr(CHILD)
    assert await desk.code("POST", VERIFY, {"token": token}) == 1527
    await desk.code("DELETE", "/api/hc/v1/Logout")
    assert await desk.code("POST", VERIFY, {"token": token}) == 0
    assert await desk.code("POST", VERIFY, {"token": token}) == 1527


async def test_read_basic_begins_no_session(desk):
    await desk.open()
    token = desk.world.qr(ELDER, uses=1)
    for _ in range(3):
        assert (await desk.console("POST", READ, {"token": token}))["name"] == "測長者"
    assert (await desk.status())["hc"]["status"] == 1
    assert await desk.code("POST", VERIFY, {"token": token}) == 0


@pytest.mark.parametrize("path", [VERIFY, READ])
async def test_bad_qr_codes(desk, path):
    await desk.open()
    good = desk.world.qr(CHILD)
    parts = good.split(".")
    other = desk.world.qr(ELDER).split(".")
    assert [base64.b64decode(part, validate=True) != b"" for part in parts] == [True] * 3
    assert await desk.code("POST", path, {"token": "one.two"}) == 1520
    assert await desk.code("POST", path, {"token": "a..b"}) == 1520
    assert await desk.code("POST", path, {"token": f"{parts[0]}.#.{parts[2]}"}) == 1522
    assert await desk.code("POST", path, {"token": f"{parts[0]}.{parts[1]}.{other[2]}"}) == 1523
    assert await desk.code("POST", path, {"token": f"QUJD.{parts[1]}.{parts[2]}"}) == 1523
    assert await desk.code("POST", path, {}) == 1704
    desk.world.clock.shift(600)
    assert await desk.code("POST", path, {"token": good}) == 1524


async def test_a_qr_code_is_good_for_so_many_verifications(desk):
    await desk.open()
    token = desk.world.qr(CHILD, uses=2)
    for expected in (0, 0, 1525):
        assert await desk.code("POST", VERIFY, {"token": token}) == expected
        await desk.code("DELETE", "/api/hc/v1/Logout")


async def test_an_expired_session_is_told_before_the_slot_is_read(desk):
    await desk.open()
    await _start(desk)
    desk.world.clock.shift(1800)
    assert (await desk.status())["hc"]["status"] == 0
    assert await desk.code("GET", BASIC) == 1521
    assert (await desk.console("GET", BASIC))["cardId"] == "000073898381"


async def test_pin_and_update_are_for_physical_cards(desk):
    await desk.open()
    await _start(desk, "000099990010")
    assert await desk.code("GET", "/api/hc/v1/Pin") == 1526
    assert await desk.code("POST", "/api/hc/v1/Pin", {"pin": "246810"}) == 1526
    assert await desk.code("PUT", "/api/hc/v1/Pin", {"newPin": "246810"}) == 1526
    assert await desk.code("DELETE", "/api/hc/v1/Pin") == 1526
    assert await desk.code("POST", "/api/hc/v1/RealHc/Update", {}) == 1515


async def test_transfer(desk):
    await desk.open()
    await _start(desk)
    token = (await desk.console("POST", EXPORT, {}))["transferToken"]
    assert len(token.split(".")) == 2
    desk.world.remove("hc")
    assert await desk.code("GET", BASIC) == 1102
    assert await desk.code("POST", IMPORT, {"transferToken": token}) == 0
    assert (await desk.console("GET", BASIC))["cardId"] == CHILD
    assert await desk.code("POST", IMPORT, {"transferToken": token}) == 1527
    await desk.code("DELETE", "/api/hc/v1/Logout")
    assert await desk.code("POST", IMPORT, {"transferToken": token}) == 1529


async def test_transfer_refused(desk):
    await desk.open()
    await desk.console("GET", BASIC)
    assert await desk.code("POST", EXPORT, {}) == 1527
    await desk.code("DELETE", "/api/hc/v1/Logout")
    assert await desk.code("POST", EXPORT, {}) == 1102
    for token, expected in (("QQ==", 1520), ("#.QQ==", 1522), ("QQ==.QQ==", 1528)):
        assert await desk.code("POST", IMPORT, {"transferToken": token}) == expected


async def test_transfer_expires(desk):
    await desk.open()
    await _start(desk)
    token = (await desk.console("POST", EXPORT, {}))["transferToken"]
    desk.world.clock.shift(600)
    assert await desk.code("POST", IMPORT, {"transferToken": token}) == 1531


async def test_transfer_stays_within_the_hospital(desk):
    await desk.open()
    await _start(desk)
    token = (await desk.console("POST", EXPORT, {}))["transferToken"]
    sam = {"samId": "901000000047", "hospitalId": "7777777777", "cloudSamContext": "QUJD"}
    await desk.code("POST", "/api/settings/v1/CloudSam", sam)
    await desk.code("POST", "/api/common/v1/Finalize")
    await desk.code("POST", "/api/common/v1/Initial", {"name": "901000000047"})
    await desk.code("POST", "/api/sam/v1/Verification")
    assert await desk.code("POST", IMPORT, {"transferToken": token}) == 1530


async def test_one_visit_per_qr_code(desk):
    await desk.open()
    await _start(desk)
    assert (await desk.visit())["statusCode"] == 0
    assert (await desk.visit())["statusCode"] == 3244
    desk.world.change_switches({"one_visit_per_qr": False})
    assert (await desk.visit())["statusCode"] == 0
