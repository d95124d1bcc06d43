"""Test cards of the simulated test environment."""

from __future__ import annotations

import pytest

from bridge.sim.cards import Sam

PATH = "/test/v1/ApplyVirtualHc/Apply"
FIELDS = {"sex": "F", "birthday": "0800101", "isForeigner": False}


async def _apply(desk, **changes):
    body = {**await desk.sign("sam", "06"), **FIELDS, **changes}
    return await desk.cloud_client.post(PATH, json=body)


TEST_SAM = Sam("901000000047", "7777777777", "測試機構", "測試機構", "COM5")


async def test_a_new_card_can_be_used_at_once(desk):
    desk.world.settings.sams = [TEST_SAM]
    await desk.open()
    made = (await _apply(desk)).json()
    assert made == {"statusCode": 0, "cardSn": "900000000001", "idCardNum": "Z299998002"}
    token = desk.world.qr(made["cardSn"])
    assert await desk.code("POST", "/api/hc/v1/Verification/VirtualHc", {"token": token}) == 0
    assert (await desk.visit())["sequenceNumber"] == "W001"


async def test_a_foreigner_and_ten_cards(desk):
    await desk.open()
    made = [(await _apply(desk, sex="M", isForeigner=True)).json() for _ in range(11)]
    assert [each["statusCode"] for each in made] == [0] * 10 + [3235]
    assert all(each["idCardNum"].startswith("Z899998") for each in made[:10])
    assert len({each["idCardNum"] for each in made[:10]}) == 10
    desk.world.reset()
    assert "900000000001" not in desk.world.cards


@pytest.mark.parametrize(
    ("field", "value"), [("sex", "X"), ("birthday", "0801301"), ("isForeigner", "false")]
)
async def test_malformed_applications(desk, field, value):
    await desk.open()
    reply = await _apply(desk, **{field: value})
    assert (reply.status_code, reply.json()["field"]) == (400, field)
