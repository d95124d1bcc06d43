"""What virtual-card paths have beyond forms: ICD-10, defaults, envelopes, sentences; their page."""

import pytest

from bridge.calls.call import LegacyResult, OutBuffer

TELEMEDICINE = "/vhc/cloud/tlm/GetVHCTeleMedicineReqCode"
PERSON = {"pDateTime": "1130520093000", "pPatientID": "Z299999929", "pPatientBirthDate": "0920315"}


@pytest.mark.parametrize("ten", [False, True])
async def test_the_10_paths_ask_for_the_icd_10_form(client, engine, ten):
    path = "/VHC/VHChisGetCriticalIllness" + ("10" if ten else "")
    illness = {"illness_code": "C50.911", "valid_from": "1130101", "valid_until": "1140101"}
    record = "critical_illness_icd10" if ten else "critical_illness"
    data = engine.record(
        record, {"critical_illnesses": [illness | ({} if ten else {"illness_code": "C5091"})]}
    )
    engine.result = LegacyResult(0, {"pBuffer": data})
    answer = (await client.post(path)).json()
    assert engine.calls[0].arguments == {"pBuffer": OutBuffer(32767, b"[XXXXXXX]" if ten else b"")}
    assert answer["pBuffer"].encode("cp950") == data
    assert len(data) == (138 if ten else 114)


@pytest.mark.parametrize(
    ("path", "given", "expected"),
    [
        ("/VHC/VHCcsOpenCom", {}, {"pComNum": -1}),
        ("/VHC/VHCcsOpenCom", {"pComNum": " "}, {"pComNum": -1}),
        ("/VHC/VHCcsOpenCom", {"pComNum": "0"}, {"pComNum": 0}),
        ("/VHC/VHChisGetCardStatus", {}, {"CardType": 2}),
        ("/VHC/VHChisGetCardStatus", {"cardtype": 3}, {"CardType": 3}),
    ],
)
async def test_numbers_that_real_clients_do_not_send(client, engine, path, given, expected):
    assert (await client.post(path, json=given)).json()["ERRORCODE"] == "0"
    assert engine.calls[0].arguments == expected


@pytest.mark.parametrize("body", [b"", b"{", b'{"cTreatItem": []}', bytes(range(256))])
@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/Offline/VHCOfflineGetUniqueSeqNum", 1099),
        ("/Offline/VHCOfflineWritePrescription", 1099),
        ("/Offline/exportOfflineMData", 1099),
        ("/Offline/clearOfflineMData", 1099),
        ("/QRCodeReader/openqrcodepage", -2),
        ("/VHC/VHChisGetVhcCloudToken", -2),
        ("/VHC/GenCloudMedicalToken", -2),
    ],
)
async def test_what_is_not_supported_says_why_whatever_the_body(client, table, path, code, body):
    reply = await client.post(path, content=body)
    answer = reply.json()
    route = next(route for route in table.routes if route.path == path)
    assert reply.status_code == 200
    assert (answer["ERRORCODE"], answer["errorCode"], answer["statusCode"]) == (str(code), code, code)
    assert answer["message"] == table.functions[route.function].summary


async def test_what_6_0_dropped_and_the_settings_refuse_names_the_setting(client, engine):
    engine.result = LegacyResult(-2)
    answer = (await client.post(TELEMEDICINE, json={"ROCID": "Z299999929"})).json()
    assert answer["ERRORCODE"] == "-2"
    assert "dropped_functions" in answer["message"]
    assert answer["responseBody"] == {"ErrorCode": "-2", "message": answer["message"], "ReqCode": ""}


async def test_an_envelope_is_whole_on_success_and_on_failure(client, engine):
    engine.result = LegacyResult(0, {"ReqCode": b"abc\0"})
    answer = (await client.post(TELEMEDICINE, json={"ROCID": "Z299999929"})).json()
    assert answer["ReqCode"] == "abc"
    assert answer["responseBody"] == {"ErrorCode": "0", "message": "成功", "ReqCode": "abc"}
    engine.result = LegacyResult(1023)
    answer = (await client.post(TELEMEDICINE, json={"ROCID": "Z299999929"})).json()
    assert "ReqCode" not in answer
    assert answer["responseBody"] == {"ErrorCode": "1023", "message": "憑證不存在", "ReqCode": ""}
    answer = (await client.post(TELEMEDICINE, content="{")).json()
    assert answer["responseBody"]["ErrorCode"] == "6018"
    assert "not JSON" in answer["responseBody"]["message"]


async def test_the_log_has_no_value_of_what_is_not_supported(client, caplog):
    await client.post("/VHC/GenCloudMedicalToken", json={"ROCID": "Z299999929"})
    assert "/VHC/GenCloudMedicalToken: not supported" in caplog.text
    assert "Z299999929" not in caplog.text


async def test_the_page_has_codes_terms_and_examples(client):
    document = (await client.get("/swagger/v1/swagger.json")).json()
    for row in (
        "| 1019 | 尚無 QR Code，請掃描 |",
        "| 1099 | 離線功能不支援 |",
        "| 5010 |",
        "| -2 | 錯誤的API |",
    ):
        assert row in document["info"]["description"]
    schemas = document["components"]["schemas"]
    asked = schemas["VHC_VHChisGetSeqNumber256N1_request"]["properties"]
    assert asked["cTreatItem"]["description"].startswith("就醫類別; up to 2 bytes")
    assert asked["cTreatItem"]["example"] == "01"
    port = schemas["VHC_VHCcsOpenCom_request"]
    assert port["properties"]["pComNum"]["default"] == -1
    assert "required" not in port
    assert schemas["refusal"]["required"] == ["ERRORCODE", "statusCode", "message"]
    ten = schemas["VHC_VHChisGetTreatmentNeedHPC10_reply"]["properties"]["pBuffer"]
    assert ten["x-bytes"] == 540
    inner = schemas["VHC_CloudTlmGetVHCTeleMedicineReqCode_reply"]["properties"]["responseBody"]
    assert inner["required"] == ["ErrorCode", "message", "ReqCode"]
