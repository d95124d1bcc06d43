"""A client of VPN signatures and uploads, written as working programs are: random, signature, upload, result.

Its order is that of the old component: the random is fetched first and signed next. Which spelling of the
keys it uses and in which the replies come differs between programs.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import requests

NEW_NAMES = {
    "samid": "sSamid", "hospid": "sHospid", "random": "sClientrandom", "signature": "sSignature",
    "type": "sType", "records": "sMrecs", "orders": "sPrecs", "data": "sPatData", "time": "sUploadDT",
    "opcode": "sOpcode",
}  # fmt: skip
OLD_NAMES = {**NEW_NAMES, "samid": "sSamId", "hospid": "sHospId", "random": "sClientRandom"}
SAM_CARD, UPLOAD_SERVICE = 3, "30"
NOT_READY = "5002"


@dataclass
class Signed:
    """What a program holds after signing: the random it was handed, and the signature."""

    random: str
    signature: str


@dataclass
class VpnClient:
    """``component``: where the component's methods are served. ``centre``: the address of the upload centre,
    with V1000 or V2000; ``verify``: its CA file. ``names``: the spelling of the keys.
    """

    component: str
    centre: str
    names: dict[str, str] = field(default_factory=lambda: NEW_NAMES)
    verify: str | bool = True

    def method(self, name: str, **arguments: object) -> dict[str, Any]:
        """Call a method of the component. Out: its whole answer."""
        answer = requests.post(f"{self.component}/VPN/{name}", json=arguments, timeout=30)
        assert answer.status_code == 200
        content = answer.json()
        assert isinstance(content, dict)
        return content

    def random(self) -> str:
        answer = self.method("VPNGetRandomX")
        assert answer["ERRORCODE"] == "0"
        return str(answer["pRandom"])

    def signed(
        self, card_type: object = SAM_CARD, service_code: str = UPLOAD_SERVICE, random: str | None = None
    ) -> Signed:
        held = self.random() if random is None else random
        answer = self.method("VPNH_SignX", pRandom=held, CardType=card_type, pServiceCode=service_code)
        assert answer["ERRORCODE"] == "0", answer
        return Signed(held, str(answer["pSignature"]))

    def card(self) -> tuple[str, str]:
        """SAM id and hospital id, out of the component's JSON text."""
        answer = self.method("GetSAMCardInfoInCS")
        assert answer["ERRORCODE"] == "0"
        (sam,) = json.loads(answer["pBuffer"])["SAMCardInfoInCS"]["SAM"]
        return sam["CARD_ID"], sam["HOSP"]

    def upload(self, signed: Signed, content: bytes, **changed: str) -> requests.Response:
        """Send a file. ``changed``: other values, by the keys of NEW_NAMES."""
        return self._post("VNHI_Upload", self.upload_body(signed, content, **changed))

    def upload_body(self, signed: Signed, content: bytes, **changed: str) -> dict[str, str]:
        """What is sent with a file, by the keys of NEW_NAMES."""
        now = datetime.now()
        return {
            **self._basic(signed),
            "records": "1",
            "orders": "2",
            "data": base64.b64encode(content).decode(),
            "time": f"{now:%Y%m%d%H%M%S}{now.microsecond // 1000:03d}",
            **changed,
        }

    def download(self, signed: Signed, opcode: str, **changed: str) -> requests.Response:
        """Ask for the result of the check, once."""
        return self._post("VNHI_Download", {**self._basic(signed), "opcode": opcode, **changed})

    def result(self, signed: Signed, opcode: str, most: int = 5) -> tuple[int, dict[str, Any]]:
        """Ask until it is there. Out: how often in vain, and the result."""
        for times in range(most):
            answer = self.download(signed, opcode).json()
            code = of_any_case(answer, "rtnCode")
            if code != NOT_READY:
                assert code == "0000", answer
                content = base64.b64decode(of_any_case(answer, "tx_result_json"), validate=True)
                return times, json.loads(content)
        raise AssertionError(f"not ready after {most} questions")

    def _basic(self, signed: Signed) -> dict[str, str]:
        sam_id, hospital = self.card()
        return {
            "samid": sam_id,
            "hospid": hospital,
            "random": signed.random,
            "signature": signed.signature,
            "type": "A1",
        }

    def _post(self, service: str, body: dict[str, str]) -> requests.Response:
        named = {self.names[key]: value for key, value in body.items()}
        return requests.post(
            f"{self.centre.rstrip('/')}/{service}", json=named, timeout=60, verify=self.verify
        )


def of_any_case(answer: dict[str, Any], name: str) -> str:
    """A reply's text: programs read RtnCode or rtnCode, Opcode or opCode."""
    (found,) = [value for key, value in answer.items() if key.lower() == name.lower()]
    assert isinstance(found, str)
    return found
