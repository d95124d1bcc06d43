"""Bodies and replies as the samples of seed 001 show them, shortened: what the console says of itself."""

from __future__ import annotations

from typing import Any

_DONE = {"statusCode": 0}
_SERVICE = {"serviceType": "01"}
_SAM_SIGNED = {
    "signature": "xJBFuN3Nc...", "clientRandom": "FTfaaIyV4j4=", "samId": "901000000047",
    "hospitalId": "7777777777", "serviceType": "01", "statusCode": 0,
}  # fmt: skip
_HPC_SIGNED = {**_SAM_SIGNED, "hpcId": "100000291508", "hpcIdNo": "E123456789"}
_HC_SIGNED = {**_SAM_SIGNED, "hcId": "900012345674", "hcIdNo": "Z12345678A"}
_PERSON = {
    "cardId": "900000000711", "name": "測試資料", "idNo": "R88855084A", "birthday": "0741201", "sex": "F",
    "dateIssue": "1070101", "identityStatus": "3", "statusCode": 0,
}  # fmt: skip
_MOBILE = {
    "idNo": "R88855084A", "birthday": "1970-05-28", "cName": "測試資料", "eName": "",
    "hospitalId": "7777777777", "medId": "F", "loginDateTime": "2024-05-28T08:44:41Z",
    "signatureCertificate": "gBq2wGFhd5pn...", "signature": "MIIE4zCCA8ug...",
}  # fmt: skip
_CARD = {"status": 0, "type": 0, "expireTime": "string"}
_STATUS = {
    "hc": {**_CARD, "hasPin": True, "verifiedPin": True}, "hpc": _CARD, "initialized": True,
    "name": "string", "readerName": "string", "sam": _CARD,
}  # fmt: skip
_SAM = {
    "samId": "901000000047", "hospitalId": "7777777777", "hospitalName": "測試機構",
    "hospitalShortName": "測試機構",
}  # fmt: skip
_CALL = {
    "url": "/api/settings/v1/Cors/Get", "uuid": "52b07bd4-c879-9304-0b16-e07e1be10172",
    "timestamp": "2024-05-23T15:38:00.2514272+08:00", "statusCode": 0,
}  # fmt: skip
_READER = {"readerName": "Generic EMV Smartcard Reader 0"}
_VERSION = {
    "fileVersion": "1.2.0.1", "shortVersion": "60", "longVersion": "6000",
    "location": "C:\\Program Files (x86)\\nhi\\cshis6\\ciet6001s01.exe", "statusCode": 0,
}  # fmt: skip
_PRACTITIONER = {
    "cardId": "100000291508", "idNo": "E123456789", "cName": "測試人員4", "eName": "",
    "birthday": "1979-01-01", "statusCode": 0,
}  # fmt: skip

# By "METHOD /path": body of the request (None: it has none), and the reply (None: nothing comes back).
SAMPLES: dict[str, tuple[dict[str, Any] | None, Any]] = {
    "GET /api/common/v1/Status": (None, {"statusCode": 0, "status": _STATUS}),
    "POST /api/common/v1/Initial": ({"name": "COM3"}, _DONE),
    "POST /api/common/v1/Finalize": (None, _DONE),
    "GET /api/common/v1/Name": (None, {"statusCode": 0, "names": ["001000000000", "COM5"]}),
    "GET /api/common/v1/Record": (None, [_CALL]),
    "DELETE /api/common/v1/Record": (None, None),
    "GET /api/common/v1/ServerDateTime": (None, {"statusCode": 0, "serverDateTime": "1130101123456"}),
    "GET /api/common/v1/Version": (None, _VERSION),
    "GET /api/sam/v1/Basic": (None, {**_SAM, "statusCode": 0}),
    "POST /api/sam/v1/Verification": (None, _DONE),
    "DELETE /api/sam/v1/Logout": (None, _DONE),
    "POST /api/sam/v1/Signature": (_SERVICE, _SAM_SIGNED),
    "GET /api/hpc/v1/Basic": (None, _PRACTITIONER),
    "DELETE /api/hpc/v1/Logout": (None, _DONE),
    "POST /api/hpc/v1/Pin": ({"newPin": "000000"}, _DONE),
    "PUT /api/hpc/v1/Pin": ({"puk": "12345678", "newPin": "000000"}, _DONE),
    "POST /api/hpc/v1/Signature": (_SERVICE, _HPC_SIGNED),
    "POST /api/hpc/v1/Verification/MobiliHca": (_MOBILE, _DONE),
    "POST /api/hpc/v1/Verification/MobileHca": (_MOBILE, _DONE),
    "POST /api/hpc/v1/Verification/Hpc": ({"pin": "000000"}, _DONE),
    "GET /api/hc/v1/Basic": (None, _PERSON),
    "DELETE /api/hc/v1/Logout": (None, _DONE),
    "GET /api/hc/v1/Pin": (None, {"statusCode": 0, "hasPin": True}),
    "POST /api/hc/v1/Pin": ({"pin": "000000"}, _DONE),
    "PUT /api/hc/v1/Pin": ({"newPin": "000000"}, _DONE),
    "DELETE /api/hc/v1/Pin": (None, _DONE),
    "POST /api/hc/v1/Signature/Hc": (_SERVICE, _HC_SIGNED),
    "POST /api/hc/v1/Signature/HpcHc": (_SERVICE, {**_HPC_SIGNED, **_HC_SIGNED}),
    "POST /api/hc/v1/Verification/VirtualHc": ({"token": "Azer#4==.KedzE4==.Vdkeid=="}, _DONE),
    "POST /api/hc/v1/VirtualHc/ReadBasic": ({"token": "Azer#4==.KedzE4==.Vdkeid=="}, _PERSON),
    "POST /api/hc/v1/VirtualHc/Export": ({}, {"statusCode": 0, "transferToken": "AA==.Aa=="}),
    "POST /api/hc/v1/VirtualHc/Import": ({"transferToken": "AA==.Aa=="}, _DONE),
    "POST /api/hc/v1/RealHc/Update": ({}, _DONE),
    "GET /api/settings/v1/PcscReader/Readers": (None, {"statusCode": 0, "readers": [_READER["readerName"]]}),
    "POST /api/settings/v1/PcscReader/AutoDetected": (None, {**_READER, "statusCode": 0}),
    "GET /api/settings/v1/PcscReader/Default": (None, {**_READER, "statusCode": 0}),
    "POST /api/settings/v1/PcscReader/Default": (_READER, _DONE),
    "DELETE /api/settings/v1/PcscReader/Default": (None, _DONE),
    "GET /api/settings/v1/CloudSam": (None, {"statusCode": 0, "sams": ["901000000000"]}),
    "POST /api/settings/v1/CloudSam": (
        {"samId": "901000000000", "hospitalId": "7777777777", "cloudSamContext": "Acdefgeg..."},
        {"statusCode": 0, "sam": {**_SAM, "comport": "COM3"}},
    ),
    "DELETE /api/settings/v1/CloudSam/{id}": (None, _DONE),
    "GET /api/settings/v1/Cors": (None, {"statusCode": 0, "cors": ["localhost", "www.nhi.gov.tw"]}),
    "POST /api/settings/v1/Cors": ({"allowHost": "medvpn.nhi.gov.tw"}, _DONE),
    "DELETE /api/settings/v1/Cors/{id}": (None, _DONE),
}
