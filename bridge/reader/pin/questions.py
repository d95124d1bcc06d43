"""What a person is asked for: which PIN, in both languages, of which length. Never whose card it is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PinQuestion:
    """What a person is asked for: Chinese and English text, least and most digits, seconds to answer.

    ``key`` names it in the settings section ``[pin.fixed]``.
    """

    key: str
    chinese: str
    english: str
    least: int
    most: int
    seconds: float = 60.0

    def accepts(self, answer: str) -> bool:
        """Whether these are digits (0 to 9) of a length that is asked for."""
        return answer.isascii() and answer.isdigit() and self.least <= len(answer) <= self.most


# Lengths: seed 001, hc/v1/Pin (4 to 6), hpc/v1/Pin (new PIN 4 to 8, PUK up to 8), Verification/Hpc (up to 8).
HC_PIN = PinQuestion("hc", "請輸入健保卡 PIN 碼", "Health card PIN", 4, 6)
NEW_HC_PIN = PinQuestion("new_hc", "請輸入新的健保卡 PIN 碼", "New health card PIN", 4, 6)
NEW_HC_PIN_AGAIN = PinQuestion("new_hc", "請再輸入一次新的健保卡 PIN 碼", "New health card PIN again", 4, 6)
HPC_PIN = PinQuestion("hpc", "請輸入醫事人員卡 PIN 碼", "Practitioner card PIN", 1, 8)
NEW_HPC_PIN = PinQuestion("new_hpc", "請輸入新的醫事人員卡 PIN 碼", "New practitioner card PIN", 4, 8)
NEW_HPC_PIN_AGAIN = PinQuestion(
    "new_hpc", "請再輸入一次新的醫事人員卡 PIN 碼", "New practitioner card PIN again", 4, 8
)
HPC_PUK = PinQuestion("puk", "請輸入醫事人員卡 PUK 碼", "Practitioner card PUK", 1, 8)
