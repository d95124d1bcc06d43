"""Every status of console and cloud through functions that meet it, each with its legacy code, by hand.

A line: status, code, function, end of the path that answers it. ``vhc`` behind it: through the door of the
virtual card. ``cold`` behind it: as the first call, before the console was asked for anything.
"""

from __future__ import annotations

CONSOLE = """
0      0 csUpdateHCContents      /hc/v1/RealHc/Update
1000 4000 hisGetBasicData        /common/v1/Initial cold
1000 4000 hisGetBasicData        /hc/v1/Signature/Hc
1001   0 csOpenCom               /common/v1/Initial cold
1001   0 hisGetBasicData         /common/v1/Initial cold once
1002 4000 hisGetBasicData        /common/v1/Initial cold
1003 4029 hisGetBasicData        /hc/v1/Signature/Hc
1100 4000 hisGetBasicData        /hc/v1/Signature/Hc
1101 4000 hisWriteEmergentTel    /hc/v1/Basic
1102 4013 hisGetBasicData        /hc/v1/Signature/Hc
1102 4014 hpcGetHPCSN            /hpc/v1/Basic
1102 4012 csGetHospID            /sam/v1/Basic
1102 4012 csVerifySAMDC          /sam/v1/Verification cold
1103 4033 hisGetBasicData        /hc/v1/Signature/Hc
1103 4034 hpcGetHPCSSN           /hpc/v1/Basic
1103 4032 csGetHospName          /sam/v1/Basic
1119 4000 csGetCardNo            /hc/v1/Basic
1200 4000 csGetDateTime          /common/v1/ServerDateTime
1201 4000 hisGetCardStatus       /common/v1/Initial cold
1202 4000 csISSetPIN             /hc/v1/Pin
1203 5109 csVerifyHCPIN          /hc/v1/Pin
1203 5109 hpcVerifyHPCPIN        /hpc/v1/Verification/Hpc cold
1300 4051 csVerifySAMDC          /sam/v1/Verification cold
1300 4050 hisGetBasicData        /sam/v1/Verification cold
1300 4050 csUploadData           /sam/v1/Signature
1301 4051 csVerifySAMDC          /sam/v1/Verification cold
1301 4050 hisGetICD10EnC         /sam/v1/Verification cold
1302 9062 csVerifySAMDC          /sam/v1/Verification cold
1302 9062 hisGetSeqNumber256     /sam/v1/Verification cold
1303 9060 csVerifySAMDC          /sam/v1/Verification cold
1303 9060 csUploadData           /sam/v1/Verification cold
1304 9013 csVerifySAMDC          /sam/v1/Verification cold
1304 9013 hisGetBasicData        /sam/v1/Verification cold
1400 4034 hpcGetHPCSN            /hpc/v1/Basic
1400 4034 hisGetTreatmentNeedHPC /hc/v1/Signature/HpcHc
1401 4034 hpcGetHPCCNAME         /hpc/v1/Basic
1402 4042 hpcGetHPCENAME         /hpc/v1/Basic
1402 4042 hisReadPrescription    /hc/v1/Signature/HpcHc
1403 4029 hpcInputHPCPIN         /hpc/v1/Pin
1410 5102 hpcVerifyHPCPIN        /hpc/v1/Verification/Hpc cold
1410 5122 hpcUnlockHPC           /hpc/v1/Pin
1420 4042 hisGetTreatmentNeedHPC /hc/v1/Signature/HpcHc
1421 4042 hisReadPrescriptMain   /hc/v1/Signature/HpcHc
1422 9140 hisWriteAllergicNum    /hc/v1/Signature/HpcHc
1423 9130 hisGetCriticalIllness  /hc/v1/Signature/HpcHc
1424 9130 hisReadPrescriptHVE    /hc/v1/Signature/HpcHc
1430 4042 hpcGetHPCSN            /hpc/v1/Basic
1431 4029 hpcGetHPCSN            /hpc/v1/Basic
1500 4033 hisGetRegisterBasic    /hc/v1/Signature/Hc
1501 4071 hisGetRegisterBasic    /hc/v1/Signature/Hc
1502 4042 hisGetRegisterBasic    /hc/v1/Signature/Hc
1510 5105 csISSetPIN             /hc/v1/Pin
1510   0 csVerifyHCPIN           /hc/v1/Pin
1510 5111 csDisableHCPIN         /hc/v1/Pin
1511 5105 csDisableHCPIN         /hc/v1/Pin
1511 5105 csInputHCPIN           /hc/v1/Pin
1511 5105 hisGetBasicData        /hc/v1/Signature/Hc
1512 5111 csDisableHCPIN         /hc/v1/Pin
1513   0 csVerifyHCPIN           /hc/v1/Pin
1513 4000 csISSetPIN             /hc/v1/Pin
1514 5102 csVerifyHCPIN          /hc/v1/Pin
1515 4029 csUpdateHCContents     /hc/v1/RealHc/Update
1520 4033 csGetCardNo            /hc/v1/Basic
1520 1022 uploadqrcode           /Verification/VirtualHc vhc
1521 4033 hisGetBasicData        /hc/v1/Signature/Hc
1521 1021 hisGetBasicData        /hc/v1/Signature/Hc vhc
1522 4033 hisGetBasicData        /hc/v1/Signature/Hc
1522 1022 uploadqrcode           /Verification/VirtualHc vhc
1523 4033 hisGetBasicData        /hc/v1/Signature/Hc
1523 1022 uploadqrcode           /Verification/VirtualHc vhc
1524 4033 hisGetBasicData        /hc/v1/Signature/Hc
1524 1021 hisGetBasicData        /hc/v1/Signature/Hc vhc
1525 4033 hisGetBasicData        /hc/v1/Signature/Hc
1525 1020 hisGetSeqNumber256N1   /hc/v1/Signature/Hc vhc
1526 4029 csVerifyHCPIN          /hc/v1/Pin
1527 4029 uploadqrcode           /Verification/VirtualHc vhc
1528 4013 hisGetBasicData        /hc/v1/Signature/Hc
1528 1023 hisGetBasicData        /hc/v1/Signature/Hc vhc
1529 4029 hisGetBasicData        /hc/v1/Signature/Hc
1529 1020 hisGetBasicData        /hc/v1/Signature/Hc vhc
1530 4029 hisGetBasicData        /hc/v1/Signature/Hc vhc
1531 4013 hisGetBasicData        /hc/v1/Signature/Hc
1531 1022 hisGetBasicData        /hc/v1/Signature/Hc vhc
1600 4000 csVerifySAMDC          /common/v1/Initial cold
1601 4000 csGetCardNo            /hc/v1/Basic
1610 4032 csVerifySAMDC          /sam/v1/Verification cold
1611 4012 hisGetBasicData        /common/v1/Initial cold
1700 4061 csVerifySAMDC          /sam/v1/Verification cold
1700 4061 hisGetBasicData        /hc/v1/Signature/Hc
1701 9002 hisGetBasicData        /hc/v1/Signature/Hc
1702 9004 csVerifySAMDC          /sam/v1/Verification cold
1703 4050 hisGetBasicData        /hc/v1/Signature/Hc
1703   0 hisGetBasicData         /hc/v1/Signature/Hc once
1704 6018 hisGetBasicData        /hc/v1/Signature/Hc
1705 6018 hisGetBasicData        /hc/v1/Signature/Hc
1706 6018 hpcInputHPCPIN         /hpc/v1/Pin
1707 4042 hisGetTreatmentNeedHPC /hc/v1/Signature/HpcHc
1799 9004 hisGetBasicData        /hc/v1/Signature/Hc
1001 4000 hisWriteEmergentTel    /hc/v1/Signature/Hc
1513 4000 hisWriteEmergentTel    /hc/v1/Signature/Hc
"""

CLOUD = """
3100 9020 hisGetBasicData        /BasicData/Query
3200 5105 hisGetRegisterBasic    /BasicData/Register
3200 5105 hisGetRegisterBasic    /BasicData/Register vhc
3201 5003 hisGetSeqNumber256     /SequelNumber/Next
3202 5006 hisGetSeqNumber256     /SequelNumber/Next
3203 9082 csUpdateHCContents     /HcContent/Update
3203 5002 hisGetSeqNumber256N1   /SequelNumber/Next
3204 5007 hisGetTreatNumICCard   /TreatmentNumber/Card
3204 5007 hisGetTreatNumNoICCard /TreatmentNumber/NoCard
3205 9129 hisGetSeqNumber256N1   /SequelNumber/Next
3206 5052 hisGetSeqNumber        /SequelNumber/Next
3207 5004 hisGetSeqNumber256     /SequelNumber/Next
3208 5150 csUnGetSeqNumber       /SequelNumber/Rollback
3208 5022 hisWriteTreatmentData  /Treatment/WriteCodeFee
3208 5022 hisWritePrescription   /Prescription/Write
3209   0 hisWriteTreatmentData   /Treatment/WriteCodeFee
3209   0 hisWriteTreatmentCode   /Treatment/WriteCode
3209 9001 hisWritePrescriptionSign /Prescription/Write
3210 9127 hisGetICD10EnC         /Icd/Encode
3210 1028 hisGetICD10EnC         /Icd/Encode vhc
3211 5152 csUnGetSeqNumber       /SequelNumber/Rollback
3212 4029 hisGetTreatmentNeedHPC /Treatment/NeedHPC
3213 5001 hisGetSeqNumber256     /SequelNumber/Next
3214 5083 hisWriteHealthInsurance /PreventData/Write
3215 5084 hisWriteHealthInsurance /PreventData/Write
3216 5079 hisWritePredeliveryCheckup /PregnantData/Write
3217 5082 hisWritePredeliveryCheckup /PregnantData/Write
3218 5154 csUnGetSeqNumber       /SequelNumber/Rollback
3219 5151 csUnGetSeqNumber       /SequelNumber/Rollback
3220 5153 csUnGetSeqNumber       /SequelNumber/Rollback
3221 5160 csUpdateHCContents     /HcContent/Update
3222 5162 csUpdateHCContents     /HcContent/Update
3223 5161 hisGetSeqNumber256     /SequelNumber/Next
3224 5162 hisGetLastSeqNum       /SequelNumber/Last
3225 5165 hisGetCumulativeData   /CumulativeData/Query
3226 5166 hisGetCumulativeData   /CumulativeData/Query
3227 5154 csUnGetSeqNumber       /SequelNumber/Rollback
3228 9083 hisQuickInsurance      /Insurance/Quick
3228 5012 hisGetSeqNumber256     /SequelNumber/Next
3229 9084 hisQuickInsurance      /Insurance/Quick
3229 5012 hisGetSeqNumber        /SequelNumber/Next
3230 9085 csUpdateHCNoReset      /HcContent/Update
3230 5012 hisGetSeqNumber256N1   /SequelNumber/Next
3231 9085 hisQuickInsurance      /Insurance/Quick
3231 5012 hisGetSeqNumber256     /SequelNumber/Next
3232 5012 hisQuickInsurance      /Insurance/Quick
3233 9089 hisQuickInsurance      /Insurance/Quick
3233 5012 csUnGetSeqNumber       /SequelNumber/Rollback
3234 9091 hisQuickInsurance      /Insurance/Quick
3235 9092 hisQuickInsurance      /Insurance/Quick
3236 9071 csUploadData           /UploadData/Upload
3236 9071 csUploadDataPrec       /UploadData/Upload
3237 9012 hisGetBasicData        /BasicData/Query
3238 9003 hisGetBasicData        /BasicData/Query
3239 4029 hisGetBasicData        /BasicData/Query
3240 4029 hisGetBasicData        /BasicData/Query
3241 4013 hisGetBasicData        /BasicData/Query
3241 1023 hisGetBasicData        /BasicData/Query vhc
3242 5007 hisGetSeqNumber256     /SequelNumber/Next
3243 9100 hisReadPrescription    /Prescription/HveQuery
3244 5007 hisGetSeqNumber256     /SequelNumber/Next
3244 1020 hisGetSeqNumber256N1   /SequelNumber/Next vhc
3245 5007 hisGetSeqNumber256     /SequelNumber/Next
3246 5130 csUpdateHCContents     /HcContent/Update
3300 9004 hisGetBasicData        /BasicData/Query
3301 9004 hisGetBasicData        /BasicData/Query vhc
3302 9013 hisGetBasicData        /BasicData/Query
3303 9004 hisGetBasicData        /BasicData/Query vhc
3304 9004 hisGetBasicData        /BasicData/Query
3400 5130 csUpdateHCNoReset      /HcContent/Update
3401 5154 csUnGetSeqNumber       /SequelNumber/Rollback
3401 5130 hisWriteEmergentTel    /EmergentTel/Write
3401 1009 csUnGetSeqNumber       /SequelNumber/Rollback vhc
3402 5012 hisQuickInsurance      /Insurance/Quick
3500 9020 hisGetBasicData        /BasicData/Query
3501 9127 hisGetICD10DeC         /Icd/Decode
3502 9004 hisGetBasicData        /BasicData/Query
3503 9004 hisGetBasicData        /BasicData/Query
9999 9004 hisGetBasicData        /BasicData/Query
3999 9004 csUploadData           /UploadData/Upload
"""

# What csOpenCom makes of every other answer to Initial: no port is open, and some programs know -1 only.
NOTHING_OPENED = """
1000 1002 1003 1100 1101 1102 1103 1119 1200 1201 1202 1203 1300 1301 1302 1303 1304 1400 1401 1402
1403 1410 1420 1421 1422 1423 1424 1430 1431 1500 1501 1502 1510 1511 1512 1513 1514 1515 1520 1522
1523 1521 1524 1525 1526 1527 1528 1529 1530 1531 1600 1601 1610 1611 1700 1701 1702 1703 1704 1705
1706 1707 1799
"""

# A status that nobody has listed, at each kind of request: the failure code of that kind.
UNLISTED_CONSOLE = """
1999   -1 csOpenCom                 /common/v1/Initial cold
1999 4051 csVerifySAMDC             /sam/v1/Verification cold
1999 5008 hisGetBasicData           /hc/v1/Signature/Hc
1999 5008 hisWriteTreatmentFee      /hc/v1/Signature/Hc
1999 5008 csUploadData              /sam/v1/Signature
1999 5008 hisReadPrescription       /hc/v1/Signature/HpcHc
1999 5005 csGetDateTime             /common/v1/ServerDateTime
1999 5067 csGetHospID               /sam/v1/Basic
1999 5056 hpcGetHPCSSN              /hpc/v1/Basic
1999 5056 hisWriteTreatmentCode     /hpc/v1/Basic
1999 5056 hisWriteAllergicMedicines /hpc/v1/Basic
1999 5105 csVerifyHCPIN             /hc/v1/Pin
1999 5108 csInputHCPIN              /hc/v1/Pin
1999 5111 csDisableHCPIN            /hc/v1/Pin
1999 4042 hpcVerifyHPCPIN           /hpc/v1/Verification/Hpc cold
1999 5108 hpcInputHPCPIN            /hpc/v1/Pin
1999 5122 hpcUnlockHPC              /hpc/v1/Pin
1999 5130 csUpdateHCContents        /hc/v1/RealHc/Update
1999 4000 csISSetPIN                /hc/v1/Pin
1999 4000 csGetCardNo               /hc/v1/Basic
"""
UNLISTED_CLOUD = """
3999 5007 hisGetSeqNumber256N1       /SequelNumber/Next
3999 5007 hisGetSeqNumber            /SequelNumber/Next
3999 5154 csUnGetSeqNumber           /SequelNumber/Rollback
3999 5015 hisReadPrescription        /Prescription/Query
3999 5016 hisReadPrescription        /Prescription/LongQuery
3999 5017 hisReadPrescription        /Prescription/HveQuery
3999 5018 hisReadPrescription        /AllergicMedicines/Query
3999 5015 hisReadPrescriptMain       /Prescription/Query
3999 5016 hisReadPrescriptLongTerm   /Prescription/LongQuery
3999 5017 hisReadPrescriptHVE        /Prescription/HveQuery
3999 5018 hisReadPrescriptAllergic   /AllergicMedicines/Query
3999 5023 hisWriteTreatmentCode      /Treatment/WriteCode
3999 5023 hisWriteTreatmentData      /Treatment/WriteCodeFee
3999 5028 hisWriteTreatmentFee       /Treatment/WriteFee
3999 5033 hisWritePrescription       /Prescription/Write
3999 5033 hisWriteMultiPrescript     /Prescription/Write
3999 5033 hisWritePrescriptionSign   /Prescription/Write
3999 5033 hisWriteMultiPrescriptSign /Prescription/Write
3999 5051 hisWriteNewBorn            /NewBorn/Write
3999 5057 hisWriteAllergicMedicines  /AllergicMedicines/Write
3999 5057 hisWriteAllergicNum        /AllergicMedicines/WriteByIndex
3999 5068 hisWriteHealthInsurance    /PreventData/Write
3999 5071 hisWriteEmergentTel        /EmergentTel/Write
3999 5078 hisWritePredeliveryCheckup /PregnantData/Write
3999 5087 hisDeletePredeliveryData   /PregnantData/Delete
3999 5093 hisWriteInoculateData      /Inoculate/Write
3999 5130 csUpdateHCContents         /HcContent/Update
3999 5130 csUpdateHCNoReset          /HcContent/Update
3999 9004 hisGetBasicData            /BasicData/Query
3999 9004 hisQuickInsurance          /Insurance/Quick
3999 9004 hisGetICD10EnC             /Icd/Encode
3999 9004 hisGetTreatNumNoICCard     /TreatmentNumber/NoCard
3999 9004 csUploadData               /UploadData/Upload
"""
