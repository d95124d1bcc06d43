"""A reader of the insurance (健保讀卡機): a physical SAM and keys. What tests and real cards have in common:
nothing. And sessions that end by time.
"""

from __future__ import annotations

import pytest

from bridge.sim.cards import Sam
from bridge.sim.codes import Console
from tests.support.stage import DEMO, WITH_PIN
from tests.support.two_readers import two_readers

HOUR = 3600
PIN, HPC_PIN = "/api/hc/v1/Pin", "/api/hpc/v1/Verification/Hpc"
TEST_SAM = Sam("901000000047", "7777777777", "測試機構", "測試機構", "COM5")
TEST_CARD = "900000000711"


@pytest.fixture
async def at_com1(desk):
    """The desk with the session of a physical SAM."""
    desk.world.load(two_readers())
    assert await desk.code("POST", "/api/common/v1/Initial", {"name": "COM1"}) == 0
    assert await desk.code("POST", "/api/sam/v1/Verification") == 0
    return desk


async def test_what_the_status_says_of_it(at_com1):
    status = await at_com1.status()
    assert (status["name"], status["readerName"]) == ("COM1", "COM1")
    assert (status["sam"]["status"], status["sam"]["type"]) == (2, 2)


async def test_it_needs_no_other_reader(at_com1):
    at_com1.world.settings.default_reader = None
    assert await at_com1.code("GET", "/api/hc/v1/Basic") == 0


async def test_it_is_no_cloud_sam(at_com1):
    assert (await at_com1.console("GET", "/api/settings/v1/CloudSam"))["sams"] == []
    assert await at_com1.code("DELETE", "/api/settings/v1/CloudSam/001000000103") == 1611
    assert (await at_com1.console("GET", "/api/common/v1/Name"))["names"] == ["COM1", "COM2"]


async def test_the_console_does_not_verify_it_by_itself(desk):
    desk.world.load(two_readers())
    desk.world.change_switches({"auto_verify_sam": True})
    await desk.code("POST", "/api/common/v1/Initial")
    assert await desk.code("GET", "/api/hc/v1/Basic") == 1301


@pytest.mark.parametrize(("keypad", "code"), [("right", 0), ("wrong", 1514), ("cancel", 1203)])
async def test_a_health_cards_pin_is_typed_on_its_keys(at_com1, keypad, code):
    at_com1.world.insert("hc", WITH_PIN)
    at_com1.world.change_switches({"keypad": keypad})
    assert await at_com1.code("POST", PIN, {"pin": "246810"}) == 1704  # digits belong on the reader
    assert await at_com1.code("POST", PIN, {"pin": "000000"}) == code
    assert at_com1.world.cards[WITH_PIN].wrong_pins == (keypad == "wrong")


@pytest.mark.parametrize(("keypad", "code"), [("right", 0), ("wrong", 1410), ("cancel", 1203)])
async def test_so_is_a_practitioners(at_com1, keypad, code):
    at_com1.world.change_switches({"keypad": keypad})
    assert await at_com1.code("POST", HPC_PIN, {"pin": "000000"}) == code


async def test_a_new_pin_is_typed_there_as_well(at_com1):
    assert await at_com1.code("PUT", PIN, {"newPin": "000000"}) == 0
    assert at_com1.world.cards[DEMO].pin not in (None, "000000")
    at_com1.world.change_switches({"keypad": "cancel"})
    assert await at_com1.code("PUT", PIN, {"newPin": "000000"}) == 1203


# --- test cards ---------------------------------------------------------------------------------------------


def add_test_card(desk) -> None:
    card = desk.world.cards[DEMO]
    desk.world.cards[TEST_CARD] = type(card)(
        TEST_CARD, card.name, card.id_no, card.birthday, card.sex, card.issued
    )


async def test_a_test_card_and_a_real_sam_do_not_mix(desk):
    add_test_card(desk)
    await desk.open()
    desk.world.insert("hc", TEST_CARD)
    assert await desk.code("GET", "/api/hc/v1/Basic") == Console.CARDS_MIXED
    token = desk.world.qr(TEST_CARD)
    await desk.code("DELETE", "/api/hc/v1/Logout")
    assert await desk.code("POST", "/api/hc/v1/Verification/VirtualHc", {"token": token}) == 1003


async def test_a_real_card_and_a_test_sam_do_not_mix(desk):
    add_test_card(desk)
    desk.world.settings.sams = [TEST_SAM]
    await desk.open()
    assert await desk.code("GET", "/api/hc/v1/Basic") == 1003
    desk.world.insert("hc", TEST_CARD)
    assert await desk.code("GET", "/api/hc/v1/Basic") == 0


async def test_a_console_may_be_told_to_mix_them(desk):
    add_test_card(desk)
    desk.world.change_switches({"mixed_cards": True})
    await desk.open()
    desk.world.insert("hc", TEST_CARD)
    assert await desk.code("GET", "/api/hc/v1/Basic") == 0


# --- times of expiry ----------------------------------------------------------------------------------------


async def test_the_status_tells_when_sessions_end(desk):
    assert (await desk.status())["sam"]["expireTime"] == ""
    await desk.open_with_doctor()
    status = await desk.status()
    assert status["sam"]["expireTime"] == "2026-03-10T22:00:00+08:00"
    assert status["hpc"]["expireTime"] == "2026-03-10T18:00:00+08:00"
    assert status["hc"]["expireTime"] == ""


async def test_a_practitioners_pin_is_forgotten_before_the_sams_session_ends(desk):
    await desk.open_with_doctor()
    desk.world.clock.shift(8 * HOUR - 1)
    assert await desk.code("GET", "/api/hpc/v1/Basic") == 0
    desk.world.clock.shift(1)
    assert await desk.code("GET", "/api/hpc/v1/Basic") == 1402
    assert (await desk.status())["sam"]["status"] == 2


async def test_on_a_reader_of_the_insurance_it_is_not(at_com1):
    assert await at_com1.code("POST", HPC_PIN, {"pin": "000000"}) == 0
    assert (await at_com1.status())["hpc"]["expireTime"] == ""
    at_com1.world.clock.shift(9 * HOUR)
    assert await at_com1.code("GET", "/api/hpc/v1/Basic") == 0


async def test_who_steers_the_simulator_sees_it_end_too(desk):
    """Also where no request came since."""
    await desk.open_with_doctor()
    shown = desk.world.as_json()["console"]
    assert (shown["samVerified"], shown["hpc"]["status"]) == (True, 3)
    desk.world.clock.shift(12 * HOUR)
    shown = desk.world.as_json()["console"]
    assert (shown["samVerified"], shown["hpc"]["status"]) == (False, 1)


async def test_the_sams_session_ends_and_takes_the_cards_along(desk):
    await desk.open_with_doctor()
    await desk.console("GET", "/api/hc/v1/Basic")
    desk.world.clock.shift(12 * HOUR)
    status = await desk.status()
    assert [status[kind]["status"] for kind in ("sam", "hpc", "hc")] == [1, 1, 1]
    assert await desk.code("GET", "/api/hc/v1/Basic") == 1301
    assert await desk.code("POST", "/api/sam/v1/Verification") == 0
    assert await desk.code("GET", "/api/hc/v1/Basic") == 0
