"""Reads and writes of the cloud: basic data, treatments, prescriptions, notes, uploads."""

from __future__ import annotations

import base64

import pytest

TEN = "000073898381"
CHILD = "000099990001"
MOTHER = "000099990002"
PREGNANT = "000099990003"
ELDER = "000099990004"
EXPIRED = "000099990007"
CANCELLED = "000099990009"
CODES = {
    "afterCheck": "1",
    "mainCode": "J029",
    "subCode1": "E1122",
    "subCode2": "",
    "subCode3": "",
    "subCode4": "",
    "subCode5": "",
}
FEES = {
    "outpatientFee": "1250",
    "costFee": "50",
    "inpatientFee": "0",
    "inpatient30Fee": "0",
    "inpatient180Fee": "0",
}
ORDER = {
    "treatmentDateTime": "1150310100000",
    "treatmentItem": "1",
    "treatmentItemCode": "AC12345100",
    "treatmentPosition": "",
    "usage": "TIDPC",
    "days": "3",
    "totalQuantity": "9.00",
    "deliveryNotes": "01",
}


async def test_basic_data_of_the_slides(desk):
    await desk.open()
    assert await desk.ask("BasicData/Query", "hc", "01") == {
        "statusCode": 0,
        "cardSn": TEN,
        "name": "測試十",
        "idCardNum": "Z299999929",
        "birthday": "0920315",
        "sex": "F",
        "dateIssue": "1050217",
        "cancelTermination": "1",
        "emergentTel": "",
    }


async def test_register(desk):
    desk.world.insert("hc", MOTHER)
    await desk.open()
    register = await desk.ask("BasicData/Register", "hc", "01")
    assert register["newbornBirthday"] == "1150218"
    assert (register["newbornBaby"], register["treatmentCounter"]) == ("1", "4")
    assert (register["insurerCode"], register["insurerId"]) == ("01", "3")
    assert "emergentTel" not in register
    assert all(isinstance(value, str) for name, value in register.items() if name != "statusCode")
    short = await desk.ask("BasicData/Register2", "hc", "01")
    assert short == {"statusCode": 0, "cardValidity": register["cardValidity"], "treatmentCounter": "4"}


async def test_emergency_telephone(desk):
    desk.world.insert("hc", CHILD)
    await desk.open()
    assert (await desk.ask("EmergentTel/Query", "hc", "01"))["tel"] == "0200000001"
    await desk.ask("EmergentTel/Write", "hc", "02", tel="0911000000")
    assert (await desk.ask("EmergentTel/Query", "hc", "01"))["tel"] == "0911000000"
    assert (await desk.ask("BasicData/Query", "hc", "01"))["emergentTel"] == "0911000000"


async def test_card_update(desk):
    desk.world.insert("hc", EXPIRED)
    await desk.open()
    assert await desk.ask("HcContent/Update", "hc", "04") == {"statusCode": 0}
    record = desk.world.record(EXPIRED)
    assert (record.valid_until, record.counter) == ("1160310", 6)
    assert (await desk.visit())["statusCode"] == 0
    desk.world.insert("hc", CANCELLED)
    assert await desk.ask("HcContent/Update", "hc", "04") == {"statusCode": 3203}


async def test_treatments_are_newest_first_and_six(desk):
    desk.world.insert("hc", ELDER)
    await desk.open_with_doctor()
    reply = await desk.ask("Treatment/NoNeedHPC", "hc", "01")
    times = [each["treatDateTime"] for each in reply["treatments"]]
    assert len(times) == 6
    assert times == sorted(times, reverse=True)
    assert [set(each) for each in reply["criticalIllnesses"]] == [{"validityStart", "validityEnd"}] * 3
    reply = await desk.ask("Treatment/NeedHPC", "hpchc", "01", format="0")
    assert [each["treatDateTime"] for each in reply["treatments"]] == times
    assert reply["treatments"][0]["mainCode"] == "N186"
    assert reply["criticalIllnesses"][2]["ciCode"] == "H401324"
    illness = await desk.ask("CriticalIllness/Query", "hpchc", "01", format="0")
    assert illness["criticalIllnesses"] == reply["criticalIllnesses"]


async def test_format_must_be_zero(desk):
    await desk.open_with_doctor()
    signed = await desk.sign("hpchc", "01")
    reply = await desk.cloud_client.post("/api/v1/Treatment/NeedHPC", json={**signed, "format": "1"})
    assert (reply.status_code, reply.json()["field"]) == (400, "format")


async def test_write_code_and_fee(desk):
    await desk.open_with_doctor()
    key = (await desk.visit())["treatmentDateTime"]
    path, fields = "Treatment/WriteCodeFee", {"treatmentDateTime": key, **CODES, **FEES}
    assert await desk.ask(path, "hc", "02", **fields) == {"statusCode": 0}
    stored = (await desk.ask("Treatment/NoNeedHPC", "hc", "01"))["treatments"][0]
    assert (stored["outpatientFee"], stored["costFee"]) == ("1250", "50")
    coded = (await desk.ask("Treatment/NeedHPC", "hpchc", "01", format="0"))["treatments"][0]
    assert (coded["mainCode"], coded["subCode1"], coded["subCode2"]) == ("J029", "E1122", "")
    assert await desk.ask(path, "hc", "02", **fields) == {"statusCode": 3209}
    padded = {**fields, "outpatientFee": "00001250"}
    assert await desk.ask(path, "hc", "02", **padded) == {"statusCode": 3209}
    assert await desk.ask(path, "hc", "02", **{**fields, "costFee": "51"}) == {"statusCode": 0}


async def test_write_refused(desk):
    await desk.open()
    record = desk.world.record(TEN)
    for key, expected in (("1150310095959", 3208), (record.visits[1].key, 3211)):
        fields = {"treatmentDateTime": key, **CODES, **FEES}
        assert (await desk.ask("Treatment/WriteCodeFee", "hc", "02", **fields))["statusCode"] == expected
    visit = await desk.visit()
    key = visit["treatmentDateTime"]
    await desk.ask("SequelNumber/Rollback", "hc", "03", treatmentDateTime=key)
    reply = await desk.ask("Treatment/WriteFee", "hc", "02", treatmentDateTime=key, **FEES)
    assert reply == {"statusCode": 3208}


async def test_codes_and_fees_apart(desk):
    await desk.open()
    key = (await desk.visit())["treatmentDateTime"]
    code = await desk.ask("Treatment/WriteCode", "hc", "02", treatmentDateTime=key, **CODES)
    fee = await desk.ask("Treatment/WriteFee", "hc", "02", treatmentDateTime=key, **FEES)
    assert (code["statusCode"], fee["statusCode"]) == (0, 0)
    visit = desk.world.record(TEN).visits[0]
    assert (visit.codes["mainCode"], visit.fees["outpatientFee"]) == ("J029", "1250")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("mainCode", ""),
        ("mainCode", '"M7WK'),
        ("subCode5", "ABCDEFGH"),
        ("outpatientFee", ""),
        ("outpatientFee", "12 "),
        ("outpatientFee", "123456789"),
        ("inpatient180Fee", "12345678"),
        ("costFee", 50),
        ("treatmentDateTime", "1150230100000"),
    ],
)
async def test_malformed_write_fields(desk, field, value):
    await desk.open()
    body = {
        **await desk.sign("hc", "02"),
        "treatmentDateTime": "1150310100000",
        **CODES,
        **FEES,
        field: value,
    }
    reply = await desk.cloud_client.post("/api/v1/Treatment/WriteCodeFee", json=body)
    assert (reply.status_code, reply.json()["field"]) == (400, field)


async def test_prescriptions(desk):
    await desk.open_with_doctor()
    key = (await desk.visit())["treatmentDateTime"]
    orders = [ORDER, {**ORDER, "treatmentItemCode": "BC98765100", "days": "", "totalQuantity": "12345.25"}]
    fields = {"treatmentDateTime": key, "prescriptions": orders}
    written = await desk.ask("Prescription/Write", "hc", "02", **fields)
    pairs = list(zip(written["signatureItems"], written["hexSignatureItems"], strict=True))
    assert len(pairs) == 2
    assert all(base64.b64decode(plain).hex().upper() == text for plain, text in pairs)
    assert all(len(text) == 40 for _, text in pairs)
    read = (await desk.ask("Prescription/Query", "hpchc", "01"))["outpatientPrescriptions"]
    assert read[:2] == orders
    assert len(read) == 5


async def test_at_most_sixty_prescriptions_are_read(desk):
    desk.world.insert("hc", ELDER)
    await desk.open_with_doctor()
    read = (await desk.ask("Prescription/Query", "hpchc", "01"))["outpatientPrescriptions"]
    times = [each["treatmentDateTime"] for each in read]
    assert len(times) == 60
    assert times == sorted(times, reverse=True)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("totalQuantity", "12"),
        ("totalQuantity", "12.0"),
        ("totalQuantity", "123456.00"),
        ("days", "3x"),
        ("days", "100"),
        ("treatmentItem", ""),
        ("treatmentItemCode", "A" * 13),
        ("usage", "U" * 19),
        ("deliveryNotes", None),
    ],
)
async def test_malformed_prescriptions_are_named_by_their_place(desk, field, value):
    await desk.open()
    body = {
        **await desk.sign("hc", "02"),
        "treatmentDateTime": "1150310100000",
        "prescriptions": [ORDER, {**ORDER, field: value}],
    }
    reply = await desk.cloud_client.post("/api/v1/Prescription/Write", json=body)
    assert (reply.status_code, reply.json()["field"]) == (400, f"prescriptions[1].{field}")


@pytest.mark.parametrize("rows", [[], "x", [ORDER] * 61])
async def test_prescriptions_come_in_1_to_60(desk, rows):
    await desk.open()
    body = {
        **await desk.sign("hc", "02"),
        "treatmentDateTime": "1150310100000",
        "prescriptions": rows,
    }
    reply = await desk.cloud_client.post("/api/v1/Prescription/Write", json=body)
    assert (reply.status_code, reply.json()["field"]) == (400, "prescriptions")


async def test_prescriptions_of_an_unknown_visit(desk):
    await desk.open()
    fields = {"treatmentDateTime": "1150310100000", "prescriptions": [ORDER]}
    assert await desk.ask("Prescription/Write", "hc", "02", **fields) == {"statusCode": 3208}


async def test_other_orders(desk):
    desk.world.insert("hc", ELDER)
    await desk.open_with_doctor()
    long_term = (await desk.ask("Prescription/LongQuery", "hpchc", "01"))["longTermPrescriptions"]
    assert [set(row) for row in long_term] == [{"date", "drugCode", "usage", "days", "totalQuantity"}] * 2
    important = (await desk.ask("Prescription/HveQuery", "hpchc", "01"))["importantTreatments"]
    names = {"date", "hospitalId", "itemCode", "position", "totalQuantity"}
    assert [set(row) for row in important] == [names]


async def test_totals(desk):
    await desk.open()
    key = (await desk.visit())["treatmentDateTime"]
    await desk.ask("Treatment/WriteFee", "hc", "02", treatmentDateTime=key, **FEES)
    years = (await desk.ask("CumulativeData/Query", "hc", "01"))["cumulativeDatas"]
    # Visits of the cast 40 and 95 days before 2026-03-10: one this year, one in the last.
    assert [(row["year"], row["counter"], row["outpatientFee"]) for row in years] == [
        ("115", "2", "1700"),
        ("114", "1", "1250"),
    ]
    assert (years[0]["costFee"], years[0]["totalFee"], years[0]["total30Fee"]) == ("200", "200", "200")
    total = await desk.ask("CumulativeFee/Query", "hc", "01")
    assert (total["outpatientFee"], total["inpatientFee"]) == ("2950", "0")


async def test_allergies(desk):
    await desk.open_with_doctor()
    read = "AllergicMedicines/Query"
    assert (await desk.ask(read, "hpchc", "01"))["allergicMedicines"] == [{"name": "PENICILLIN"}]
    await desk.ask("AllergicMedicines/WriteByIndex", "hpchc", "02", index="3", name="IODINE")
    names = (await desk.ask(read, "hpchc", "01"))["allergicMedicines"]
    assert names == [{"name": "PENICILLIN"}, {"name": "IODINE"}]
    three = ["A", "B", ""]
    await desk.ask("AllergicMedicines/Write", "hpchc", "02", allergicMedicines=three)
    assert desk.world.record(TEN).allergic_medicines == three
    body = {**await desk.sign("hpchc", "02"), "allergicMedicines": ["A"]}
    reply = await desk.cloud_client.post("/api/v1/AllergicMedicines/Write", json=body)
    assert (reply.status_code, reply.json()["field"]) == (400, "allergicMedicines")


async def test_prenatal_checkups(desk):
    desk.world.insert("hc", PREGNANT)
    await desk.open()
    assert (await desk.ask("PregnantData/Write", "hc", "02", itemCode="43"))["statusCode"] == 0
    rows = (await desk.ask("PregnantData/Query", "hc", "01"))["pregnantDatas"]
    assert [row["itemCode"] for row in rows] == ["43", "42", "41"]
    assert rows[0] == {"itemCode": "43", "date": "1150310", "hospitalId": "3501200000"}
    await desk.ask("PregnantData/Delete", "hc", "02")
    assert (await desk.ask("PregnantData/Query", "hc", "01"))["pregnantDatas"] == []
    desk.world.insert("hc", CHILD)
    assert await desk.ask("PregnantData/Query", "hc", "01") == {"statusCode": 3216}


async def test_preventive_care_needs_an_ac_visit(desk):
    desk.world.insert("hc", CHILD)
    await desk.open()
    fields = {"serviceItem": "01", "serviceItemCode": "13"}
    assert await desk.ask("PreventData/Write", "hc", "02", **fields) == {"statusCode": 3214}
    await desk.visit("AC")
    assert await desk.ask("PreventData/Write", "hc", "02", **fields) == {"statusCode": 0}
    rows = (await desk.ask("PreventData/Query", "hc", "01"))["preventDatas"]
    assert [row["itemCode"] for row in rows] == ["13", "12"]


async def test_vaccinations_newborn_organs_insurance(desk):
    await desk.open()
    await desk.ask("Inoculate/Write", "hc", "02", item="HBV", packageNumber="TEST0009")
    rows = (await desk.ask("Inoculate/Query", "hc", "01"))["inoculates"]
    assert [row["item"] for row in rows] == ["HBV", "FLU"]
    await desk.ask("NewBorn/Write", "hc", "02", birthday="1150301", baby="2")
    register = await desk.ask("BasicData/Register", "hc", "01")
    assert (register["newbornBirthday"], register["newbornBaby"]) == ("1150301", "2")
    assert (await desk.ask("OrganDonate/Query", "hc", "01"))["organDonate"] == "A"
    assert await desk.ask("Insurance/Quick", "hc", "01") == {"statusCode": 0}
    desk.world.insert("hc", "000099990011")
    assert await desk.ask("Insurance/Quick", "hc", "01") == {"statusCode": 3230}


async def test_icd(desk):
    await desk.open()
    assert (await desk.ask("Icd/Encode", "sam", "01", icd="G44201"))["icd"] == '"M7WK'
    assert (await desk.ask("Icd/Decode", "sam", "01", icd="%}3S4"))["icd"] == "O320xx5"
    assert await desk.ask("Icd/Encode", "sam", "01", icd="J029") == {"statusCode": 3501}


async def test_upload(desk):
    await desk.open()
    content = base64.b64encode(b"<RECS/>").decode()
    fields = {"fileName": "A.XML", "fileSize": "7", "count": "1", "content": content}
    receipt = await desk.ask("UploadData/Upload", "sam", "30", **fields)
    assert receipt == {
        "statusCode": 0,
        "samId": "001000000103",
        "hospitalId": "3501200000",
        "uploadDateTime": "20260310100000",
        "receiveDateTime": "20260310100001",
    }
    assert await desk.ask("UploadData/Upload", "sam", "30", **fields) == {"statusCode": 3236}
    signed = await desk.sign("sam", "30")
    wrong = await desk.cloud_client.post(
        "/api/v1/UploadData/Upload", json={**signed, **fields, "fileSize": "8"}
    )
    assert (wrong.status_code, wrong.json()["field"]) == (400, "fileSize")


async def test_telemedicine(desk):
    await desk.open()
    assert await desk.ask("TeleMedicine/RequestToken", "sam", "01", patientId="Z100000000") == {
        "statusCode": 3241
    }
    asked = await desk.ask("TeleMedicine/RequestToken", "sam", "01", patientId="Z199999016")
    answer = {"accessToken": asked["accessToken"]}
    for consent, expected in (("pending", 3239), ("no", 3240)):
        desk.world.change_switches({"telemedicine_consent": consent})
        reply = await desk.ask("TeleMedicine/ResponseToken", "sam", "01", **answer)
        assert reply == {"statusCode": expected}
    desk.world.change_switches({"telemedicine_consent": "yes"})
    token = (await desk.ask("TeleMedicine/ResponseToken", "sam", "01", **answer))["virtualCardToken"]
    read = await desk.console("POST", "/api/hc/v1/VirtualHc/ReadBasic", {"token": token})
    assert read["cardId"] == CHILD
    unknown = await desk.ask("TeleMedicine/ResponseToken", "sam", "01", accessToken="x")
    assert unknown == {"statusCode": 3237}
    desk.world.clock.shift(1801)
    late = await desk.ask("TeleMedicine/ResponseToken", "sam", "01", **answer)
    assert late == {"statusCode": 3238}
