"""The legacy code of every function in every situation, written by hand from manual and status tables.

Situations are explained in situations.py (COMMON) and special_situations.py (SPECIAL).
"""

from __future__ import annotations

# With another card, another practitioner, no card. ``hc_pin``: a card with a PIN, and cancel is pressed.
# ``short``: every buffer of stated capacity one byte too small. ``none``: no argument at all.
CARDS = """
function                   good no_hc no_hpc hpc_pin nurse pharm hc_pin other  sam short none
csOpenCom                     0     0      0       0     0     0      0     0    0     0 6018
csCloseCom                    0     0      0       0     0     0      0     0    0     0    0
csGetVersion                 60    60     60      60    60    60     60    60 9062    60   60
csGetVersionEx             6000  6000   6000    6000  6000  6000   6000  6000 9062  6000 6000
csGetDateTime                 0     0      0       0     0     0      0     0 9062  6018 6018
csGetCardNo                   0  4013      0       0     0     0      0     0 9062  6018 6018
csISSetPIN                    0  4013      0       0     0     0      1     0 9062     0    0
csSoftwareReset               0     0      0       0     0     0      0     0    0     0 6018
csVerifySAMDC                 0     0      0       0     0     0      0     0 9062     0    0
csGetHospID                   0     0      0       0     0     0      0     0    0  6018 6018
csGetHospName                 0     0      0       0     0     0      0     0    0     0 6018
csGetHospAbbName              0     0      0       0     0     0      0     0    0     0 6018
hisGetCardStatus              3     0      2       2     3     3      3     3    1     3 6018
csVerifyHCPIN                 0  4013      0       0     0     0   5109     0 9062     0    0
csInputHCPIN                  0  4013      0       0     0     0   5109     0 9062     0    0
csDisableHCPIN             5111  4013   5111    5111  5111  5111   5109  5111 9062  5111 5111
hpcGetHPCStatus               0     0      0       0     0     0      0     0    0     0 6018
hpcVerifyHPCPIN               0     0   4014       0     0     0      0     0 9062     0    0
hpcInputHPCPIN                0     0   4014       0     0     0      0     0 9062     0    0
hpcUnlockHPC                  0     0   4014       0     0     0      0     0 9062     0    0
hpcGetHPCSN                   0     0   4014    4042     0     0      0     0 9062     0 6018
hpcGetHPCSSN                  0     0   4014    4042     0     0      0     0 9062     0 6018
hpcGetHPCCNAME                0     0   4014    4042     0     0      0     0 9062     0 6018
hpcGetHPCENAME                0     0   4014    4042     0     0      0     0 9062     0 6018
hpcVHPCLogout                 0     0      0       0     0     0      0     0    0     0    0
hisGetHPCType                 1     1      0       1     2     2      1     1    1     1    1
hisGetBasicData               0  4013      0       0     0     0      0     0 9062  6018 6018
hisGetRegisterBasic           0  4013      0       0     0     0   5109     0 9062  6018 6018
hisGetRegisterBasic2          0  4013      0       0     0     0   5109     0 9062  6018 6018
hisGetRegisterPrevent         0  4013      0       0     0     0   5109     0 9062  6018 6018
hisGetRegisterPregnant        0  4013      0       0     0     0   5109  5079 9062  6018 6018
hisGetTreatmentNoNeedHPC      0  4013      0       0     0     0   5109     0 9062  6018 6018
hisGetTreatmentNeedHPC        0  4013   4014    4042  9100     0   5109     0 9062  6018 6018
hisGetCumulativeData          0  4013      0       0     0     0   5109     0 9062  6018 6018
hisGetCumulativeFee           0  4013      0       0     0     0   5109     0 9062  6018 6018
hisReadPrescription           0  4013   4014    4042  9100     0   5109     0 9062  6018 6018
hisReadPrescriptMain          0  4013   4014    4042  9100     0   5109     0 9062  6018 6018
hisReadPrescriptLongTerm      0  4013   4014    4042  9100     0   5109     0 9062  6018 6018
hisReadPrescriptHVE           0  4013   4014    4042  9100     0   5109     0 9062  6018 6018
hisReadPrescriptAllergic      0  4013   4014    4042  9100     0   5109     0 9062  6018 6018
hisGetInoculateData           0  4013      0       0     0     0   5109     0 9062  6018 6018
hisGetOrganDonate             0  4013      0       0     0     0   5109     0 9062  6018 6018
hisGetEmergentTel             0  4013      0       0     0     0   5109     0 9062  6018 6018
hisGetLastSeqNum              0  4013      0       0     0     0   5109     0 9062  6018 6018
hisGetCriticalIllness         0  4013   5141    5141  9100     0   5109     0 9062  6018 6018
hisGetCriticalIllnessID       0  4013   5141    5141  9100     0   5020  5020 9062  6018 6018
hisQuickInsurance             0  4013      0       0     0     0      0     0 9062     0    0
hisGetSeqNumber               0  4013      0       0     0     0   5109     0 9062  6018 6018
hisGetSeqNumber256            0  4013      0       0     0     0   5109     0 9062  6018 6018
hisGetSeqNumber256N1          0  4013      0       0     0     0   5109     0 9062  6018 6018
hisGetTreatNumNoICCard        0     0      0       0     0     0      0     0 9062  6018 6018
hisGetTreatNumICCard          0  4013      0       0     0     0   5109     0 9062  6018 6018
csUnGetSeqNumber              0  4013      0       0     0     0   5109  5150 9062     0 6018
csUpdateHCContents            0  4013      0       0     0     0      0     0 9062     0    0
csUpdateHCNoReset             0  4013      0       0     0     0      0     0 9062     0    0
hisWriteTreatmentCode         0  4013      0       0     0     0   5020  5020 9062     0 6018
hisWriteTreatmentFee          0  4013      0       0     0     0   5020  5020 9062     0 6018
hisWriteTreatmentData         0  4013      0       0     0     0   5020  5020 9062     0 6018
hisWritePrescription          0  4013      0       0     0     0   5020  5020 9062     0 6018
hisWriteMultiPrescript        0  4013      0       0     0     0   5020  5020 9062     0 6018
hisWritePrescriptionSign      0  4013      0       0     0     0   5020  5020 9062  6018 6018
hisWriteMultiPrescriptSign    0  4013      0       0     0     0   5020  5020 9062  6018 6018
hisWriteNewBorn               0  4013      0       0     0     0   5020  5020 9062     0 6018
hisWriteAllergicMedicines     0  4013   4014    4042  9100     0   5020  5020 9062     0 6018
hisWriteAllergicNum           0  4013   4014    4042  9100     0   5020  5020 9062     0 6018
hisWriteHealthInsurance       0  4013      0       0     0     0   5020  5020 9062     0 6018
hisWriteEmergentTel           0  4013      0       0     0     0   5020  5020 9062     0 6018
hisWritePredeliveryCheckup    0  4013      0       0     0     0   5020  5020 9062     0 6018
hisDeletePredeliveryData      0  4013      0       0     0     0   5020  5020 9062     0 6018
hisWriteInoculateData         0  4013      0       0     0     0   5020  5020 9062     0 6018
csUploadData                  0     0      0       0     0     0      0     0 9062  6018 6018
csUploadDataPrec              0     0      0       0     0     0      0     0 9062  6018 6018
hisGetICD10EnC                0     0      0       0     0     0      0     0 9062     0 6018
hisGetICD10DeC                0     0      0       0     0     0      0     0 9062     0 6018
VPNGetRandom                  0     0      0       0     0     0      0     0 9062     0 6018
VPNH_Sign                     0     0      0       0     0     0      0     0 9062     0 6018
"""

# What can happen on the way to the console (con) and the cloud (cl).
WAYS = """
function                   con_down con_late con_empty cl_down cl_late cl_lost cl_500 cl_404 cl_html cl_empty
csOpenCom                        -1       -1        -1       0       0       0      0      0       0        0
csCloseCom                        0        0         0       0       0       0      0      0       0        0
csGetVersion                   4000     4000      9001      60      60      60     60     60      60       60
csGetVersionEx                 4000     4000      9001    6000    6000    6000   6000   6000    6000     6000
csGetDateTime                  4000     4000      9001       0       0       0      0      0       0        0
csGetCardNo                    4000     4000      9001       0       0       0      0      0       0        0
csISSetPIN                     4000     4000      9001       0       0       0      0      0       0        0
csSoftwareReset                   0        0         0       0       0       0      0      0       0        0
csVerifySAMDC                  4000     4000      9001       0       0       0      0      0       0        0
csGetHospID                    4000     4000      9001       0       0       0      0      0       0        0
csGetHospName                  4000     4000      9001       0       0       0      0      0       0        0
csGetHospAbbName               4000     4000      9001       0       0       0      0      0       0        0
hisGetCardStatus               4000     4000      9001       3       3       3      3      3       3        3
csVerifyHCPIN                  4000     4000      9001       0       0       0      0      0       0        0
csInputHCPIN                   4000     4000      9001       0       0       0      0      0       0        0
csDisableHCPIN                 4000     4000      9001    5111    5111    5111   5111   5111    5111     5111
hpcGetHPCStatus                4000     4000      9001       0       0       0      0      0       0        0
hpcVerifyHPCPIN                4000     4000      9001       0       0       0      0      0       0        0
hpcInputHPCPIN                 4000     4000      9001       0       0       0      0      0       0        0
hpcUnlockHPC                   4000     4000      9001       0       0       0      0      0       0        0
hpcGetHPCSN                    4000     4000      9001       0       0       0      0      0       0        0
hpcGetHPCSSN                   4000     4000      9001       0       0       0      0      0       0        0
hpcGetHPCCNAME                 4000     4000      9001       0       0       0      0      0       0        0
hpcGetHPCENAME                 4000     4000      9001       0       0       0      0      0       0        0
hpcVHPCLogout                     0        0         0       0       0       0      0      0       0        0
hisGetHPCType                  4000     4000      9001       1       1       1      1      1       1        1
hisGetBasicData                4000     4000      9001    4061    9003    9003   9004   9002    9001     9001
hisGetRegisterBasic            4000     4000      9001    4061    9003    9003   9004   9002    9001     9001
hisGetRegisterBasic2           4000     4000      9001    4061    9003    9003   9004   9002    9001     9001
hisGetRegisterPrevent          4000     4000      9001    4061    9003    9003   9004   9002    9001     9001
hisGetRegisterPregnant         4000     4000      9001    4061    9003    9003   9004   9002    9001     9001
hisGetTreatmentNoNeedHPC       4000     4000      9001    4061    9003    9003   9004   9002    9001     9001
hisGetTreatmentNeedHPC         4000     4000      9001    4061    9003    9003   9004   9002    9001     9001
hisGetCumulativeData           4000     4000      9001    4061    9003    9003   9004   9002    9001     9001
hisGetCumulativeFee            4000     4000      9001    4061    9003    9003   9004   9002    9001     9001
hisReadPrescription            4000     4000      9001    4061    9003    9003   9004   9002    9001     9001
hisReadPrescriptMain           4000     4000      9001    4061    9003    9003   9004   9002    9001     9001
hisReadPrescriptLongTerm       4000     4000      9001    4061    9003    9003   9004   9002    9001     9001
hisReadPrescriptHVE            4000     4000      9001    4061    9003    9003   9004   9002    9001     9001
hisReadPrescriptAllergic       4000     4000      9001    4061    9003    9003   9004   9002    9001     9001
hisGetInoculateData            4000     4000      9001    4061    9003    9003   9004   9002    9001     9001
hisGetOrganDonate              4000     4000      9001    4061    9003    9003   9004   9002    9001     9001
hisGetEmergentTel              4000     4000      9001    4061    9003    9003   9004   9002    9001     9001
hisGetLastSeqNum               4000     4000      9001    4061    9003    9003   9004   9002    9001     9001
hisGetCriticalIllness          4000     4000      9001    4061    9003    9003   9004   9002    9001     9001
hisGetCriticalIllnessID        4000     4000      9001    4061    9003    9003   9004   9002    9001     9001
hisQuickInsurance              4000     4000      9001    4061    9003    9003   9004   9002    9001     9001
hisGetSeqNumber                4000     4000      9001    4061    9003    5007   9004   9002    9001     9001
hisGetSeqNumber256             4000     4000      9001    4061    9003    5007   9004   9002    9001     9001
hisGetSeqNumber256N1           4000     4000      9001    4061    9003    5007   9004   9002    9001     9001
hisGetTreatNumNoICCard         4000     4000      9001    4061    9003    5007   9004   9002    9001     9001
hisGetTreatNumICCard           4000     4000      9001    4061    9003    5007   9004   9002    9001     9001
csUnGetSeqNumber               4000     4000      9001    4061    9003    5007   9004   9002    9001     9001
csUpdateHCContents             4000     4000      9001    4061    9003    5007   9004   9002    9001     9001
csUpdateHCNoReset              4000     4000      9001    4061    9003    5007   9004   9002    9001     9001
hisWriteTreatmentCode          4000     4000      9001    4061    9003    5007   9004   9002    9001     9001
hisWriteTreatmentFee           4000     4000      9001    4061    9003    5007   9004   9002    9001     9001
hisWriteTreatmentData          4000     4000      9001    4061    9003    5007   9004   9002    9001     9001
hisWritePrescription           4000     4000      9001    4061    9003    5007   9004   9002    9001     9001
hisWriteMultiPrescript         4000     4000      9001    4061    9003    5007   9004   9002    9001     9001
hisWritePrescriptionSign       4000     4000      9001    4061    9003    5007   9004   9002    9001     9001
hisWriteMultiPrescriptSign     4000     4000      9001    4061    9003    5007   9004   9002    9001     9001
hisWriteNewBorn                4000     4000      9001    4061    9003    5007   9004   9002    9001     9001
hisWriteAllergicMedicines      4000     4000      9001    4061    9003    5007   9004   9002    9001     9001
hisWriteAllergicNum            4000     4000      9001    4061    9003    5007   9004   9002    9001     9001
hisWriteHealthInsurance        4000     4000      9001    4061    9003    5007   9004   9002    9001     9001
hisWriteEmergentTel            4000     4000      9001    4061    9003    5007   9004   9002    9001     9001
hisWritePredeliveryCheckup     4000     4000      9001    4061    9003    5007   9004   9002    9001     9001
hisDeletePredeliveryData       4000     4000      9001    4061    9003    5007   9004   9002    9001     9001
hisWriteInoculateData          4000     4000      9001    4061    9003    5007   9004   9002    9001     9001
csUploadData                   4000     4000      9001    4061    9003    9003   9004   9002    9001     9001
csUploadDataPrec               4000     4000      9001    4061    9003    9003   9004   9002    9001     9001
hisGetICD10EnC                 4000     4000      9001    4061    9003    9003   9004   9002    9001     9001
hisGetICD10DeC                 4000     4000      9001    4061    9003    9003   9004   9002    9001     9001
VPNGetRandom                   4000     4000      9001       0       0       0      0      0       0        0
VPNH_Sign                      4000     4000      9001       0       0       0      0      0       0        0
"""

SEQ = "hisGetSeqNumber hisGetSeqNumber256 hisGetSeqNumber256N1"
VISIT_WRITES = "hisWriteTreatmentCode hisWriteTreatmentFee hisWriteTreatmentData"
ORDERS = "hisWritePrescription hisWriteMultiPrescript hisWritePrescriptionSign hisWriteMultiPrescriptSign"
NOTES = (
    "hisWriteNewBorn hisWriteAllergicMedicines hisWriteAllergicNum hisWriteHealthInsurance "
    "hisWriteEmergentTel hisWritePredeliveryCheckup hisDeletePredeliveryData hisWriteInoculateData"
)
PINS = "csVerifyHCPIN csInputHCPIN csDisableHCPIN"
ASKING = f"{PINS} hisGetRegisterBasic hisGetTreatmentNeedHPC hisGetSeqNumber256"
OWN_DATA = f"{VISIT_WRITES} {ORDERS} {NOTES} hisGetCriticalIllnessID"
HPC_DATA = "hpcGetHPCSN hpcGetHPCSSN hpcGetHPCCNAME hpcGetHPCENAME"

# Functions (blank-separated), situation, code.
SPECIAL_CODES: list[tuple[str, str, int]] = [
    # visit numbers
    (SEQ, "a cancelled card", 5002),
    (SEQ, "an expired card", 5003),
    (SEQ, "a card without visits left", 5001),
    (SEQ, "no visits left, but an item that takes none", 0),
    (SEQ, "a person no longer insured", 5012),
    (SEQ, "the second visit of the day", 5010),
    (SEQ, "the second visit of the day after the first was given back", 0),
    (SEQ, "a newborn on its mother's card", 0),
    (SEQ, "a newborn without a birthday on the card", 5052),
    (SEQ, "a newborn of more than two months", 5004),
    (SEQ, "a newborn of exactly two months", 0),
    (SEQ, "a QR code that has its visit already", 1020),
    (SEQ, "a virtual card", 0),
    (SEQ, "the cloud breaks off for good", 9003),
    ("hisGetSeqNumber256N1", "no treatment number could be made", 5174),
    ("hisGetSeqNumber256", "no treatment number could be made", 0),
    ("hisGetTreatNumNoICCard", "an unknown person", 9002),
    ("hisGetTreatNumICCard", "a day that does not exist", 6018),
    ("hisQuickInsurance", "a person no longer insured", 9085),
    ("hisQuickInsurance", "an expired card", 0),
    # giving a number back
    ("csUnGetSeqNumber", "no visit at that time", 5150),
    ("csUnGetSeqNumber", "a visit that is not numeric", 5151),
    ("csUnGetSeqNumber", "a visit of another hospital", 5152),
    ("csUnGetSeqNumber", "a visit that was given back", 5153),
    ("csUnGetSeqNumber", "a visit of yesterday, more than 24 hours ago", 5154),
    ("csUnGetSeqNumber", "a visit of yesterday, just within 24 hours", 0),
    ("csUnGetSeqNumber", "a day that does not exist", 6018),
    # card contents
    ("csUpdateHCContents csUpdateHCNoReset", "a cancelled card", 9082),
    ("csUpdateHCContents csUpdateHCNoReset", "an expired card", 0),
    ("csUpdateHCContents csUpdateHCNoReset", "a card without visits left", 0),
    ("csUpdateHCContents csUpdateHCNoReset", "a virtual card", 0),
    ("hisGetBasicData hisGetRegisterBasic hisGetRegisterBasic2", "a cancelled card", 0),
    ("hisGetBasicData hisGetRegisterBasic hisGetRegisterBasic2", "an expired card", 0),
    # writes
    (f"{VISIT_WRITES} {ORDERS}", "an unknown visit", 5022),
    (f"{VISIT_WRITES} {ORDERS}", "a visit that was given back", 5022),
    (f"{VISIT_WRITES} {ORDERS}", "a visit of another hospital", 5152),
    (f"{VISIT_WRITES} {ORDERS}", "a day that does not exist", 6018),
    (VISIT_WRITES, "the same write again", 0),
    (OWN_DATA, "another birthday than the card's", 5020),
    (OWN_DATA, "another id than the card's", 5020),
    (OWN_DATA, "a birthday that does not exist", 6018),
    (OWN_DATA, "the card exchanged between identity and signature", 4033),
    (f"{VISIT_WRITES} {ORDERS} {NOTES}", "a virtual card", 0),
    ("hisWriteHealthInsurance hisWritePredeliveryCheckup", "a mother without an AC visit", 5083),
    ("hisDeletePredeliveryData hisWriteNewBorn", "a mother without an AC visit", 0),
    ("hisWritePredeliveryCheckup hisDeletePredeliveryData hisWriteNewBorn", "a man's card", 5079),
    ("hisGetRegisterPregnant", "a man's card", 5079),
    ("hisWriteTreatmentCode", "an eighth code behind the block", 0),
    ("hisWriteTreatmentCode", "a mark and two codes, no more", 0),
    ("hisWriteMultiPrescript hisWriteMultiPrescriptSign", "no orders", 6018),
    ("hisWriteMultiPrescript hisWriteMultiPrescriptSign", "61 orders", 6018),
    ("hisWriteAllergicNum", "position 0", 6018),
    ("hisWriteAllergicNum", "position 4", 6018),
    ("hisGetICD10EnC hisGetICD10DeC", "a code that needs no squeezing", 9127),
    # uploads
    ("csUploadData csUploadDataPrec", "a file that cannot be read", 6017),
    ("csUploadData csUploadDataPrec", "a file of another size than stated", 6015),
    # PINs of health cards
    (f"{ASKING} hisWriteEmergentTel hisWriteNewBorn", "a card with a PIN, the right one typed", 0),
    ("hisWriteAllergicMedicines hisWriteAllergicNum", "a card with a PIN, the right one typed", 0),
    ("hisDeletePredeliveryData hisWriteInoculateData", "a card with a PIN, the right one typed", 0),
    ("hisWriteHealthInsurance hisWritePredeliveryCheckup", "a card with a PIN, the right one typed", 5083),
    (f"{ASKING} {NOTES}", "a card with a PIN, a wrong one typed", 5102),
    (f"{ASKING} {NOTES}", "a card with a PIN, cancel pressed", 5109),
    (f"{PINS} hisGetRegisterBasic hisWriteEmergentTel", "a card with a PIN, nobody answers", 5109),
    (f"{PINS} hisGetRegisterBasic hisWriteEmergentTel", "a card with a PIN, nobody can be asked", 5109),
    (f"{PINS} hisGetRegisterBasic hisWriteEmergentTel", "a card with a PIN that is verified already", 0),
    (f"{PINS} hisGetRegisterBasic hisWriteEmergentTel", "a locked card, the right PIN typed", 5102),
    (f"{PINS} hisGetRegisterBasic hisWriteEmergentTel", "the card exchanged while its PIN was typed", 4033),
    ("hisGetBasicData hisQuickInsurance csUpdateHCNoReset", "a card with a PIN, nobody answers", 0),
    ("csInputHCPIN hpcInputHPCPIN hpcUnlockHPC", "two different new PINs", 5107),
    # PINs of practitioner cards
    ("hpcVerifyHPCPIN hpcInputHPCPIN", "a wrong practitioner PIN", 5102),
    ("hpcVerifyHPCPIN hpcInputHPCPIN", "cancel at the practitioner PIN", 5109),
    ("hpcVerifyHPCPIN hpcInputHPCPIN", "a locked practitioner card", 5102),
    ("hpcUnlockHPC", "a locked practitioner card", 0),
    ("hpcUnlockHPC", "a wrong PUK", 5122),
    ("hpcInputHPCPIN hpcUnlockHPC", "a mobile certificate in place of the card", 4029),
    ("hpcVerifyHPCPIN", "a mobile certificate in place of the card", 0),
    ("hisGetHPCType", "a mobile certificate in place of the card", 3),
    (HPC_DATA, "a mobile certificate in place of the card", 0),
    # state of the reader
    ("csGetCardNo", "asked for the SAM", 0),
    ("csGetCardNo", "asked for the practitioner card", 0),
    ("csGetCardNo", "asked for the practitioner card, none there", 4014),
    ("csGetCardNo", "asked for the practitioner card, PIN not verified", 4042),
    ("csGetCardNo hisGetCardStatus", "asked for card 0", 6018),
    ("csGetCardNo hisGetCardStatus", "asked for card 4", 6018),
    ("hisGetCardStatus", "asked for the SAM", 2),
    ("hisGetCardStatus", "asked for the practitioner card", 3),
    ("hisGetCardStatus", "asked for the practitioner card, none there", 0),
    ("hisGetCardStatus", "after a read", 2),
    ("hisGetCardStatus", "after its PIN was verified", 4),
    ("hisGetCardStatus", "another program's virtual card is in use", 0),
    ("hisGetHPCType", "no card at all", 0),
    ("csSoftwareReset", "only the SAM", 0),
    ("csSoftwareReset", "only the practitioner card", 0),
    ("csSoftwareReset", "only the health card", 0),
    ("csSoftwareReset", "device 4", 6018),
    ("csSoftwareReset", "device -1", 6018),
    ("csOpenCom", "the default device", 0),
    ("csOpenCom", "a port of nobody where there is one SAM", 0),
    ("csOpenCom", "a port of nobody where there are two SAMs", -1),
    ("hisGetBasicData csGetCardNo", "no card reader", 4000),
    ("hisGetBasicData csGetCardNo csISSetPIN", "another program's virtual card is in use", 0),
    ("csISSetPIN", "after its PIN was verified", 1),
    (
        "hisGetBasicData csGetCardNo csGetDateTime hisWriteEmergentTel csVerifyHCPIN csOpenCom csVerifySAMDC",
        "the console was restarted meanwhile",
        0,
    ),
    (
        "hisGetBasicData csGetCardNo csGetDateTime hisWriteEmergentTel csVerifyHCPIN csOpenCom csVerifySAMDC",
        "the SAM's session ended meanwhile",
        0,
    ),
    # VPN signatures, by card type
    ("VPNH_Sign", "asked for card 0", 6018),
    ("VPNH_Sign", "asked for card 6", 6018),
    ("VPNH_Sign", "asked for the SAM", 0),
    ("VPNH_Sign", "asked for the practitioner card", 0),
    # the virtual card's door
    ("hisGetBasicData", "a virtual card", 0),
    ("hisGetBasicData hisGetSeqNumber256N1", "VHC: nothing uploaded", 1019),
    ("hisGetBasicData hisGetSeqNumber256N1", "VHC: the session has ended", 1021),
    ("hisGetBasicData hisGetSeqNumber256N1", "VHC: a physical card was used in between", 1019),
    ("uploadqrcode", "VHC: a good QR code", 0),
    ("uploadqrcode", "VHC: an expired QR code", 1021),
    ("uploadqrcode", "VHC: a QR code used up", 1020),
    ("uploadqrcode", "VHC: two parts", 1022),
    ("uploadqrcode", "VHC: a part that is no base64", 1022),
    ("uploadqrcode", "VHC: a false signature", 1022),
    ("uploadqrcode", "VHC: blank", 6018),
    # the way to the upstreams
    ("csOpenCom", "the console answers HTTP 500", -1),
    ("csOpenCom", "the console answers HTTP 404", -1),
    ("csOpenCom", "the console answers no JSON", -1),
    ("csOpenCom", "the console breaks off", -1),
    ("csOpenCom", "the console's certificate is not trusted", -1),
    ("csOpenCom", "a fault of the bridge on the way to the console", -1),
    ("hisGetBasicData hisWriteEmergentTel csVerifyHCPIN", "the console answers HTTP 500", 4000),
    ("hisGetBasicData hisWriteEmergentTel csVerifyHCPIN", "the console answers HTTP 404", 4000),
    ("hisGetBasicData hisWriteEmergentTel csVerifyHCPIN", "the console answers no JSON", 9001),
    ("hisGetBasicData hisWriteEmergentTel csVerifyHCPIN", "the console breaks off", 4000),
    ("hisGetBasicData hisWriteEmergentTel csVerifyHCPIN", "the console's certificate is not trusted", 4000),
    ("hisGetBasicData hisWriteEmergentTel csUploadData", "the cloud's certificate is not trusted", 4061),
    ("hisGetBasicData hisWriteEmergentTel csUploadData", "the cloud breaks off for good", 9003),
    ("hisGetBasicData hisWriteEmergentTel", "a fault of the bridge on the way to the console", 4000),
    ("hisGetBasicData hisWriteEmergentTel", "a fault of the bridge on the way to the cloud", 4000),
]
