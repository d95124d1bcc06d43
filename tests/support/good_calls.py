"""A good call of every function that is exported and served, for the demo card of the simulator."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bridge.calls.call import Argument, File, OutBuffer
from bridge.sim.clock import roc_datetime
from bridge.sim.records import Visit
from bridge.sim.world import World
from tests.support.stage import DEMO, HERE, person

Arguments = dict[str, Argument]
MakeArguments = Callable[[World], Arguments]
FEES = b"00001250000000500000000000000000000000"


def buffer(width: int) -> MakeArguments:
    """One record of so many bytes."""
    return lambda world: {"pBuffer": OutBuffer(width)}


def nothing(world: World) -> Arguments:
    """No argument at all."""
    return {}


def position(name: str, width: int, start: int, end: int) -> MakeArguments:
    """A range of positions of one record."""
    return lambda world: {name: OutBuffer(width), "iStartPos": start, "iEndPos": end}


def old_visit(world: World) -> bytes:
    """Date and time of a visit of the demo card in this hospital, 40 days ago."""
    return next(visit for visit in world.record(DEMO).visits if visit.hospital_id == HERE).key.encode()


def new_visit(world: World, **changed: object) -> bytes:
    """A numeric visit of this minute, put into the cloud's record of the demo card."""
    visit = Visit("01", world.clock.now().replace(microsecond=0), HERE, "W777", "V" * 20)
    for name, value in changed.items():
        setattr(visit, name, value)
    world.record(DEMO).add_visit(visit)
    return roc_datetime(visit.at).encode()


def write(**more: Argument) -> MakeArguments:
    """A write for the demo card's holder."""
    return lambda world: {**person(world, DEMO), **more}


def visit_write(**more: Argument) -> MakeArguments:
    """A write about a visit of the demo card's holder."""
    return lambda world: {"pDateTime": old_visit(world), **person(world, DEMO), **more}


def order(at: bytes, code: bytes = b"AC12345100", days: bytes = b"03", quantity: bytes = b"0000900") -> bytes:
    """One order of 61 bytes."""
    return at + b"1" + code.ljust(12) + b" " * 6 + b"TIDPC".ljust(18) + days + quantity + b"01"


def orders(count: int, **more: Argument) -> MakeArguments:
    """A write of so many orders."""
    return lambda world: {
        **visit_write(**more)(world),
        "pDataWrite": b"".join(order(old_visit(world)) for _ in range(count)),
    }


def seq(width: int, after_check: bool = True) -> MakeArguments:
    """Taking a visit number."""
    check: Arguments = {"cTreatAfterCheck": b"1"} if after_check else {}
    return lambda world: {"cTreatItem": b"01", "cBabyTreat": b" ", **check, "pBuffer": OutBuffer(width)}


def upload(size: str = "fFileSize", **more: Argument) -> MakeArguments:
    """An upload of three bytes."""
    file = File(b"C:\\his\\a.xml", b"abc")
    return lambda world: {
        "pUploadFileName": file,
        size: b"3",
        "pNumber": b"1",
        **more,
        "pBuffer": OutBuffer(50),
    }


GOOD: Mapping[str, MakeArguments] = {
    "csOpenCom": lambda world: {"pComNum": 0},
    "csCloseCom": nothing,
    "csGetVersion": nothing,
    "csGetVersionEx": lambda world: {"sPath": OutBuffer(128)},
    "csGetDateTime": buffer(13),
    "csGetCardNo": lambda world: {"CardType": 2, "pBuffer": OutBuffer(12)},
    "csISSetPIN": nothing,
    "csSoftwareReset": lambda world: {"Device": 0},
    "csVerifySAMDC": nothing,
    "csGetHospID": buffer(10),
    "csGetHospName": buffer(40),
    "csGetHospAbbName": buffer(40),
    "hisGetCardStatus": lambda world: {"CardType": 2},
    "csVerifyHCPIN": nothing,
    "csInputHCPIN": nothing,
    "csDisableHCPIN": nothing,
    "hpcGetHPCStatus": lambda world: {"Req": 1},
    "hpcVerifyHPCPIN": nothing,
    "hpcInputHPCPIN": nothing,
    "hpcUnlockHPC": nothing,
    "hpcGetHPCSN": lambda world: {"SN": OutBuffer(20)},
    "hpcGetHPCSSN": lambda world: {"SSN": OutBuffer(20)},
    "hpcGetHPCCNAME": lambda world: {"CNAME": OutBuffer(40)},
    "hpcGetHPCENAME": lambda world: {"ENAME": OutBuffer(40)},
    "hpcVHPCLogout": nothing,
    "hisGetHPCType": nothing,
    "hisGetBasicData": buffer(72),
    "hisGetRegisterBasic": buffer(78),
    "hisGetRegisterBasic2": buffer(9),
    "hisGetRegisterPrevent": buffer(126),
    "hisGetRegisterPregnant": buffer(209),
    "hisGetTreatmentNoNeedHPC": buffer(498),
    "hisGetTreatmentNeedHPC": buffer(372),
    "hisGetCumulativeData": buffer(134),
    "hisGetCumulativeFee": buffer(20),
    "hisReadPrescription": lambda world: {
        "pOutpatientPrescription": OutBuffer(3660),
        "pLongTermPrescription": OutBuffer(1320),
        "pImportantTreatmentCode": OutBuffer(360),
        "pIrritationDrug": OutBuffer(120),
    },
    "hisReadPrescriptMain": position("pOutpatientPrescription", 3660, 1, 60),
    "hisReadPrescriptLongTerm": position("pLongTermPrescription", 1320, 1, 30),
    "hisReadPrescriptHVE": position("pImportantTreatmentCode", 360, 1, 10),
    "hisReadPrescriptAllergic": position("pIrritationDrug", 120, 1, 3),
    "hisGetInoculateData": buffer(1400),
    "hisGetOrganDonate": buffer(1),
    "hisGetEmergentTel": buffer(14),
    "hisGetLastSeqNum": buffer(7),
    "hisGetCriticalIllness": buffer(114),
    "hisGetCriticalIllnessID": lambda world: {**person(world, DEMO), "pBuffer": OutBuffer(114)},
    "hisQuickInsurance": nothing,
    "hisGetSeqNumber": seq(167, after_check=False),
    "hisGetSeqNumber256": seq(296),
    "hisGetSeqNumber256N1": seq(316),
    "hisGetTreatNumNoICCard": lambda world: {
        "pPatientID": b"Z299999929",
        "pHospID": HERE.encode(),
        "pBuffer": OutBuffer(43),
    },
    "hisGetTreatNumICCard": lambda world: {"pDateTime": old_visit(world), "pBuffer": OutBuffer(20)},
    "csUnGetSeqNumber": lambda world: {"pUnTreatDate": new_visit(world)},
    "csUpdateHCContents": nothing,
    "csUpdateHCNoReset": nothing,
    "hisWriteTreatmentCode": visit_write(
        pDataWrite=b"1" + b"J029 K0253" + b" " * 20, pBufferDocID=OutBuffer(10)
    ),
    "hisWriteTreatmentFee": visit_write(pDataWrite=FEES),
    "hisWriteTreatmentData": visit_write(
        pDataWrite=b"1" + b"J029 K0253" + b" " * 20 + FEES, pBufferDocID=OutBuffer(10)
    ),
    "hisWritePrescription": orders(1),
    "hisWriteMultiPrescript": orders(2, iWriteCount=2),
    "hisWritePrescriptionSign": orders(1, pBuffer=OutBuffer(40)),
    "hisWriteMultiPrescriptSign": orders(3, iWriteCount=3, pBuffer=OutBuffer(120)),
    "hisWriteNewBorn": write(pNewBornDate=b"1121101", pNoOfDelivered=b"1"),
    "hisWriteAllergicMedicines": write(pDataWrite=b"IODINE".ljust(120), pBufferDocID=OutBuffer(10)),
    "hisWriteAllergicNum": write(pDataWrite=b"IODINE".ljust(40), pBufferDocID=OutBuffer(10), iNum=2),
    "hisWriteHealthInsurance": write(pServiceItem=b"02", pServiceItemCode=b"21"),
    "hisWriteEmergentTel": write(pEmergentTel=b"0212345678"),
    "hisWritePredeliveryCheckup": write(pCheckupCode=b"43"),
    "hisDeletePredeliveryData": write(),
    "hisWriteInoculateData": write(pItem=b"FLU", pPackageNumber=b"TEST0009"),
    "csUploadData": upload(),
    "csUploadDataPrec": upload("pFileSize", pPrecNumber=b"2"),
    "VPNGetRandom": buffer(20),
    "VPNH_Sign": lambda world: {
        "pRandom": b"QUJDREVGR0g=",
        "CardType": 3,
        "pServiceCode": b"30",
        "pBuffer": OutBuffer(512),
    },
    "hisGetICD10EnC": lambda world: {"pIN": b"G44201", "pOUT": OutBuffer(6)},
    "hisGetICD10DeC": lambda world: {"pIN": b"#:5BK", "pOUT": OutBuffer(8)},
}
