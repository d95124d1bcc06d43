"""One sensible call of every exported function, against the demo card with the doctor's PIN verified.

Written by hand: a function that is missing here fails the suite.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from tests.support.legacy_routes import Value
from tests.support.prototypes import UNSUPPORTED
from tests.support.visit_steps import DEMO_CARD, Visit, both_prescriptions, diagnoses, fees, prescription

HOSPITAL = b"3501200000"
NOTHING_TO_DISABLE = 5111
NOT_OFFERED = -2
SECOND_OF_THE_DAY = 5010
UPLOAD_NAME = "upload.xml"
UPLOAD = b"<RECS><REC>1</REC></RECS>"


# What each build calls itself, and what the console's file is called where there is no library between.
FILE_NAMES = (b"libcshis.so", b"libcshis-embedded.so", b"cshis.dll", b"ciet6001s01.exe")


@dataclass(frozen=True)
class Case:
    """Arguments, the codes that are right, and per out-argument its length in bytes, its very value, or the
    values that it may have.
    """

    given: dict[str, Value] = field(default_factory=dict)
    codes: tuple[int, ...] = (0,)
    outputs: dict[str, int | bytes | tuple[bytes, ...]] = field(default_factory=dict)
    results: dict[str, int] = field(default_factory=dict)


def read(width: int, **further: Value) -> Case:
    """A function that fills pBuffer with ``width`` bytes; the buffer has exactly these."""
    return Case({**further, "pBuffer": width}, outputs={"pBuffer": width})


def refused(**given: Value) -> Case:
    """A function that control software 6.0 does not offer."""
    return Case(given, codes=(NOT_OFFERED,))


def cases(visit: Visit, folder: Path) -> dict[str, Case]:
    """The calls by function; ``visit``: one whose number was taken, ``folder``: for the file to upload."""
    return {
        **_reads(),
        **_positions(),
        **_session(),
        **_numbers(visit),
        **_writes(visit),
        **_practitioner(),
        **_uploads(folder),
        **_vpn(),
        **_dropped(visit),
    }


def _reads() -> dict[str, Case]:
    return {
        "hisGetBasicData": read(72),
        "hisGetRegisterBasic": read(78),
        "hisGetRegisterBasic2": read(9),
        "hisGetRegisterPrevent": read(126),
        "hisGetRegisterPregnant": read(209),
        "hisGetTreatmentNoNeedHPC": read(498),
        "hisGetTreatmentNeedHPC": read(372),
        "hisGetCumulativeData": read(134),
        "hisGetCumulativeFee": read(20),
        "hisGetInoculateData": read(1400),
        "hisGetOrganDonate": read(1),
        "hisGetEmergentTel": read(14),
        "hisGetLastSeqNum": read(7),
        "hisGetCriticalIllness": read(114),
        "hisGetCriticalIllnessID": read(114, pPatientID=b"Z299999929", pPatientBirthDate=b"0920315"),
        "hisQuickInsurance": Case(),
    }


def _positions() -> dict[str, Case]:
    def case(buffer: str, width: int, there: int) -> Case:
        given: dict[str, Value] = {buffer: 2 * width, "iStartPos": 1, "iEndPos": 2}
        return Case(given, outputs={buffer: 2 * width}, results={"iRecCount": there})

    widths = {
        "pOutpatientPrescription": 3660,
        "pLongTermPrescription": 1320,
        "pImportantTreatmentCode": 360,
        "pIrritationDrug": 120,
    }
    return {
        "hisReadPrescription": Case(dict(widths), outputs=dict(widths)),
        "hisReadPrescriptMain": case("pOutpatientPrescription", 61, 2),
        "hisReadPrescriptLongTerm": case("pLongTermPrescription", 44, 0),
        "hisReadPrescriptHVE": case("pImportantTreatmentCode", 36, 0),
        "hisReadPrescriptAllergic": case("pIrritationDrug", 40, 1),
    }


def _session() -> dict[str, Case]:
    return {
        "csOpenCom": Case({"pComNum": 0}),
        "csCloseCom": Case(),
        "csVerifySAMDC": Case(),
        "csSoftwareReset": Case({"Device": 0}),
        "csUpdateHCContents": Case(),
        "csUpdateHCNoReset": Case(),
        "csVerifyHCPIN": Case(),  # the demo card has none
        "csInputHCPIN": Case(),
        "csDisableHCPIN": Case(codes=(NOTHING_TO_DISABLE,)),
        "csISSetPIN": Case(codes=(0,)),
        "hisGetCardStatus": Case({"CardType": 2}, codes=(3,)),
        "csGetCardNo": Case({"CardType": 2, "pBuffer": 12}, outputs={"pBuffer": DEMO_CARD.encode()}),
        "csGetDateTime": read(13),
        "csGetHospID": Case({"pBuffer": 10}, outputs={"pBuffer": HOSPITAL}),
        "csGetHospName": Case({"pBuffer": 40}, outputs={"pBuffer": "臺北虛擬診所".encode("cp950")}),
        "csGetHospAbbName": Case({"pBuffer": 40}, outputs={"pBuffer": "臺北虛擬診".encode("cp950")}),
        "csGetVersion": Case(codes=(60,)),
        "csGetVersionEx": Case(codes=(6000,), outputs={"sPath": FILE_NAMES}),
        "hisGetICD10EnC": Case({"pIN": b"G44201"}, outputs={"pOUT": b'"M7WK'}),
        "hisGetICD10DeC": Case({"pIN": b'"M7WK'}, outputs={"pOUT": b"G44201"}),
    }


def _numbers(visit: Visit) -> dict[str, Case]:
    asked: dict[str, Value] = {"cTreatItem": b"01", "cBabyTreat": b" "}
    checked: dict[str, Value] = {**asked, "cTreatAfterCheck": b"1"}
    again = (SECOND_OF_THE_DAY,)
    return {
        "hisGetSeqNumber": Case({**asked, "pBuffer": 167}, again, {"pBuffer": 167}),
        "hisGetSeqNumber256": Case({**checked, "pBuffer": 296}, again, {"pBuffer": 296}),
        "hisGetSeqNumber256N1": Case({**checked, "pBuffer": 316}, again, {"pBuffer": 316}),
        "csUnGetSeqNumber": Case({"pUnTreatDate": visit.time}),
        "hisGetTreatNumNoICCard": read(43, pPatientID=visit.id_no, pHospID=HOSPITAL),
        "hisGetTreatNumICCard": read(20, pDateTime=visit.time),
    }


def _writes(visit: Visit) -> dict[str, Case]:
    person: dict[str, Value] = {"pPatientID": visit.id_no, "pPatientBirthDate": visit.birthday}
    timed: dict[str, Value] = {"pDateTime": visit.time, **person}
    doctor: dict[str, int | bytes] = {"pBufferDocID": b"C123456789"}
    codes, money = diagnoses("J029", "R509"), fees(450, 150)
    one = prescription(visit.time, "AC44444100", "TIDPC", 3, 900)
    two: dict[str, Value] = {**timed, "pDataWrite": both_prescriptions(visit.time), "iWriteCount": 2}
    return {
        "hisWriteTreatmentCode": Case({**timed, "pDataWrite": codes}, outputs=doctor),
        "hisWriteTreatmentFee": Case({**timed, "pDataWrite": money}),
        "hisWriteTreatmentData": Case({**timed, "pDataWrite": codes + money}, outputs=doctor),
        "hisWritePrescription": Case({**timed, "pDataWrite": one}),
        "hisWritePrescriptionSign": Case(
            {**timed, "pDataWrite": one, "pBuffer": 40}, outputs={"pBuffer": 40}
        ),
        "hisWriteMultiPrescript": Case(two),
        "hisWriteMultiPrescriptSign": Case({**two, "pBuffer": 80}, outputs={"pBuffer": 80}),
        "hisWriteNewBorn": Case({**person, "pNewBornDate": b"1141001", "pNoOfDelivered": b"1"}),
        "hisWriteAllergicMedicines": Case({**person, "pDataWrite": b"LATEX".ljust(120)}, outputs=doctor),
        "hisWriteAllergicNum": Case({**person, "pDataWrite": b"LATEX".ljust(40), "iNum": 3}, outputs=doctor),
        "hisWriteHealthInsurance": Case({**person, "pServiceItem": b"02", "pServiceItemCode": b"21"}),
        "hisWriteEmergentTel": Case({**person, "pEmergentTel": b"0912345678"}),
        "hisWritePredeliveryCheckup": Case({**person, "pCheckupCode": b"41"}),
        "hisDeletePredeliveryData": Case(person),
        "hisWriteInoculateData": Case({**person, "pItem": b"FLU", "pPackageNumber": b"TEST0009"}),
    }


def _practitioner() -> dict[str, Case]:
    return {
        "hpcGetHPCStatus": Case({"Req": 1}, results={"Status": 1}),
        "hpcGetHPCSN": Case({"SN": 20}, outputs={"SN": b"000000329470"}),
        "hpcGetHPCSSN": Case({"SSN": 20}, outputs={"SSN": b"C123456789"}),
        "hpcGetHPCCNAME": Case({"CNAME": 20}, outputs={"CNAME": "測試醫師".encode("cp950")}),
        "hpcGetHPCENAME": Case({"ENAME": 20}, outputs={"ENAME": b""}),
        "hpcVerifyHPCPIN": Case(),
        "hpcInputHPCPIN": Case(),
        "hpcUnlockHPC": Case(),
        "hpcVHPCLogout": Case(),
        "hisGetHPCType": Case(codes=(1,)),
    }


def _uploads(folder: Path) -> dict[str, Case]:
    file = folder / UPLOAD_NAME
    file.write_bytes(UPLOAD)
    common: dict[str, Value] = {"pUploadFileName": str(file).encode("cp950"), "pNumber": b"1", "pBuffer": 50}
    size = str(len(UPLOAD)).encode()
    return {
        "csUploadData": Case({**common, "fFileSize": size}, outputs={"pBuffer": 50}),
        "csUploadDataPrec": Case({**common, "pFileSize": size, "pPrecNumber": b"1"}, outputs={"pBuffer": 50}),
    }


def _vpn() -> dict[str, Case]:
    sign: dict[str, Value] = {
        "pRandom": b"AAAAAAAAAAA=",
        "CardType": 3,
        "pServiceCode": b"30",
        "pBuffer": 512,
    }
    return {  # base64 of 8 bytes and of 256
        "VPNGetRandom": Case({"pBuffer": 20}, outputs={"pBuffer": 12}),
        "VPNH_Sign": Case(sign, outputs={"pBuffer": 344}),
    }


def _dropped(visit: Visit) -> dict[str, Case]:
    silent = UNSUPPORTED - {"hisWriteOrganDonate"}
    person: dict[str, Value] = {"pPatientID": visit.id_no, "pPatientBirthDate": visit.birthday}
    return {
        **{name: refused() for name in silent},
        "hisWriteOrganDonate": refused(**person, pOrganDonate=b"A"),
    }
