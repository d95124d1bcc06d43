"""The cloud checks every signature: each way to be wrong, and the fields that must be there at all."""

from __future__ import annotations

import pytest

from bridge.sim.cloud.app import ROUTES

QUERY = "BasicData/Query"


async def test_a_good_signature_is_good_once(desk):
    await desk.open()
    signed = await desk.sign("hc", "01")
    assert (await desk.cloud(QUERY, signed))["statusCode"] == 0
    assert await desk.cloud(QUERY, signed) == {"statusCode": 3245}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("signature", "QUJD"),
        ("clientRandom", "AAAAAAAAAAA="),
        ("samId", "001000000104"),
        ("hospitalId", "3501200001"),
        ("hcId", "000099990001"),
        ("hcIdNo", "Z199999016"),
    ],
)
async def test_an_altered_signature_part(desk, name, value):
    await desk.open()
    signed = await desk.sign("hc", "01")
    assert await desk.cloud(QUERY, {**signed, name: value}) == {"statusCode": 3100}
    assert (await desk.cloud(QUERY, signed))["statusCode"] == 0


async def test_the_signature_of_another_request(desk):
    await desk.open()
    first, second = await desk.sign("hc", "01"), await desk.sign("hc", "01")
    assert await desk.cloud(QUERY, {**first, "signature": second["signature"]}) == {"statusCode": 3100}


async def test_another_service_type(desk):
    await desk.open()
    assert await desk.ask(QUERY, "hc", "02") == {"statusCode": 3100}


async def test_another_kind(desk):
    await desk.open_with_doctor()
    assert await desk.ask(QUERY, "hpchc", "01") == {"statusCode": 3100}
    hc = await desk.sign("hc", "01")
    doctor = {"hpcId": "000000329470", "hpcIdNo": "C123456789"}
    assert await desk.cloud("Treatment/NeedHPC", {**hc, **doctor}, format="0") == {"statusCode": 3100}


async def test_older_than_one_hour(desk):
    await desk.open()
    young, old = await desk.sign("hc", "01"), await desk.sign("hc", "01")
    desk.world.clock.shift(3600)
    assert (await desk.cloud(QUERY, young))["statusCode"] == 0
    desk.world.clock.shift(1)
    assert await desk.cloud(QUERY, old) == {"statusCode": 3100}


async def test_a_refused_request_does_not_use_the_signature_up(desk):
    desk.world.insert("hc", "000099990008")
    await desk.open()
    signed = await desk.sign("hc", "03")
    numeric = {"treatmentItem": "01", "babyTreatment": "", "afterCheck": "1"}
    assert await desk.cloud("SequelNumber/Next", signed, **numeric) == {"statusCode": 3213}
    other = {**numeric, "treatmentItem": "AC"}
    assert (await desk.cloud("SequelNumber/Next", signed, **other))["statusCode"] == 0


async def test_a_reset_forgets_signatures(desk):
    await desk.open()
    signed = await desk.sign("hc", "01")
    desk.world.reset()
    assert await desk.cloud(QUERY, signed) == {"statusCode": 3100}


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.path)
async def test_every_path_wants_its_signature(desk, route):
    reply = await desk.cloud_client.post(route.path, json={})
    assert (reply.status_code, reply.json()["field"]) == (400, "signature")


@pytest.mark.parametrize("name", ["signature", "clientRandom", "samId", "hospitalId", "hcId", "hcIdNo"])
async def test_a_missing_signature_field_is_named(desk, name):
    await desk.open()
    signed = await desk.sign("hc", "01")
    del signed[name]
    reply = await desk.cloud_client.post("/api/v1/" + QUERY, json=signed)
    assert (reply.status_code, reply.json()) == (400, {"field": name, "error": f"{name}: is missing"})


@pytest.mark.parametrize(
    ("content", "media_type", "field"),
    [
        (b"", "application/json", "body"),
        (b"<x/>", "application/json", "body"),
        (b"[1]", "application/json", "body"),
        (b"{}", "text/plain", "Content-Type"),
    ],
)
async def test_bodies_that_are_no_json_object(desk, content, media_type, field):
    reply = await desk.cloud_client.post(
        "/api/v1/" + QUERY, content=content, headers={"content-type": media_type}
    )
    assert (reply.status_code, reply.json()["field"]) == (400, field)


async def test_a_pin_must_be_verified_for_the_records(desk):
    desk.world.insert("hc", "000099990010")
    await desk.open()
    assert (await desk.ask(QUERY, "hc", "01"))["statusCode"] == 0
    assert await desk.ask("BasicData/Register", "hc", "01") == {"statusCode": 3200}
    await desk.code("POST", "/api/hc/v1/Pin", {"pin": "246810"})
    assert (await desk.ask("BasicData/Register", "hc", "01"))["statusCode"] == 0


async def test_medical_records_are_for_doctors_and_pharmacists(desk):
    await desk.open()
    for card, expected in (("000000329470", 0), ("000000329488", 0), ("000000329496", 3243)):
        desk.world.insert("hpc", card)
        await desk.code("POST", "/api/hpc/v1/Verification/Hpc", {"pin": "123456"})
        assert (await desk.ask("Prescription/Query", "hpchc", "01"))["statusCode"] == expected


async def test_unknown_paths_name_the_nearest(desk):
    reply = await desk.cloud_client.post("/api/v1/SeqNumber/Next", json={})
    assert reply.status_code == 404
    assert reply.json()["nearest"] == "POST /api/v1/SequelNumber/Next"
    assert desk.world.requests.as_json()[-1]["known"] is False
