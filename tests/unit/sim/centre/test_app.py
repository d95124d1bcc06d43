"""The simulated upload centre: what it takes, what it refuses, what it gives back."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from bridge.sim.cards import Sam
from bridge.sim.centre.app import ENDPOINTS, MOST_CONTENT

SAM, HOSPITAL = "001000000103", "3501200000"
CONTENT = "<RECS>測試</RECS>".encode()
COUNTS = {"sMrecs": "12", "sPrecs": "34"}


class CentreDesk:
    """Talks to the centre as a real client does, with signatures of the simulated console."""

    def __init__(self, desk: Any) -> None:
        self.desk = desk
        self.world = desk.world
        transport = httpx.ASGITransport(app=desk.simulator.centre_app)
        self.client = httpx.AsyncClient(transport=transport, base_url="https://localhost", trust_env=False)

    async def signed(self, kind: str = "A1", service_type: str = "30") -> dict[str, str]:
        signature = await self.desk.sign("sam", service_type)
        return {
            "sSamid": signature["samId"],
            "sHospid": signature["hospitalId"],
            "sClientrandom": signature["clientRandom"],
            "sSignature": signature["signature"],
            "sType": kind,
        }

    async def post(self, service: str, body: Any, version: str = "V2000") -> Any:
        reply = await self.client.post(f"/{version}/{service}", json=body)
        assert reply.status_code == 200, reply.text
        return reply.json()

    async def upload(self, signed: dict[str, str] | None = None, **changes: Any) -> Any:
        body = {
            **(signed or await self.signed()),
            **COUNTS,
            "sPatData": base64.b64encode(CONTENT).decode(),
            "sUploadDT": "20260310100000123",
        }
        return await self.post("VNHI_Upload", {**body, **changes})

    async def download(self, opcode: str, signed: dict[str, str] | None = None) -> Any:
        return await self.post("VNHI_Download", {**(signed or await self.signed()), "sOpcode": opcode})

    async def control(self, path: str) -> Any:
        return (await self.desk.control_client.get(path)).json()


@pytest.fixture
async def centre(desk: Any) -> AsyncIterator[CentreDesk]:
    await desk.open()
    made = CentreDesk(desk)
    yield made
    await made.client.aclose()


# --- taking a file ------------------------------------------------------------------------------------------


async def test_the_execution_number_has_its_parts_in_their_places(centre: CentreDesk) -> None:
    reply = await centre.upload()
    assert reply["RtnCode"] == "0000"
    opcode = reply["Opcode"]
    assert (opcode[:14], opcode[20:30], opcode[30:42]) == ("20260310100000", HOSPITAL, SAM)


async def test_every_upload_gets_a_number_of_its_own(centre: CentreDesk) -> None:
    assert (await centre.upload())["Opcode"] != (await centre.upload())["Opcode"]


@pytest.mark.parametrize("change", [str.lower, str.upper, lambda name: name.replace("id", "Id")])
async def test_names_are_taken_in_any_letter_case(centre: CentreDesk, change: Any) -> None:
    signed = await centre.signed()
    body = {**signed, **COUNTS, "sPatData": "YQ==", "sUploadDT": "20260310100000123"}
    reply = await centre.post("VNHI_Upload", {change(name): value for name, value in body.items()})
    assert reply["RtnCode"] == "0000"


async def test_the_file_is_kept_and_can_be_looked_at(centre: CentreDesk) -> None:
    opcode = (await centre.upload())["Opcode"]
    (listed,) = await centre.control("/uploads")
    assert listed == {
        "opcode": opcode,
        "samId": SAM,
        "hospitalId": HOSPITAL,
        "type": "A1",
        "records": "12",
        "orders": "34",
        "bytes": len(CONTENT),
        "sha256": hashlib.sha256(CONTENT).hexdigest(),
        "asked": 0,
        "uploadedAt": "20260310100000123",
        "receivedAt": "2026-03-10T10:00:00+08:00",
    }
    whole = await centre.control(f"/uploads/{opcode}")
    assert base64.b64decode(whole["content"]) == CONTENT
    assert "no upload" in (await centre.control("/uploads/x"))["error"]
    await centre.desk.control_client.post("/reset")
    assert await centre.control("/uploads") == []


async def test_a_signature_may_serve_several_requests_within_its_hour(centre: CentreDesk) -> None:
    signed = await centre.signed()
    replies = [await centre.upload(signed), await centre.upload(signed)]
    assert [reply["RtnCode"] for reply in replies] == ["0000", "0000"]


async def test_counts_may_be_missing_unless_the_centre_is_told_to_insist(centre: CentreDesk) -> None:
    body = {**await centre.signed(), "sPatData": "YQ==", "sUploadDT": "20260310100000123"}
    assert (await centre.post("VNHI_Upload", body))["RtnCode"] == "0000"
    centre.world.change_switches({"counts_required": True})
    reply = await centre.client.post("/V2000/VNHI_Upload", json=body)
    assert (reply.status_code, reply.json()["field"]) == (400, "sMrecs")
    checked_only = {**body, **await centre.signed("A2")}
    assert (await centre.post("VNHI_Upload", checked_only))["RtnCode"] == "0000"


# --- refusing -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"sType": "B1"}, "5003"),
        ({"sHospid": "9999999901"}, "9005"),
        ({"sSamid": "001000000999"}, "9002"),
        ({"sSignature": "YQ=="}, "9002"),
        ({"sSignature": "no base64"}, "9002"),
        ({"sClientrandom": "YWJjZGVmZ2g="}, "9002"),
    ],
)
async def test_what_is_not_signed_so_is_refused(
    centre: CentreDesk, change: dict[str, str], code: str
) -> None:
    assert await centre.upload(**change) == {"RtnCode": code, "Opcode": ""}
    assert centre.world.centre_uploads == {}


async def test_a_signature_for_another_service_is_refused(centre: CentreDesk) -> None:
    assert (await centre.upload(await centre.signed(service_type="01")))["RtnCode"] == "9002"


@pytest.mark.parametrize(("seconds", "code"), [(3600, "0000"), (3601, "8203")])
async def test_a_signature_lives_one_hour(centre: CentreDesk, seconds: float, code: str) -> None:
    signed = await centre.signed()
    centre.world.clock.shift(seconds)
    assert (await centre.upload(signed))["RtnCode"] == code


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"sMrecs": "1234"}, "sMrecs"),
        ({"sPrecs": "-1"}, "sPrecs"),
        ({"sPatData": "?"}, "sPatData"),
        ({"sPatData": ""}, "sPatData"),
        ({"sUploadDT": "20260310100000"}, "sUploadDT"),
        ({"sUploadDT": "20261310100000123"}, "sUploadDT"),
        ({"sClientrandom": "x" * 21}, "sClientrandom"),
        ({"ssamid": SAM}, "body"),
    ],
)
async def test_a_malformed_field_is_named(centre: CentreDesk, change: dict[str, str], field: str) -> None:
    body = {
        **await centre.signed(),
        **COUNTS,
        "sPatData": "YQ==",
        "sUploadDT": "20260310100000123",
        **change,
    }
    reply = await centre.client.post("/V2000/VNHI_Upload", json=body)
    assert (reply.status_code, reply.json()["field"]) == (400, field)


@pytest.mark.parametrize(("size", "status"), [(MOST_CONTENT, 200), (MOST_CONTENT + 1, 400)])
async def test_a_file_has_10_megabytes_at_most(centre: CentreDesk, size: int, status: int) -> None:
    content = base64.b64encode(bytes(size)).decode()
    body = {**await centre.signed(), "sPatData": content, "sUploadDT": "20260310100000123"}
    assert (await centre.client.post("/V2000/VNHI_Upload", json=body)).status_code == status


async def test_the_old_address_takes_no_signature_of_6(centre: CentreDesk) -> None:
    assert (await centre.post("VNHI_Upload", await centre.signed(), "V1000"))["RtnCode"] == "9002"
    assert (await centre.post("VNHI_Download", await centre.signed(), "V1000"))["rtnCode"] == "9002"


async def test_an_unknown_path_names_the_nearest(centre: CentreDesk) -> None:
    reply = await centre.client.post("/V2000/VNHIUpload", json={})
    assert (reply.status_code, reply.json()["nearest"]) == (404, "POST /V2000/VNHI_Upload")


# --- the result ---------------------------------------------------------------------------------------------


async def test_the_result_is_ready_at_the_third_time_of_asking(centre: CentreDesk) -> None:
    opcode = (await centre.upload())["Opcode"]
    replies = [await centre.download(opcode) for _ in range(4)]
    assert [reply["rtnCode"] for reply in replies] == ["5002", "5002", "0000", "0000"]
    assert replies[0]["tx_result_json"] == ""
    assert json.loads(base64.b64decode(replies[2]["tx_result_json"])) == {
        "type": "A1",
        "checked": True,
        "records": "12",
        "orders": "34",
        "bytes": len(CONTENT),
    }


async def test_an_interface_test_is_not_checked(centre: CentreDesk) -> None:
    opcode = (await centre.upload(await centre.signed("ZZ")))["Opcode"]
    replies = [await centre.download(opcode, await centre.signed("ZZ")) for _ in range(3)]
    assert json.loads(base64.b64decode(replies[2]["tx_result_json"]))["checked"] is False


async def test_a_result_is_not_for_everybody(centre: CentreDesk) -> None:
    opcode = (await centre.upload())["Opcode"]
    assert (await centre.download("x" * 42))["rtnCode"] == "9999"
    assert (await centre.download(opcode, await centre.signed("A2")))["rtnCode"] == "5003"
    centre.world.settings.sams.append(Sam("001000000999", HOSPITAL, "另一診所", "另一", "COM9"))
    assert await centre.desk.code("POST", "/api/common/v1/Finalize") == 0
    assert await centre.desk.code("POST", "/api/common/v1/Initial", {"name": "001000000999"}) == 0
    assert await centre.desk.code("POST", "/api/sam/v1/Verification") == 0
    assert (await centre.download(opcode))["rtnCode"] == "5004"


# --- faults, journal, endpoints -----------------------------------------------------------------------------


async def test_faults_meet_the_centre_alone(centre: CentreDesk) -> None:
    await centre.desk.control_client.post(
        "/faults", json={"service": "centre", "kind": "status", "value": 8201, "times": 1}
    )
    assert await centre.desk.code("GET", "/api/common/v1/Status") == 0
    assert (await centre.upload())["RtnCode"] == "8201"
    assert (await centre.upload())["RtnCode"] == "0000"


async def test_the_request_journal_knows_the_return_codes(centre: CentreDesk) -> None:
    await centre.upload(sType="B1")
    entry = (await centre.control("/requests"))[-1]
    wanted = ("centre", "/V2000/VNHI_Upload", 5003, True)
    assert (entry["service"], entry["path"], entry["status"], entry["known"]) == wanted


async def test_the_control_api_lists_the_centres_endpoints(centre: CentreDesk) -> None:
    assert (await centre.control("/endpoints"))["centre"] == [list(endpoint) for endpoint in ENDPOINTS]
