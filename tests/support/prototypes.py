"""The functions as the official header and the manual declare them, written by hand: not from the table.

in   char *   a string or data block that the caller gives
out  char *   a buffer; the ``len`` behind it holds its capacity, then the bytes written
len  short *  belongs to the ``out`` before it
text char *   an out-string without a stated capacity; the number is the bytes that may be written
num           a number by value (int or short: a machine word either way)
cnt  short *  a number that the caller gives by its address
res  short *  a 16-bit result
size char *   digits that the caller gives and that may be written back
word          unused: a function that 6.0 dropped, or a prototype that nobody has published
"""

from __future__ import annotations

from dataclasses import dataclass

READ = "out pBuffer, len iBufferLen"
PERSON = "in pPatientID, in pPatientBirthDate"
WRITE = f"in pDateTime, {PERSON}, in pDataWrite"
RANGE = "num iStartPos, num iEndPos, res iRecCount"
NUMBER_256 = f"in cTreatItem, in cBabyTreat, in cTreatAfterCheck, {READ}"
DOCTOR_ID = "text:10 pBufferDocID"  # the manual says 11, a real client offers 10

DECLARED = {
    "hisGetBasicData": READ,
    "hisGetRegisterBasic": READ,
    "hisGetRegisterPrevent": READ,
    "hisGetRegisterPregnant": READ,
    "hisGetTreatmentNoNeedHPC": READ,
    "hisGetCumulativeData": READ,
    "hisGetCumulativeFee": READ,
    "hisGetTreatmentNeedHPC": READ,
    "hisGetSeqNumber": f"in cTreatItem, in cBabyTreat, {READ}",
    "hisReadPrescription": "out pOutpatientPrescription, len iBufferLenOutpatient, "
    "out pLongTermPrescription, len iBufferLenLongTerm, out pImportantTreatmentCode, "
    "len iBufferLenImportant, out pIrritationDrug, len iBufferLenIrritation",
    "hisGetInoculateData": READ,
    "hisGetOrganDonate": READ,
    "hisGetEmergentTel": READ,
    "hisGetLastSeqNum": READ,
    "hisGetCardStatus": "num CardType",
    "hisWriteTreatmentCode": f"{WRITE}, {DOCTOR_ID}",
    "hisWriteTreatmentFee": WRITE,
    "hisWritePrescription": WRITE,
    "hisWriteNewBorn": f"{PERSON}, in pNewBornDate, in pNoOfDelivered",
    "hisWriteAllergicMedicines": f"{PERSON}, in pDataWrite, {DOCTOR_ID}",
    "hisWriteOrganDonate": f"{PERSON}, in pOrganDonate",
    "hisWriteHealthInsurance": f"{PERSON}, in pServiceItem, in pServiceItemCode",
    "hisWriteEmergentTel": f"{PERSON}, in pEmergentTel",
    "hisWritePredeliveryCheckup": f"{PERSON}, in pCheckupCode",
    "hisDeletePredeliveryData": PERSON,
    "hisWriteInoculateData": f"{PERSON}, in pItem, in pPackageNumber",
    "csVerifyHCPIN": "",
    "csInputHCPIN": "",
    "csDisableHCPIN": "",
    "csUpdateHCContents": "",
    "csOpenCom": "num pComNum",
    "csCloseCom": "",
    "hisGetCriticalIllness": READ,
    "csGetDateTime": READ,
    "csGetCardNo": f"num CardType, {READ}",
    "csISSetPIN": "",
    "hisGetSeqNumber256": NUMBER_256,
    "hisGetRegisterBasic2": READ,
    "csUnGetSeqNumber": "in pUnTreatDate",
    "csUpdateHCNoReset": "",
    "hisReadPrescriptMain": f"out pOutpatientPrescription, len iBufferLenOutpatient, {RANGE}",
    "hisReadPrescriptLongTerm": f"out pLongTermPrescription, len iBufferLenLongTerm, {RANGE}",
    "hisReadPrescriptHVE": f"out pImportantTreatmentCode, len iBufferLenImportant, {RANGE}",
    "hisReadPrescriptAllergic": f"out pIrritationDrug, len iBufferLenIrritation, {RANGE}",
    "hisWriteMultiPrescript": f"{WRITE}, cnt iWriteCount",
    "hisWriteAllergicNum": f"{PERSON}, in pDataWrite, {DOCTOR_ID}, num iNum",
    "hisWriteTreatmentData": f"{WRITE}, {DOCTOR_ID}",
    "hisWritePrescriptionSign": f"{WRITE}, out pBuffer, len iLen",
    "hisWriteMultiPrescriptSign": f"{WRITE}, cnt iWriteCount, out pBuffer, len iLen",
    "hisGetCriticalIllnessID": f"{PERSON}, {READ}",
    "csGetVersionEx": "text:24 sPath",
    "csSoftwareReset": "num Device",
    "hisGetSeqNumber256N1": NUMBER_256,
    "hisGetTreatNumNoICCard": f"in pPatientID, in pHospID, {READ}",
    "hisQuickInsurance": "word pBuffer, word iBufferLen",
    "hisGetTreatNumICCard": f"in pDateTime, {READ}",
    "csVerifySAMDC": "",
    "csGetHospID": READ,
    "csGetHospName": READ,
    "csGetHospAbbName": READ,
    "csUploadData": f"in pUploadFileName, size:10 fFileSize, size:10 pNumber, {READ}",
    "csUploadDataPrec": f"in pUploadFileName, size:10 pFileSize, size:10 pNumber, size:10 pPrecNumber, "
    f"{READ}",
    "hpcGetHPCStatus": "num Req, res Status",
    "hpcVerifyHPCPIN": "",
    "hpcInputHPCPIN": "",
    "hpcUnlockHPC": "",
    "hpcGetHPCSN": "out SN, len Len_SN",
    "hpcGetHPCSSN": "out SSN, len Len_SSN",
    "hpcGetHPCCNAME": "out CNAME, len Len_CNAME",
    "hpcGetHPCENAME": "out ENAME, len Len_ENAME",
    "hpcVHPCLogout": "",
    "hisGetICD10EnC": "in pIN, text:6 pOUT",
    "hisGetICD10DeC": "in pIN, text:8 pOUT",
    "csGetVersion": "",
    "hisGetHPCType": "",
    "hisGetInsurerData": "word, word",
    "hisGetSam0": "word, word",
    "hpcGetAllData": "word, word",
    "HCA_GNFuncCall": ", ".join(["word"] * 8),
    "csHisAPI": ", ".join(["word"] * 19),
    "hpcVerifyHPCPINR": "",
    "csEnableHCAAPI": "",
    "csDisableHCAAPI": "",
    "csDownloadData": ", ".join(["word"] * 7),  # of older libraries, as programs declare them
    "csGetLastUnTreatmentData": "word, word",
    "csDownloadHCApplet": "",
    "VPNGetRandom": READ,  # both assumed: nobody has published them
    "VPNH_Sign": f"in pRandom, num CardType, in pServiceCode, {READ}",
    "VPNH_VerifySign": ", ".join(["word"] * 5),
}
# Exports of the official library for which control software 6.0 offers nothing.
UNSUPPORTED = frozenset(
    {
        "hisWriteOrganDonate",
        "hisGetInsurerData",
        "hisGetSam0",
        "hpcGetAllData",
        "HCA_GNFuncCall",
        "csHisAPI",
        "hpcVerifyHPCPINR",
        "csEnableHCAAPI",
        "csDisableHCAAPI",
        "VPNH_VerifySign",
        "csDownloadData",
        "csGetLastUnTreatmentData",
        "csDownloadHCApplet",
    }
)
POINTERS = frozenset({"in", "out", "len", "text", "cnt", "res", "size"})


@dataclass(frozen=True)
class Parameter:
    """One parameter of a prototype; ``width`` in bytes where the notation gives one."""

    kind: str
    name: str
    width: int = 0


def _parameter(text: str, position: int) -> Parameter:
    kind, _, name = text.strip().partition(" ")
    kind, _, width = kind.partition(":")
    return Parameter(kind, name or f"word{position}", int(width or 0))


def _parameters(text: str) -> tuple[Parameter, ...]:
    return tuple(_parameter(each, position) for position, each in enumerate(filter(None, text.split(","))))


PROTOTYPES = {name: _parameters(text) for name, text in DECLARED.items()}
