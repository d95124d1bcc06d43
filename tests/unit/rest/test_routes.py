"""Routes from the table, and the four forms of a reply."""

import httpx
import pytest

from bridge.calls.call import LegacyResult
from bridge.codec.code_page import windows_private
from bridge.codec.eudc import read_eudc
from bridge.config import FacadeSettings
from bridge.rest.app import make_app

BASIC = {
    "card_no": "000073898381", "name": "測試十", "id_no": "Z299999929", "birthday": "0920315", "sex": "F",
    "issue_date": "1050217", "cancel_mark": "1", "emergency_tel": "02-12345678",
}  # fmt: skip


@pytest.fixture
def basic(engine):
    """The engine answers a basic data record; out come its 72 bytes."""
    data = engine.record("basic_data", BASIC)
    engine.result = LegacyResult(0, {"pBuffer": data})
    return data


async def test_every_route_of_the_table_answers(client, table):
    for route in table.routes:
        reply = await client.post(route.path, json={})
        assert reply.status_code == 200, route.path
        assert reply.json()["ERRORCODE"] in ("0", "6018", "-2", "1099"), route.path


@pytest.mark.parametrize(
    "path", ["/vhc/vhchisgetbasicdata", "/VHC/VHCHISGETBASICDATA", "/VHC/VHChisGetBasicData/"]
)
async def test_letter_case_of_a_path_does_not_count(client, engine, basic, path):
    assert (await client.post(path)).json()["pBuffer"].encode("cp950") == basic
    assert engine.calls[0].name == "hisGetBasicData"


async def test_plain_is_a_text_of_the_legacy_length(client, basic):
    reply = await client.post("/VHC/VHChisGetBasicData", json={})
    content = reply.json()
    assert content == {"ERRORCODE": "0", "errorCode": 0, "statusCode": 0, "pBuffer": basic.decode("cp950")}
    assert len(content["pBuffer"].encode("cp950")) == 72
    assert reply.headers["content-type"] == "application/json"


async def test_big5_is_one_character_for_each_byte(client, basic):
    text = (await client.post("/T/BasicBig5")).json()["pBuffer"]
    assert len(text) == 72
    assert text.encode("latin-1") == basic


async def test_json_is_an_object_of_fields(client, basic):
    assert (await client.post("/T/BasicJson")).json()["pBuffer"] == BASIC


async def test_json_big5_is_the_object_with_the_bytes_of_its_texts(client, basic):
    fields = (await client.post("/T/BasicJsonBig5")).json()["pBuffer"]
    assert {name: text.encode("latin-1").decode("cp950") for name, text in fields.items()} == BASIC
    assert fields["name"] == "測試十".encode("cp950").decode("latin-1")


async def test_groups_are_lists_of_all_their_repetitions(client, engine):
    visit = {"treatment_item": "01", "visit_datetime": "1130520093000", "outpatient_fee": "00000350"}
    data = engine.record("treatment_no_need_hpc", {"visits": [visit]})
    engine.result = LegacyResult(0, {"pBuffer": data})
    fields = (await client.post("/T/TreatmentJson")).json()["pBuffer"]
    assert len(fields["critical_illnesses"]) == len(fields["visits"]) == 6
    assert fields["visits"][0].items() >= visit.items()
    assert fields["visits"][1]["outpatient_fee"] == "00000000"
    assert fields["visits"][1]["hospital_id"] == ""


@pytest.mark.parametrize("path", ["/T/PrescriptSign", "/T/PrescriptSignJson"])
async def test_a_counted_record_is_as_long_as_its_block_says(client, engine, path):
    signatures = ["A" * 40, "B" * 40]
    rows = [{"signature": signature} for signature in signatures]
    engine.result = LegacyResult(
        0, {"pBuffer": engine.record("prescription_signatures", {"signatures": rows}, 2)}
    )
    block = "1130520093000" + "1" + "A000001100  " + " " * 6 + "QID".ljust(18) + "03" + "0001200" + "02"
    person = {"pDateTime": "1130520093000 ", "pPatientID": "Z299999929 ", "pPatientBirthDate": "0920315 "}
    reply = (await client.post(path, json={**person, "pDataWrite": block * 2 + " "})).json()
    assert reply["pBuffer"] == ({"signatures": rows} if path.endswith("Json") else "".join(signatures))


async def test_a_text_has_no_nul(client, engine):
    engine.result = LegacyResult(0, {"SDKVersion": b"6.0.0\0"})
    assert (await client.post("/utility/getSDKVersion")).json()["SDKVersion"] == "6.0.0"


@pytest.mark.parametrize("code", [5010, 5174])
async def test_a_notice_comes_with_its_record(client, engine, code):
    data = engine.record("seq_number_256_n1", {"visit_sequence": "W001"})
    engine.result = LegacyResult(code, {"pBuffer": data})
    reply = await client.post(
        "/VHC/VHChisGetSeqNumber256N1", json={"cTreatItem": "01", "cTreatAfterCheck": "1"}
    )
    assert reply.json()["ERRORCODE"] == str(code)
    assert len(reply.json()["pBuffer"]) == 316


@pytest.mark.parametrize("code", [1019, -2, 9001])
async def test_a_failure_has_a_code_and_nothing_else(client, engine, code):
    engine.result = LegacyResult(code)
    reply = await client.post("/VHC/VHChisGetBasicData")
    assert reply.status_code == 200
    assert reply.json() == {"ERRORCODE": str(code), "errorCode": code, "statusCode": code}


async def test_a_function_whose_value_is_its_code(client, engine):
    engine.result = LegacyResult(2)
    assert (await client.post("/T/CardStatus", json={"CardType": 2})).json()["errorCode"] == 2


@pytest.mark.parametrize("path", ["/VHC/VHChisGetBasicData", "/T/BasicJson", "/T/BasicJsonBig5"])
async def test_a_record_that_is_no_text_is_a_fault_and_not_a_success(client, engine, basic, path):
    engine.result = LegacyResult(0, {"pBuffer": basic[:12] + b"\xff\xff" + basic[14:]})
    content = (await client.post(path)).json()
    assert content["ERRORCODE"] == "4000"
    assert "pBuffer" not in content


async def test_a_fault_of_the_bridge_shows_no_trace(client, engine, caplog):
    engine.fault = RuntimeError("secret detail")
    reply = await client.post("/VHC/VHChisGetBasicData")
    assert (reply.status_code, reply.json()["ERRORCODE"]) == (200, "4000")
    assert "secret detail" not in reply.text
    assert "secret detail" in caplog.text


@pytest.mark.parametrize(
    ("path", "near"),
    [
        ("/VHC/hisGetBasicData", "/VHC/VHChisGetBasicData"),
        ("/uploadqrcode", "/QRCodeReader/uploadqrcode"),
        ("/" + "x" * 5_000, "/"),
    ],
)
async def test_an_unknown_path_names_the_nearest(client, path, near):
    reply = await client.post(path, json={})
    assert (reply.status_code, reply.json()["ERRORCODE"], reply.json()["statusCode"]) == (404, "-2", -2)
    assert f"the nearest is {near}" in reply.json()["message"]


async def test_nothing_of_an_unknown_path_is_logged(client, caplog):
    """A token need not have digits, nor be long."""
    sent = (
        "/VHC/x/Z299999929",
        "/VHC/測試十/y",
        "/VHC/" + "a" * 70,
        "/token/QmFzZUJveA",
        "/VHC/VHChisGet?k=QmFz",
    )
    for path in sent:
        await client.post(path, json={})
    said = [record.getMessage() for record in caplog.records if record.name == "bridge.rest.app"]
    assert len(said) == len(sent)
    for line in said:
        assert line.startswith("no such path; the nearest is /")
        assert not any(value in line for value in ("Z2", "測", "aaa", "QmFz", "token"))


async def test_get_on_a_route_says_what_to_do(client, engine):
    reply = await client.get("/VHC/VHChisGetBasicData")
    assert (reply.status_code, reply.headers["allow"], reply.json()["ERRORCODE"]) == (405, "POST", "6018")
    assert reply.json()["message"] == "Use POST."
    assert not engine.calls


# --- user-defined characters (造字) -------------------------------------------------------------------------


@pytest.fixture
async def site(engine):
    """A client of a site that has drawn a 堃, and a record with it in the name."""
    data = engine.record("basic_data", BASIC)
    engine.result = LegacyResult(0, {"pBuffer": data[:18] + b"\xfa\x40" + data[20:]})
    app = make_app(engine, FacadeSettings(), page=read_eudc("FA40 堃"))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="https://localhost:5067") as opened:
        yield opened


async def test_named_fields_have_the_characters_of_the_list(site):
    assert (await site.post("/T/BasicJson")).json()["pBuffer"]["name"] == "測試十堃"
    big5 = (await site.post("/T/BasicJsonBig5")).json()["pBuffer"]["name"]
    assert big5.encode("latin-1") == "測試十".encode("cp950") + b"\xfa\x40"


async def test_a_whole_record_has_the_characters_of_windows_so_that_its_bytes_come_back(site, engine):
    text = (await site.post("/VHC/VHChisGetBasicData")).json()["pBuffer"]
    assert text[12:16] == "測試十\ue000"
    assert windows_private().encode(text) == engine.result.outputs["pBuffer"]


@pytest.mark.parametrize("character", ["堃", "\ue000"])
async def test_a_listed_character_is_taken_as_it_is_and_as_windows_has_it(site, engine, character):
    await site.post("/QRCodeReader/uploadqrcode", json={"QRCodeString": character})
    assert engine.calls[0].arguments == {"QRCodeString": b"\xfa\x40"}


@pytest.mark.parametrize("character", ["堃", "\ue000", "々", "\u0301", "•", "\uf90a"])
async def test_what_windows_page_lacks_is_refused_with_the_argument_s_name(client, engine, character):
    reply = (await client.post("/QRCodeReader/uploadqrcode", json={"QRCodeString": f"王{character}"})).json()
    assert (reply["errorCode"], engine.calls) == (6018, [])
    assert reply["message"] == "QRCodeString: character 2 is not in code page 950 as Windows has it"


ORDER = "11205200930001A000001100        QID               03000120002"


@pytest.mark.parametrize(
    ("path", "block", "named"),
    [
        ("/VHC/VHChisWriteMultiPrescriptSign", "堃" + ORDER, "prescriptions[0].visit_datetime: character 1"),
        (
            "/VHC/VHChisWriteMultiPrescriptSign",
            ORDER.replace("QID     ", "測試    ") + ORDER.replace("QID", "Q堃"),
            "prescriptions[1].usage: character 93",
        ),
        ("/VHC/VHChisWriteMultiPrescriptSign", "測" * 40 + "堃", "prescriptions[1].item_code: character 41"),
        ("/T/WriteTreatment", "1J069 堃", "main_code or sub_code_1: character 7"),
        ("/VHC/VHChisWriteAllergicNum", "LATEX 々", "ingredient: character 7"),
        ("/VHC/VHChisWriteAllergicNum", "X" * 40 + "堃", "character 41"),
    ],
)
async def test_what_windows_page_lacks_in_a_block_is_refused_with_the_field_s_name(
    client, engine, path, block, named
):
    reply = (await client.post(path, json={"pDataWrite": block})).json()
    assert (reply["errorCode"], engine.calls) == (6018, [])
    assert reply["message"] == f"pDataWrite: {named} is not in code page 950 as Windows has it"


# --- the names of the code ----------------------------------------------------------------------------------

NAMES = {"both": {"ERRORCODE", "errorCode"}, "text": {"ERRORCODE"}, "number": {"errorCode"}}


@pytest.mark.parametrize("which", NAMES)
async def test_the_code_has_the_names_of_the_setting_in_every_answer_and_in_the_document(engine, which):
    app = make_app(engine, FacadeSettings(error_code=which, most_body_bytes=99))
    transport = httpx.ASGITransport(app)
    asked = [
        ("POST", "/VHC/VHChisGetBasicData", "", {}),
        ("POST", "/VHC/VHChisGetBasicData", "[]", {}),
        ("POST", "/VHC/VHChisGetBasicData", "x" * 100, {}),
        ("POST", "/VHC/VHChisGetBasicData", "", {"origin": "https://example.org"}),
        ("POST", "/VHC/VHChisGetBasicData", "", {"host": "example.org"}),
        ("POST", "/T/Dropped", "", {}),
        ("POST", "/VHC/NoSuch", "", {}),
        ("GET", "/VHC/VHChisGetBasicData", "", {}),
    ]
    async with httpx.AsyncClient(transport=transport, base_url="https://localhost:5067") as opened:
        for method, path, body, headers in asked:
            reply = (await opened.request(method, path, content=body, headers=headers)).json()
            assert set(reply) & {"ERRORCODE", "errorCode"} == NAMES[which], (path, reply)
            assert {int(reply[name]) for name in NAMES[which]} == {reply["statusCode"]}
        document = (await opened.get("/swagger/v1/swagger.json")).json()["components"]["schemas"]
    for name, schema in document.items():
        if name == "refusal" or (name.endswith("_reply") and "statusCode" in schema["properties"]):
            declared = {"ERRORCODE"} if which == "both" else NAMES[which]
            assert set(schema["properties"]) & {"ERRORCODE", "errorCode"} == declared
            assert set(schema["required"]) & {"ERRORCODE", "errorCode"} == declared
