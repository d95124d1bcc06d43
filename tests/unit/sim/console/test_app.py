"""The console's endpoints: preconditions of every one, common and SAM calls, settings (seed 001)."""

from __future__ import annotations

import base64

import pytest

from bridge.sim.console.app import ENDPOINTS
from tests.support.two_readers import two_readers

SIGN = {"serviceType": "01"}
PIN = {"pin": "123456"}
TOKEN = {"token": "QQ==.QQ==.QQ=="}
MOBILE = {
    "idNo": "C123456789",
    "birthday": "1979-01-01",
    "cName": "測試醫師",
    "eName": "",
    "hospitalId": "3501200000",
    "medId": "A",
    "loginDateTime": "2026-03-10T02:00:00Z",
    "signatureCertificate": "QQ==",
    "signature": "QQ==",
}
SAM = {"samId": "901000000047", "hospitalId": "7777777777", "cloudSamContext": "QUJD"}

# method, path, body; what the call needs at least.
NEEDS_INITIALISED = [
    ("POST", "/api/common/v1/Finalize", None),
    ("GET", "/api/sam/v1/Basic", None),
    ("POST", "/api/sam/v1/Verification", None),
    ("POST", "/api/settings/v1/CloudSam", SAM),
]
NEEDS_SAM = [
    ("GET", "/api/common/v1/ServerDateTime", None),
    ("GET", "/api/common/v1/Version", None),
    ("DELETE", "/api/sam/v1/Logout", None),
    ("POST", "/api/sam/v1/Signature", SIGN),
    ("DELETE", "/api/hc/v1/Logout", None),
    ("POST", "/api/hc/v1/VirtualHc/ReadBasic", TOKEN),
    ("POST", "/api/hc/v1/Verification/VirtualHc", TOKEN),
    ("POST", "/api/hc/v1/VirtualHc/Import", {"transferToken": "QQ==.QQ=="}),
    ("POST", "/api/hpc/v1/Verification/MobiliHca", MOBILE),
    ("POST", "/api/hpc/v1/Verification/MobileHca", MOBILE),
]
NEEDS_HPC = [
    ("PUT", "/api/hpc/v1/Pin", {"puk": "12345678", "newPin": "654321"}),
    ("POST", "/api/hpc/v1/Verification/Hpc", PIN),
]
NEEDS_VERIFIED_HPC = [
    ("GET", "/api/hpc/v1/Basic", None),
    ("DELETE", "/api/hpc/v1/Logout", None),
    ("POST", "/api/hpc/v1/Pin", {"newPin": "654321"}),
    ("POST", "/api/hpc/v1/Signature", SIGN),
]
NEEDS_HC = [
    ("GET", "/api/hc/v1/Basic", None),
    ("GET", "/api/hc/v1/Pin", None),
    ("POST", "/api/hc/v1/Pin", PIN),
    ("PUT", "/api/hc/v1/Pin", {"newPin": "654321"}),
    ("DELETE", "/api/hc/v1/Pin", None),
    ("POST", "/api/hc/v1/Signature/Hc", SIGN),
    ("POST", "/api/hc/v1/Signature/HpcHc", SIGN),
    ("POST", "/api/hc/v1/VirtualHc/Export", {}),
    ("POST", "/api/hc/v1/RealHc/Update", {}),
]
NEEDS_NOTHING = [
    ("GET", "/api/common/v1/Status", None),
    ("POST", "/api/common/v1/Initial", None),
    ("GET", "/api/common/v1/Name", None),
    ("GET", "/api/common/v1/Record", None),
    ("DELETE", "/api/common/v1/Record", None),
    ("GET", "/api/settings/v1/PcscReader/Readers", None),
    ("POST", "/api/settings/v1/PcscReader/AutoDetected", None),
    ("GET", "/api/settings/v1/PcscReader/Default", None),
    ("POST", "/api/settings/v1/PcscReader/Default", {"readerName": "CASTLES EZ100PU 0"}),
    ("DELETE", "/api/settings/v1/PcscReader/Default", None),
    ("GET", "/api/settings/v1/CloudSam", None),
    ("DELETE", "/api/settings/v1/CloudSam/{id}", None),
    ("GET", "/api/settings/v1/Cors", None),
    ("POST", "/api/settings/v1/Cors", {"allowHost": "his.example"}),
    ("DELETE", "/api/settings/v1/Cors/{id}", None),
]
NEEDS_CARDS = NEEDS_HPC + NEEDS_VERIFIED_HPC + NEEDS_HC


def test_the_tables_above_hold_every_endpoint():
    tables = NEEDS_NOTHING + NEEDS_INITIALISED + NEEDS_SAM + NEEDS_CARDS
    assert sorted((method, path) for method, path, _ in tables) == sorted(ENDPOINTS)


@pytest.mark.parametrize(("method", "path", "body"), NEEDS_INITIALISED + NEEDS_SAM + NEEDS_CARDS)
async def test_not_initialised(desk, method, path, body):
    assert await desk.code(method, path, body) == 1000


@pytest.mark.parametrize(("method", "path", "body"), NEEDS_SAM + NEEDS_CARDS)
async def test_sam_not_verified(desk, method, path, body):
    await desk.code("POST", "/api/common/v1/Initial")
    assert await desk.code(method, path, body) == 1301


@pytest.mark.parametrize(("method", "path", "body"), NEEDS_CARDS)
async def test_no_cards(desk, method, path, body):
    desk.world.remove("hc")
    desk.world.remove("hpc")
    await desk.open()
    assert await desk.code(method, path, body) == 1102


@pytest.mark.parametrize(("method", "path", "body"), NEEDS_VERIFIED_HPC)
async def test_practitioner_not_verified(desk, method, path, body):
    await desk.open()
    assert await desk.code(method, path, body) == 1402


@pytest.mark.parametrize(("method", "path", "body"), NEEDS_VERIFIED_HPC)
async def test_practitioner_verified(desk, method, path, body):
    await desk.open_with_doctor()
    assert await desk.code(method, path, body) == 0


async def test_console_may_verify_the_cloud_sam_by_itself(desk):
    desk.world.change_switches({"auto_verify_sam": True})
    await desk.code("POST", "/api/common/v1/Initial")
    assert await desk.code("GET", "/api/hc/v1/Basic") == 0


@pytest.mark.parametrize("body", [None, {}, {"name": ""}, {"name": "001000000103"}])
async def test_initial(desk, body):
    assert await desk.code("POST", "/api/common/v1/Initial", body) == 0
    assert await desk.code("POST", "/api/common/v1/Initial", body) == 1001
    status = await desk.status()
    assert (status["initialized"], status["name"], status["sam"]["status"]) == (True, "001000000103", 1)


async def test_initial_with_an_unknown_device(desk):
    assert await desk.code("POST", "/api/common/v1/Initial", {"name": "COM9"}) == 1002
    assert (await desk.status())["initialized"] is False


async def test_a_cloud_sams_virtual_port_is_no_device_of_the_console(desk):
    assert await desk.code("POST", "/api/common/v1/Initial", {"name": "COM1"}) == 1002
    desk.world.change_switches({"virtual_ports": True})
    assert await desk.code("POST", "/api/common/v1/Initial", {"name": "COM1"}) == 0
    assert (await desk.status())["name"] == "001000000103"


async def test_finalize_logs_everything_out(desk):
    await desk.open_with_doctor()
    await desk.console("GET", "/api/hc/v1/Basic")
    assert await desk.code("POST", "/api/common/v1/Finalize") == 0
    status = await desk.status()
    assert [status[kind]["status"] for kind in ("sam", "hpc", "hc")] == [0, 0, 0]
    await desk.open()
    assert await desk.code("GET", "/api/hpc/v1/Basic") == 1402


async def test_names(desk):
    assert (await desk.console("GET", "/api/common/v1/Name"))["names"] == ["001000000103"]
    desk.world.load(two_readers())
    assert (await desk.console("GET", "/api/common/v1/Name"))["names"] == ["COM1", "COM2"]


async def test_status_at_the_start(desk):
    card = {"status": 0, "type": 0, "expireTime": ""}
    assert await desk.console("GET", "/api/common/v1/Status") == {
        "statusCode": 0,
        "status": {
            "hc": {**card, "hasPin": None, "verifiedPin": None},
            "hpc": card,
            "initialized": False,
            "name": "",
            "readerName": "CASTLES EZ100PU 0",
            "sam": card,
        },
    }


async def test_states_grow_with_use(desk):
    await desk.open()
    assert [(await desk.status())[kind]["status"] for kind in ("sam", "hpc", "hc")] == [2, 1, 1]
    await desk.code("POST", "/api/hpc/v1/Verification/Hpc", {"pin": "123456"})
    await desk.console("GET", "/api/hc/v1/Basic")
    status = await desk.status()
    assert (status["hpc"]["status"], status["hpc"]["type"]) == (3, 1)
    assert (status["hc"]["status"], status["hc"]["type"], status["hc"]["hasPin"]) == (2, 1, False)
    await desk.sign("hpchc", "01")
    assert (await desk.status())["hc"]["status"] == 3
    await desk.code("DELETE", "/api/hpc/v1/Logout")
    status = await desk.status()
    assert (status["hpc"]["status"], status["hc"]["status"]) == (0, 2)


async def test_sam_logout(desk):
    await desk.open_with_doctor()
    await desk.sign("hpchc", "01")
    assert await desk.code("DELETE", "/api/sam/v1/Logout") == 0
    status = await desk.status()
    assert [status[kind]["status"] for kind in ("sam", "hpc", "hc")] == [1, 0, 0]


async def test_sam_basic(desk):
    await desk.code("POST", "/api/common/v1/Initial")
    assert await desk.console("GET", "/api/sam/v1/Basic") == {
        "statusCode": 0,
        "samId": "001000000103",
        "hospitalId": "3501200000",
        "hospitalName": "臺北虛擬診所",
        "hospitalShortName": "臺北虛擬診",
    }


async def test_time_and_version(desk):
    await desk.open()
    assert (await desk.console("GET", "/api/common/v1/ServerDateTime"))["serverDateTime"] == "1150310100000"
    desk.world.clock.shift(61)
    assert (await desk.console("GET", "/api/common/v1/ServerDateTime"))["serverDateTime"] == "1150310100101"
    version = await desk.console("GET", "/api/common/v1/Version")
    assert (version["shortVersion"], version["longVersion"]) == ("60", "6000")


async def test_record_is_an_array_newest_first(desk):
    await desk.console("GET", "/api/common/v1/Name")
    await desk.console("GET", "/api/hc/v1/Basic")
    record = await desk.console("GET", "/api/common/v1/Record?skip=0&take=1")
    assert [(entry["url"], entry["statusCode"]) for entry in record] == [("/api/hc/v1/Basic", 1000)]
    older = await desk.console("GET", "/api/common/v1/Record?skip=2")
    assert [entry["url"] for entry in older] == ["/api/common/v1/Name"]
    again = await desk.console("GET", "/api/common/v1/Record?skip=2")
    assert again[0] == record[0]  # a line keeps its number, and has it alone
    assert len({line["uuid"] for line in again}) == len(again) == 2
    assert (await desk.console_client.delete("/api/common/v1/Record")).content == b""
    assert len(await desk.console("GET", "/api/common/v1/Record")) == 1
    assert await desk.code("GET", "/api/common/v1/Record?take=-1") == 1704


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"{", "application/json"),
        (b"[]", "application/json"),
        (b'{"serviceType": "1"}', "application/json"),
        (b'{"serviceType": 1}', "application/json"),
        (b"{}", "application/json"),
        (b'{"serviceType": "01"}', "text/plain"),
        (b'\xff{"serviceType": "01"}', "application/json"),
    ],
)
async def test_malformed_bodies(desk, content, media_type):
    await desk.open()
    reply = await desk.console_client.post(
        "/api/sam/v1/Signature", content=content, headers={"content-type": media_type}
    )
    assert (reply.status_code, reply.json()) == (200, {"statusCode": 1704})


async def test_unknown_requests_name_the_nearest_endpoint(desk):
    for method, path, nearest in [
        ("GET", "/api/hc/v1/Basics", "GET /api/hc/v1/Basic"),
        ("POST", "/api/sam/v1/Sign", "POST /api/sam/v1/Signature"),
        ("POST", "/api/common/v1/Status", "GET /api/common/v1/Status"),
    ]:
        reply = await desk.console_client.request(method, path)
        assert reply.status_code == 404
        assert reply.json()["nearest"] == nearest
    journal = desk.world.requests.as_json()
    assert [entry["known"] for entry in journal] == [False, False, False]


async def test_readers(desk):
    default = "/api/settings/v1/PcscReader/Default"
    readers = (await desk.console("GET", "/api/settings/v1/PcscReader/Readers"))["readers"]
    assert await desk.code("POST", default, {"readerName": "none such"}) == 1600
    assert await desk.code("POST", default, {"readerName": readers[1]}) == 0
    assert (await desk.console("GET", default))["readerName"] == readers[1]
    detected = await desk.console("POST", "/api/settings/v1/PcscReader/AutoDetected")
    assert detected["readerName"] == readers[0]
    await desk.open()
    assert await desk.code("DELETE", default) == 0
    assert await desk.code("GET", default) == 1100
    assert await desk.code("GET", "/api/hc/v1/Basic") == 1100
    desk.world.remove("hc")
    desk.world.remove("hpc")
    assert await desk.code("POST", "/api/settings/v1/PcscReader/AutoDetected") == 1601


async def test_cloud_sams(desk):
    path = "/api/settings/v1/CloudSam"
    await desk.code("POST", "/api/common/v1/Initial")
    assert await desk.code("POST", path, {**SAM, "cloudSamContext": "#"}) == 1610
    assert (await desk.console("POST", path, SAM))["sam"]["comport"] == "COM2"
    assert (await desk.console("GET", path))["sams"] == ["001000000103", "901000000047"]
    await desk.code("POST", "/api/common/v1/Finalize")
    assert await desk.code("POST", "/api/common/v1/Initial", {"name": "901000000047"}) == 0
    assert (await desk.console("GET", "/api/sam/v1/Basic"))["hospitalId"] == "7777777777"
    await desk.code("POST", "/api/common/v1/Finalize")
    assert await desk.code("DELETE", path + "/901000000047") == 0
    assert await desk.code("DELETE", path + "/901000000047") == 1611
    assert await desk.code("POST", "/api/common/v1/Initial") == 0
    assert (await desk.status())["name"] == "001000000103"


async def test_cors(desk):
    path = "/api/settings/v1/Cors"
    assert await desk.code("POST", path, {"allowHost": "his.example"}) == 0
    assert "his.example" in (await desk.console("GET", path))["cors"]
    assert await desk.code("DELETE", path + "/his.example") == 0
    assert "his.example" not in (await desk.console("GET", path))["cors"]
    assert await desk.code("DELETE", path + "/his.example") == 1704


async def test_sam_signature(desk):
    await desk.open()
    signed = await desk.sign("sam", "30")
    assert len(base64.b64decode(signed["signature"])) == 256
    assert len(base64.b64decode(signed["clientRandom"])) == 8
    assert set(signed) == {
        "statusCode",
        "signature",
        "clientRandom",
        "samId",
        "hospitalId",
        "serviceType",
    }
