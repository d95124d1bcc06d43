"""Physical cards at the console: sessions, swaps, PINs, practitioners' cards and mobile certificates."""

from __future__ import annotations

import base64

import pytest

TEN = "000073898381"
CHILD = "000099990001"
WITH_PIN = "000099990010"
DOCTOR = "000000329470"
PHARMACIST = "000000329488"
HC_PIN = "/api/hc/v1/Pin"
BASIC = "/api/hc/v1/Basic"
VERIFY_HPC = "/api/hpc/v1/Verification/Hpc"


async def test_basic_of_the_slides_card(desk):
    await desk.open()
    assert await desk.console("GET", BASIC) == {
        "statusCode": 0,
        "cardId": TEN,
        "name": "測試十",
        "idNo": "Z299999929",
        "birthday": "0920315",
        "sex": "F",
        "dateIssue": "1050217",
        "identityStatus": "3",
    }


async def test_a_swapped_card_ends_the_old_session_at_once(desk):
    await desk.open()
    await desk.console("GET", BASIC)
    desk.world.insert("hc", CHILD)
    assert (await desk.status())["hc"]["status"] == 1
    assert (await desk.sign("hc", "01"))["hcId"] == CHILD
    desk.world.remove("hc")
    assert await desk.code("GET", BASIC) == 1102
    assert (await desk.status())["hc"]["status"] == 0


async def test_a_sticky_console_keeps_the_old_session_until_logout(desk):
    desk.world.change_switches({"sticky_card": True})
    await desk.open()
    await desk.console("GET", BASIC)
    desk.world.insert("hc", CHILD)
    assert (await desk.console("GET", BASIC))["cardId"] == TEN
    desk.world.remove("hc")
    assert (await desk.console("GET", BASIC))["cardId"] == TEN
    desk.world.insert("hc", CHILD)
    await desk.code("DELETE", "/api/hc/v1/Logout")
    assert (await desk.console("GET", BASIC))["cardId"] == CHILD


async def test_after_logout_the_next_call_powers_the_card_again(desk):
    await desk.open()
    await desk.console("GET", BASIC)
    assert await desk.code("DELETE", "/api/hc/v1/Logout") == 0
    assert (await desk.status())["hc"] == {
        "status": 0,
        "type": 0,
        "expireTime": "",
        "hasPin": None,
        "verifiedPin": None,
    }
    assert await desk.code("GET", BASIC) == 0
    assert (await desk.status())["hc"]["status"] == 2


async def test_real_card_update_logs_out(desk):
    await desk.open()
    assert await desk.code("POST", "/api/hc/v1/RealHc/Update", {}) == 0
    assert (await desk.status())["hc"]["status"] == 0


async def test_a_card_without_pin(desk):
    await desk.open()
    assert (await desk.console("GET", HC_PIN))["hasPin"] is False
    assert await desk.code("POST", HC_PIN, {"pin": "123456"}) == 1510
    assert await desk.code("DELETE", HC_PIN) == 1510
    assert await desk.code("PUT", HC_PIN, {"newPin": "1234"}) == 0
    assert (await desk.console("GET", HC_PIN))["hasPin"] is True


async def test_the_life_of_a_health_card_pin(desk):
    desk.world.insert("hc", WITH_PIN)
    await desk.open()
    await desk.console("GET", BASIC)
    hc = (await desk.status())["hc"]
    assert (hc["hasPin"], hc["verifiedPin"]) == (True, False)
    assert await desk.code("PUT", HC_PIN, {"newPin": "1111"}) == 1511
    assert await desk.code("DELETE", HC_PIN) == 1511
    assert await desk.code("POST", HC_PIN, {"pin": "000000"}) == 1514
    assert await desk.code("POST", HC_PIN, {"pin": "246810"}) == 0
    assert (await desk.status())["hc"]["verifiedPin"] is True
    assert await desk.code("POST", HC_PIN, {"pin": "246810"}) == 1513
    assert await desk.code("PUT", HC_PIN, {"newPin": "13579"}) == 0
    await desk.code("DELETE", "/api/hc/v1/Logout")
    assert await desk.code("POST", HC_PIN, {"pin": "246810"}) == 1514
    assert await desk.code("POST", HC_PIN, {"pin": "13579"}) == 0
    assert await desk.code("DELETE", HC_PIN) == 0
    assert (await desk.console("GET", HC_PIN))["hasPin"] is False


async def test_a_verified_pin_dies_with_the_session(desk):
    desk.world.insert("hc", WITH_PIN)
    await desk.open()
    await desk.code("POST", HC_PIN, {"pin": "246810"})
    desk.world.remove("hc")
    desk.world.insert("hc", WITH_PIN)
    assert await desk.code("DELETE", HC_PIN) == 1511


async def test_three_wrong_pins_lock_a_health_card(desk):
    desk.world.insert("hc", WITH_PIN)
    await desk.open()
    codes = [await desk.code("POST", HC_PIN, {"pin": "000000"}) for _ in range(3)]
    assert codes == [1514] * 3
    assert desk.world.cards[WITH_PIN].locked
    assert await desk.code("POST", HC_PIN, {"pin": "246810"}) == 1514


@pytest.mark.parametrize("pin", ["123", "1234567", "12345a", 123456])
async def test_malformed_health_card_pins(desk, pin):
    await desk.open()
    assert await desk.code("POST", HC_PIN, {"pin": pin}) == 1704


async def test_doctor_basic(desk):
    await desk.open_with_doctor()
    assert await desk.console("GET", "/api/hpc/v1/Basic") == {
        "statusCode": 0,
        "cardId": DOCTOR,
        "idNo": "C123456789",
        "cName": "測試醫師",
        "eName": "",
        "birthday": "1979-01-01",
    }


async def test_three_card_signature_needs_the_doctors_pin(desk):
    await desk.open()
    path = "/api/hc/v1/Signature/HpcHc"
    assert await desk.code("POST", path, {"serviceType": "01"}) == 1402
    await desk.code("POST", VERIFY_HPC, {"pin": "123456"})
    signed = await desk.sign("hpchc", "01")
    assert (signed["hcId"], signed["hcIdNo"]) == (TEN, "Z299999929")
    assert (signed["hpcId"], signed["hpcIdNo"]) == (DOCTOR, "C123456789")
    assert len(base64.b64decode(signed["signature"])) == 256
    desk.world.remove("hpc")
    assert await desk.code("POST", path, {"serviceType": "01"}) == 1102


async def test_another_practitioners_card_must_be_verified_anew(desk):
    await desk.open_with_doctor()
    desk.world.insert("hpc", PHARMACIST)
    assert await desk.code("GET", "/api/hpc/v1/Basic") == 1402
    assert (await desk.status())["hpc"]["type"] == 2


async def test_three_wrong_pins_lock_a_practitioners_card_and_the_puk_opens_it(desk):
    await desk.open()
    assert [await desk.code("POST", VERIFY_HPC, {"pin": "999999"}) for _ in range(3)] == [1410] * 3
    assert await desk.code("POST", VERIFY_HPC, {"pin": "123456"}) == 1410
    unlock = {"puk": "00000000", "newPin": "2468"}
    assert await desk.code("PUT", "/api/hpc/v1/Pin", unlock) == 1410
    assert await desk.code("PUT", "/api/hpc/v1/Pin", {**unlock, "puk": "12345678"}) == 0
    assert await desk.code("POST", VERIFY_HPC, {"pin": "2468"}) == 0


async def test_two_wrong_pins_are_forgiven_by_a_right_one(desk):
    await desk.open()
    for _ in range(2):
        for _ in range(2):
            assert await desk.code("POST", VERIFY_HPC, {"pin": "999999"}) == 1410
        assert await desk.code("POST", VERIFY_HPC, {"pin": "123456"}) == 0


async def test_a_wrong_pin_takes_an_earlier_verification_away(desk):
    await desk.open_with_doctor()
    await desk.code("POST", VERIFY_HPC, {"pin": "999999"})
    assert await desk.code("GET", "/api/hpc/v1/Basic") == 1402
    assert (await desk.status())["hpc"]["status"] == 2


async def test_new_practitioner_pin(desk):
    await desk.open_with_doctor()
    assert await desk.code("POST", "/api/hpc/v1/Pin", {"newPin": "87654321"}) == 0
    await desk.code("DELETE", "/api/hpc/v1/Logout")
    assert (await desk.status())["hpc"]["status"] == 0
    assert await desk.code("POST", VERIFY_HPC, {"pin": "123456"}) == 1410
    assert await desk.code("POST", VERIFY_HPC, {"pin": "87654321"}) == 0


def _mobile(desk, **changes):
    world = desk.world
    body = world.mobile_authority.login(world.practitioners[DOCTOR], "3501200000", world.clock.now())
    return {**body, **changes}


@pytest.mark.parametrize("spelling", ["MobiliHca", "MobileHca"])
async def test_mobile_login(desk, spelling):
    desk.world.remove("hpc")
    await desk.open()
    path = f"/api/hpc/v1/Verification/{spelling}"
    assert await desk.code("POST", path, _mobile(desk)) == 0
    status = (await desk.status())["hpc"]
    assert (status["status"], status["type"]) == (3, 3)
    assert (await desk.sign("hpchc", "01"))["hpcId"] == DOCTOR
    assert await desk.code("POST", "/api/hpc/v1/Pin", {"newPin": "1234"}) == 1403
    assert await desk.code("POST", path, _mobile(desk)) == 1403
    assert await desk.code("DELETE", "/api/hpc/v1/Logout") == 0


async def test_mobile_login_refused(desk):
    await desk.open()
    path = "/api/hpc/v1/Verification/MobiliHca"
    body = _mobile(desk)
    assert await desk.code("POST", path, {**body, "hospitalId": "7777777777"}) == 1431
    assert await desk.code("POST", path, {**body, "idNo": "F223456786"}) == 1430
    assert await desk.code("POST", path, {**body, "loginDateTime": "2026-03-10T02:00:01Z"}) == 1430
    assert await desk.code("POST", path, {**body, "signatureCertificate": "QUJD"}) == 1704
    assert await desk.code("POST", path, {name: body[name] for name in body if name != "eName"}) == 1704
    stranger = type(desk.world.mobile_authority)()
    other = stranger.login(desk.world.practitioners[DOCTOR], "3501200000", desk.world.clock.now())
    assert await desk.code("POST", path, other) == 1423
    desk.world.clock.shift(3601)
    assert await desk.code("POST", path, body) == 1421
    await desk.later(400 * 86400)
    assert await desk.code("POST", path, body) == 1422
