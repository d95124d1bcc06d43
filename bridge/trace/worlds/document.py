"""The scenario of a world, piece by piece: it may have more cards than fit into memory as such."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from bridge.codec.dates import ROC_OFFSET
from bridge.trace.worlds.entries import card_entry
from bridge.trace.worlds.gathering import Gathering
from bridge.trace.worlds.owners import NOBODY, Owners
from bridge.trace.worlds.remarks import Remarks
from bridge.trace.worlds.slots import STRANGER
from bridge.trace.worlds.values import TAIPEI

FALLBACK_SAM = {
    "id": "001000000103",
    "hospital_id": "3501200000",
    "hospital_name": "測試院所",
    "hospital_short_name": "測試院所",
    "comport": "COM1",
}
USUAL_USES = 3  # of a QR code
NAMES = {"card": "health card", "practitioner": "practitioner's card"}
HPC_PIN, HPC_PUK = "123456", "12345678"  # those that a simulated bridge types by itself
UNKNOWN_NAME = "不詳"


class WorldDocument:
    """What was gathered, as a scenario (docs/migrate/scenarios.md)."""

    def __init__(self, gathered: Gathering) -> None:
        self._gathered = gathered
        self.holders, self.practitioners = gathered.holders, gathered.practitioners

    def items(self) -> Iterator[tuple[str, Any]]:
        """Its keys and values, plain ones; but for "cards", whose value gives the cards one by one. Each has
        to be taken before the next: the remarks, which are the last, tell of all of them.
        """
        gathered, remarks = self._gathered, self._gathered.remarks.copy()
        for owners in (self.holders, self.practitioners):
            if owners.guessed is not None:
                name = NAMES[owners.kind]
                remarks.add(f"calls used a {name} and never tell which: taken to be {owners.guessed}")
        sams, clock = self._sams(remarks), datetime.fromtimestamp(gathered.began, TAIPEI)
        practitioners, known = list(self._practitioners()), gathered.cards.keys()
        yield "scenario", 1
        yield "title", {"en": "World of a trace", "zh": "由追蹤紀錄產生的模擬世界"}
        yield "about", f"Made of {gathered.count} recorded calls."
        yield "clock", _roc(clock)
        yield "sams", sams
        yield "practitioners", practitioners
        yield "cards", self._cards(clock, sams[0]["hospital_id"], remarks)
        for number, practitioner in enumerate(practitioners, 1):
            if practitioner["number"] in self.practitioners.made_up:
                remarks.add(
                    f"practitioner {number}: the card's number is not in the trace: {practitioner['number']}"
                )
        start = {"hc": self._first(self.holders), "hpc": self._first(self.practitioners)}
        yield "start", start
        icd = {code: short for file in gathered.cards.values() for code, short in file.icd.items()}
        optional = {
            "icd": icd | gathered.icd,
            "qr_codes": self._qr_codes(),
            "settings": tolerance(sams, known),
            "remarks": remarks.told(),
        }
        yield from ((key, value) for key, value in optional.items() if value)

    def whole(self) -> dict[str, Any]:
        """All of it at once."""
        return {key: list(value) if key == "cards" else value for key, value in self.items()}

    def _cards(self, clock: datetime, here: str, remarks: Remarks) -> Iterator[dict[str, Any]]:
        came = False
        for file in self._gathered.cards.values():
            found: list[str] = []
            entry = card_entry(file, clock, here, self.holders, found)
            yield entry
            remarks.add(*found)
            came = came or "elsewhere" in entry
        if came:
            remarks.add("what cards got elsewhere between two reads comes at its time")

    def _qr_codes(self) -> list[dict[str, Any]]:
        return [
            {"token": token, "card": holders[0], "uses": max(len(holders), USUAL_USES)}
            for token, holders in self._gathered.qr_codes.items()
        ]

    def _first(self, owners: Owners) -> str | None:
        """The card that lay in a slot when the trace began: that of the first program that tells of one."""
        programs = self._gathered.programs
        found = [program.slots[owners.kind].first for (_, physical), program in programs.items() if physical]
        first = min((each for each in found if each is not None), default=(0, NOBODY))[1]
        if first == STRANGER:
            first = owners.stranger
        known = self._gathered.cards if owners.kind == "card" else self._gathered.hpcs
        return first if first in known else None

    def _sams(self, remarks: Remarks) -> list[dict[str, str]]:
        sams = []
        port = min(max(self._gathered.port, 0), 900) + 1
        for index, reported in enumerate(self._gathered.sams):
            for key in ("id", "hospital_id"):
                if key not in reported:
                    remarks.add(f"the security module's {key} is not in the trace: {FALLBACK_SAM[key]}")
            made_up = {"hospital_name": UNKNOWN_NAME, "hospital_short_name": UNKNOWN_NAME}
            sam = {**FALLBACK_SAM, **made_up, **reported, "comport": f"COM{port + index}"}
            sams.append({key: sam[key] for key in FALLBACK_SAM})
        if not sams:
            remarks.add("the trace has no security module: a made-up one")
            sams.append({**FALLBACK_SAM, "comport": f"COM{port}"})
        return sams

    def _practitioners(self) -> Iterator[dict[str, Any]]:
        ids = {card: id_no for id_no, card in self.practitioners.number_by_id.items()}
        for index, (number, reported) in enumerate(self._gathered.hpcs.items()):
            yield {
                "number": number,
                "id_no": reported.get("id_no") or ids.get(number) or f"A90000{index:04d}",
                "name": reported.get("name") or UNKNOWN_NAME,
                "english_name": reported.get("english_name", ""),
                "role": reported.get("role", "doctor"),
                "pin": HPC_PIN,
                "puk": HPC_PUK,
            }


def tolerance(sams: Sequence[Mapping[str, str]], cards: Iterable[str]) -> dict[str, bool]:
    """What the simulated console must let pass: several SAMs by the ports that the old program opened, and
    numbers that masking made up without regard to which of them are test numbers.
    """
    kinds = {number.startswith("9") for number in (*(sam["id"] for sam in sams), *cards)}
    settings = {"virtual_ports": len(sams) > 1, "mixed_cards": len(kinds) > 1}
    return {name: value for name, value in settings.items() if value}


def _roc(moment: datetime) -> str:
    return f"{moment.year - ROC_OFFSET:03d}{moment:%m%d%H%M%S}"
