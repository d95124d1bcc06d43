"""Bodies as sloppy as real clients send them, and what becomes of them."""

import json

import pytest

from bridge.calls.call import VHC, OutBuffer

SEQ = "/VHC/VHChisGetSeqNumber256N1"
FORM = {"content-type": "application/x-www-form-urlencoded"}
PERSON = {"pDateTime": "1130520093000", "pPatientID": "Z299999929", "pPatientBirthDate": "0920315"}
PRESCRIPTION = (
    "1130520093000" + "1" + "A000001100  " + "      " + "QID               " + "03" + "0001200" + "02"
)


def seq_arguments(item=b"01", baby=b"", after=b"1"):
    return {"cTreatItem": item, "cBabyTreat": baby, "cTreatAfterCheck": after, "pBuffer": OutBuffer(32767)}


@pytest.mark.parametrize(
    ("body", "headers", "expected"),
    [
        ('{"cTreatItem":"01","cBabyTreat":"","cTreatAfterCheck":"1"}', {}, seq_arguments()),
        ('{"cTreatItem":"01","cTreatAfterCheck":1}', {}, seq_arguments()),
        ('{"cTreatItem":"01 ","cTreatAfterCheck":"1 "}', {}, seq_arguments(b"01 ", b"", b"1 ")),
        ('{"cTreatItem":"01\\u0000","cTreatAfterCheck":"1"}', {}, seq_arguments(b"01\0")),
        (b'{"cTreatItem":"01\0","cTreatAfterCheck":"1"}\0', {}, seq_arguments(b"01\0")),
        ('\ufeff {"CTREATITEM":"01","ctreataftercheck":"1"}\r\n', {}, seq_arguments()),
        ('{"cTreatItem":"01","cTreatAfterCheck":"1","cBabyTreat":null}', {}, seq_arguments()),
        ('{"cTreatItem":"01","cTreatAfterCheck":"1","other":[1]}', {}, seq_arguments()),
        ('{"cTreatItem":"01","cTreatAfterCheck":"1"}', {"content-type": "text/plain"}, seq_arguments()),
        ('{"cTreatItem":"01","cTreatAfterCheck":"1"}', FORM, seq_arguments()),
        ("cTreatItem=01&cTreatAfterCheck=1&cBabyTreat=+", FORM, seq_arguments(baby=b" ")),
        ("ctreatitem=01%20&CTREATAFTERCHECK=1", FORM, seq_arguments(b"01 ")),
        ("cTreatItem=01&cTreatAfterCheck=1&", FORM, seq_arguments()),
        ("&cTreatItem=01&&cTreatAfterCheck=1", FORM, seq_arguments()),
    ],
)
async def test_body_becomes_arguments(client, engine, body, headers, expected):
    reply = await client.post(SEQ, content=body, headers=headers)
    assert reply.status_code == 200
    assert reply.json()["ERRORCODE"] == "0"
    (call,) = engine.calls
    assert (call.name, call.door) == ("hisGetSeqNumber256N1", VHC)
    assert call.arguments == expected


@pytest.mark.parametrize("content_type", ["application/json", FORM["content-type"], "text/plain", ""])
@pytest.mark.parametrize("body", ["{}", "", "  \r\n", "\0", "{ }", "null", '""', ' "" \n', "\ufeffnull"])
async def test_reads_take_nothing(client, engine, body, content_type):
    headers = {"content-type": content_type}
    reply = await client.post("/VHC/VHChisGetBasicData", content=body, headers=headers)
    assert reply.json() == {"ERRORCODE": "0", "errorCode": 0, "statusCode": 0}
    assert engine.calls[0].arguments == {"pBuffer": OutBuffer(32767)}


@pytest.mark.parametrize(
    ("body", "headers", "message"),
    [
        ('{"cTreatItem":', {}, "not JSON"),
        ("[]", {}, "no JSON object"),
        ('"text"', {}, "no JSON object"),
        ("0", {}, "no JSON object"),
        ('"" 1', {}, "not JSON"),
        ("[" * 4_000, {}, "JSON"),
        ('{"cTreatItem":' + "9" * 4_500 + "}", {}, "no usable JSON"),
        (b'{"cTreatItem":"\xa4\xa4"}', {}, "not UTF-8"),
        ('{"cTreatItem":1}', {}, "cTreatItem: a string is needed"),
        ('{"cTreatItem":["01"]}', {}, "cTreatItem: a string is needed"),
        ('{"cTreatItem":"01","cTreatAfterCheck":10}', {}, "cTreatAfterCheck: a string is needed"),
        ('{"cTreatItem":"01","cTreatAfterCheck":-1}', {}, "cTreatAfterCheck: a string is needed"),
        ('{"cTreatItem":"01","cTreatAfterCheck":1.0}', {}, "cTreatAfterCheck: a string is needed"),
        ('{"cTreatItem":"01","cTreatAfterCheck":true}', {}, "cTreatAfterCheck: a string is needed"),
        ('{"cTreatItem":true}', {}, "cTreatItem: a string is needed"),
        ('{"cTreatItem":"堃"}', {}, "cTreatItem: character 1 is not in code page 950"),
        ('{"cTreatItem":"\\ud83d"}', {}, "cTreatItem: character 1 is not in code page 950"),
        ('{"cTreatItem":"01","ctreatitem":"02"}', {}, "given twice"),
        ('{"cTreatItem":"01","cTreatItem":"02"}', {}, "given twice"),
        ("cTreatItem=01", {}, "not JSON"),
        ("nothing", FORM, "no form"),
        ("cTreatItem=%a4%a4", FORM, "no form"),
    ],
)
async def test_unusable_body_is_6018_and_reaches_no_engine(client, engine, body, headers, message):
    reply = await client.post(SEQ, content=body, headers=headers)
    content = reply.json()
    assert reply.status_code == 200
    assert (content["ERRORCODE"], content["errorCode"], content["statusCode"]) == ("6018", 6018, 6018)
    assert message in content["message"]
    assert not engine.calls


@pytest.mark.parametrize("body", ["&", "&&&"])
async def test_a_form_of_nothing_is_empty(client, engine, body):
    await client.post("/VHC/VHChisGetBasicData", content=body, headers=FORM)
    assert engine.calls[0].arguments == {"pBuffer": OutBuffer(32767)}


@pytest.mark.parametrize(
    "body",
    [{"cTreatAfterCheck": "1"}, {"cTreatItem": "  "}, {"cTreatItem": None}],
)
async def test_missing_and_blank_ones_are_6018(client, engine, body):
    reply = await client.post(SEQ, json=body)
    assert reply.json() == {"ERRORCODE": "6018", "errorCode": 6018, "statusCode": 6018}


async def test_an_unsupported_function_says_so_whatever_its_body(client):
    assert (await client.post("/T/Dropped", json={})).json()["ERRORCODE"] == "-2"


async def test_qr_code_is_passed_on_untouched(client, engine):
    text = " AAECAwQF+/==." + "x" * 300 + "\n"
    await client.post("/QRCodeReader/uploadqrcode", json={"QRCodeString": text})
    assert engine.calls[0].arguments == {"QRCodeString": text.encode()}


async def test_text_is_code_page_950(client, engine):
    await client.post("/QRCodeReader/uploadqrcode", content='{"QRCodeString":"碁銹裏"}'.encode())
    assert engine.calls[0].arguments == {"QRCodeString": "碁銹裏".encode("cp950")}


@pytest.mark.parametrize(
    ("block", "given", "count"),
    [
        (PRESCRIPTION, {}, 1),
        (PRESCRIPTION * 3 + " ", {}, 3),
        (PRESCRIPTION * 2 + "\0", {"iWriteCount": ""}, 2),
        (PRESCRIPTION * 2 + " " * 61 * 3, {}, 2),
        (PRESCRIPTION[:-2] + "  ", {}, 1),
        (PRESCRIPTION * 2, {"iWriteCount": "2"}, 2),
        (PRESCRIPTION * 2, {"IWRITECOUNT": 2}, 2),
        (PRESCRIPTION * 2, {"iWriteCount": " 2 "}, 2),
    ],
)
async def test_count_is_taken_or_follows_from_the_block(client, engine, block, given, count):
    reply = await client.post("/T/PrescriptSign", json={**PERSON, "pDataWrite": block, **given})
    assert reply.json()["ERRORCODE"] == "0"
    assert engine.calls[0].arguments["iWriteCount"] == count
    assert engine.calls[0].arguments["pDataWrite"] == block.encode("cp950")


@pytest.mark.parametrize(
    "given",
    [
        {"pDataWrite": ""},
        {"pDataWrite": "  "},
        {"pDataWrite": PRESCRIPTION + "x"},
        {"pDataWrite": PRESCRIPTION * 61},
        {"pDataWrite": PRESCRIPTION, "iWriteCount": 2},
        {"pDataWrite": PRESCRIPTION, "iWriteCount": "one"},
        {"pDataWrite": PRESCRIPTION, "iWriteCount": True},
        {"pDataWrite": PRESCRIPTION, "iWriteCount": 1.0},
        {"pDataWrite": PRESCRIPTION, "iWriteCount": 65537},
        {"pDataWrite": PRESCRIPTION, "iWriteCount": "٢"},
        {},
    ],
)
async def test_block_and_count_that_do_not_fit_are_6018(client, given):
    body = json.dumps({**PERSON, **given})
    assert (await client.post("/T/PrescriptSign", content=body)).json()["ERRORCODE"] == "6018"


@pytest.mark.parametrize(("given", "code"), [(2, "0"), ("2", "0"), ("+2", "0"), (4, "6018"), (None, "6018")])
async def test_scalar(client, engine, given, code):
    assert (await client.post("/T/CardStatus", json={"CardType": given})).json()["ERRORCODE"] == code
    assert engine.calls[0].arguments == ({} if given is None else {"CardType": int(given)})


async def test_faults_are_logged_without_values(client, caplog):
    await client.post(SEQ, json={"cTreatItem": "堃Z299999929"})
    await client.post(SEQ, content='{"cTreatItem":"Z299999929"')
    await client.post(SEQ, json={"cTreatItem": {"Z299999929": 1}})
    assert len([record for record in caplog.records if record.name == "bridge.rest.routes"]) == 3
    assert "Z299999929" not in caplog.text
