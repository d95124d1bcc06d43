"""A client of the VHC SDK as hospital programs write them: requests, JSON in the body, Big5 out of it.

It does what real ones do: every parameter but cTreatAfterCheck with one trailing blank, {} for reads, no
count for several prescriptions, the code looked for under three names, records cut at fixed offsets.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import requests

TAKEN = (0, 5010, 5174)  # what counts as a visit number


class VhcClient:
    """``url`` is http://localhost:3033 as ever, or https://localhost:5067 with the ``ca_file`` to trust."""

    def __init__(self, url: str, ca_file: str | None = None) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = ca_file or True

    def post(self, path: str, command: dict[str, str]) -> dict[str, Any]:
        """One request."""
        headers = {"Content-Type": "application/json"}
        reply = self.session.post(self.url + path, headers=headers, data=json.dumps(command), timeout=60)
        return dict(json.loads(reply.content))

    @staticmethod
    def code(result: dict[str, Any]) -> int:
        """The code, wherever this version of the SDK puts it."""
        for name in ("ERRORCODE", "errorCode"):
            try:
                return int(result[name])
            except (KeyError, ValueError):
                continue
        return int(result["statusCode"])

    def good(self, path: str, command: dict[str, str], *allowed: int) -> dict[str, Any]:
        """One request that has to succeed."""
        result = self.post(path, command)
        if self.code(result) not in (allowed or (0,)):
            raise RuntimeError(f"{path}: {self.code(result)}")
        return result

    def visit(self, qr: str) -> dict[str, Any]:
        """A patient's visit from the QR code to giving the number back. Out: what was understood of it."""
        self.good("/VHC/VHCcsOpenCom", {})
        self.good("/QRCodeReader/uploadqrcode", {"QRCodeString": qr})
        basic = bytes(self.good("/VHC/VHChisGetBasicData", {})["pBuffer"], "big5")
        patient = {"card": basic[:12], "name": basic[12:32], "id": basic[32:42], "birthday": basic[42:49]}
        seen = {key: value.decode("big5").strip() for key, value in patient.items()}
        register = bytes(self.good("/VHC/VHChisGetRegisterBasic", {})["pBuffer"], "big5")
        number = self.good(
            "/VHC/VHChisGetSeqNumber256N1",
            {"cTreatItem": "01 ", "cBabyTreat": "  ", "cTreatAfterCheck": "1"},
            *TAKEN,
        )["pBuffer"]
        record = bytes(number, "ascii")
        time = record[:13].decode("ascii")
        about = {
            "pDateTime": time + " ",
            "pPatientID": seen["id"] + " ",
            "pPatientBirthDate": seen["birthday"] + " ",
        }
        codes = "".join(f"{code:<7}" for code in ("J029", "R509", "", "", "", ""))
        doctor = self.good("/VHC/VHChisWriteTreatmentCode", {**about, "pDataWrite": f"1{codes} "})
        fees = f"{1250:0>8}{50:0>8}{0:0>8}{0:0>7}{0:0>7} "
        self.good("/VHC/VHChisWriteTreatmentFee", {**about, "pDataWrite": fees})
        order = f"{time}1{'AC44444100':<12}{'':6}{'TIDPC':<18}03{'00010.5'}01"
        one = self.good("/VHC/VHChisWritePrescriptionSign", {**about, "pDataWrite": order})["pBuffer"]
        three = self.good("/VHC/VHChisWriteMultiPrescriptSign", {**about, "pDataWrite": order * 3})["pBuffer"]
        self.good("/VHC/VHCcsUnGetSeqNumber", {"pUnTreatDate": time + " "})
        self.good("/VHC/VHCcsCloseCom", {})
        return {
            "patient": seen,
            "bytes": [len(basic), len(register), len(record)],
            "sequence": record[13:17].decode("ascii"),
            "doctor": doctor["pBufferDocID"].strip(),
            "signatures": [len(one), *(len(three[at : at + 40]) for at in range(0, len(three), 40))],
        }


if __name__ == "__main__":  # URL QR-STRING [CA-FILE]
    print(json.dumps(VhcClient(sys.argv[1], *sys.argv[3:4]).visit(sys.argv[2])))
