"""A simulator's world in which a trace replays: a scenario (docs/migrate/scenarios.md) made of its reads.

What stands in it is what was so before the trace: the first sight of a fact counts, less what the trace's own
calls had changed by then. What cannot be known is not guessed silently: it becomes a remark.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bridge.codec.dates import ROC_OFFSET
from bridge.errors import TraceError
from bridge.table.model.rows import Table
from bridge.trace.reading import Trace
from bridge.trace.worlds.cards import CardFile
from bridge.trace.worlds.check import default_rules
from bridge.trace.worlds.entries import card_entry
from bridge.trace.worlds.moves import (
    CardMove,
    Holders,
    Owners,
    Practitioners,
    card_moves,
    moves_of,
    places,
)
from bridge.trace.worlds.observations import Observation, facts_of, observe
from bridge.trace.worlds.rows import seen_rows
from bridge.trace.worlds.rules import WorldRules
from bridge.trace.worlds.values import TAIPEI
from bridge.words import said

__all__ = ["CardMove", "card_moves", "world_of"]

FALLBACK_SAM = {
    "id": "001000000103",
    "hospital_id": "3501200000",
    "hospital_name": "測試院所",
    "hospital_short_name": "測試院所",
    "comport": "COM1",
}
MOST_REMARKS = 300
USUAL_USES = 3  # of a QR code
NAMES = {"card": "health card", "practitioner": "practitioner's card"}
HPC_PIN, HPC_PUK = "123456", "12345678"  # those that a simulated bridge types by itself
UNKNOWN_NAME = "不詳"


def world_of(trace: Trace, table: Table, rules: WorldRules | None = None) -> dict[str, Any]:
    """The scenario in which a trace replays, as a document of plain values; ``remarks`` says what it lacks.

    Raises TraceError where the trace has no calls.
    """
    return made_world(trace, table, rules)[0]


def made_world(
    trace: Trace, table: Table, rules: WorldRules | None = None
) -> tuple[dict[str, Any], list[CardMove]]:
    """The scenario as of :func:`world_of`, and the moves of cards as of :func:`card_moves`."""
    if not trace.calls:
        raise TraceError(said("no calls in this trace, so no world"))
    rules = rules or default_rules()
    observations = [observe(table, rules, call) for call in trace.calls]
    world = _World(table, observations, rules)
    return world.document(), world.moves


class _World:
    """Gathers what the calls tell, in their order."""

    def __init__(self, table: Table, observations: Sequence[Observation], rules: WorldRules) -> None:
        self.table, self.rules, self.observations = table, rules, observations
        self.holders = Holders(observations)
        self.practitioners = Practitioners(observations)
        self.moves = moves_of(observations, self.holders, self.practitioners)
        self.cards: dict[str, CardFile] = {}
        self.hpcs: dict[str, dict[str, Any]] = {}
        self.sams: list[dict[str, str]] = []
        self.icd: dict[str, str] = {}
        self.qr_codes: dict[str, list[str]] = {}
        self.remarks: list[str] = []
        self.clock = observations[0].call.at.astimezone(TAIPEI)
        inserted, hpcs = self._inserted(self.holders), self._inserted(self.practitioners)
        for index, observation in enumerate(observations):
            self._gather(observation, inserted[index], hpcs[index])

    def _inserted(self, owners: Owners) -> list[str | None]:
        """The card of each call: that in the reader of its process, or the virtual one it names."""
        found: list[str | None] = [None] * len(self.observations)
        lines: dict[tuple[int, bool], list[int]] = {}
        for index, observation in enumerate(self.observations):
            lines.setdefault((observation.call.process, observation.physical), []).append(index)
        for indexes in lines.values():
            listed = places([self.observations[index] for index in indexes], owners)
            for index, place in zip(indexes, listed, strict=True):
                found[index] = place
        return found

    def _gather(self, observation: Observation, card: str | None, hpc: str | None) -> None:
        where = f"call {observation.call.number} ({observation.call.function})"
        self._sam(observation)
        if hpc:
            entry = self.hpcs.setdefault(hpc, {})
            for key, value in facts_of(observation, "practitioner").items():
                entry.setdefault(key, value)
        if observation.ok and observation.rule.squeezes is not None:
            self._squeezed(observation)
        patient = self.holders.number_by_id.get(observation.text(observation.rule.patient))
        if patient is not None:
            card = patient
        if card and observation.ok and observation.text(observation.rule.presents):
            self.qr_codes.setdefault(observation.text(observation.rule.presents), []).append(card)
        if card:
            rows = list(seen_rows(self.table, self.rules, observation))
            self.cards.setdefault(card, CardFile(card)).take(observation, rows, where)
        self.remarks += [f"{where}: {remark}" for remark in observation.remarks]

    def _sam(self, observation: Observation) -> None:
        """What the trace reports of the security module without its id is about the one named last."""
        reported = {key: str(value) for key, value in facts_of(observation, "sam").items() if value}
        if not reported:
            return
        last = self.sams[-1] if self.sams else {}
        number = reported.get("id", last.get("id"))
        known = next((sam for sam in self.sams if sam.get("id", number) == number), None)
        if known is None:
            known = {}
            self.sams.append(known)
        for key, value in reported.items():
            if known.setdefault(key, value) != value:
                self.remarks.append(f"call {observation.call.number}: the security module's {key} is another")

    def _squeezed(self, observation: Observation) -> None:
        rule = observation.rule.squeezes
        if rule is not None:
            code, squeezed = observation.text_of(rule.code), observation.text_of(rule.squeezed)
            if code and squeezed:
                self.icd.setdefault(code, squeezed)

    # --- the document

    def document(self) -> dict[str, Any]:
        for owners in (self.holders, self.practitioners):
            if owners.guessed is not None:
                name = NAMES[owners.kind]
                self.remarks.append(f"calls used a {name} and never tell which: taken to be {owners.guessed}")
        sams = self._sams()
        cards = [
            card_entry(file, self.clock, sams[0]["hospital_id"], self.holders, self.remarks)
            for file in self.cards.values()
        ]
        practitioners = self._practitioners()
        known = {card["number"] for card in cards}
        document: dict[str, Any] = {
            "scenario": 1,
            "title": {"en": "World of a trace", "zh": "由追蹤紀錄產生的模擬世界"},
            "about": f"Made of {len(self.observations)} recorded calls.",
            "clock": _roc(self.clock),
            "sams": sams,
            "practitioners": practitioners,
            "cards": cards,
            "start": {
                "hc": self._first("hc", known),
                "hpc": self._first("hpc", {each["number"] for each in practitioners}),
            },
        }
        icd = {code: short for file in self.cards.values() for code, short in file.icd.items()} | self.icd
        if icd:
            document["icd"] = icd
        if self.qr_codes:
            document["qr_codes"] = [
                {"token": token, "card": holders[0], "uses": max(len(holders), USUAL_USES)}
                for token, holders in self.qr_codes.items()
            ]
        settings = _tolerance(sams, known)
        if settings:
            document["settings"] = settings
        if self.remarks:
            document["remarks"] = _shortened(_grouped(self.remarks))
        return document

    def _first(self, slot: str, known: set[str]) -> str | None:
        first = next((move.card_no for move in self.moves if move.slot == slot), None)
        return first if first in known else None

    def _sams(self) -> list[dict[str, str]]:
        sams = []
        port = self._port()
        for index, reported in enumerate(self.sams):
            for key in ("id", "hospital_id"):
                if key not in reported:
                    self.remarks.append(
                        f"the security module's {key} is not in the trace: {FALLBACK_SAM[key]}"
                    )
            made_up = {"hospital_name": UNKNOWN_NAME, "hospital_short_name": UNKNOWN_NAME}
            sam = {**FALLBACK_SAM, **made_up, **reported, "comport": f"COM{port + index}"}
            sams.append({key: sam[key] for key in FALLBACK_SAM})
        if not sams:
            self.remarks.append("the trace has no security module: a made-up one")
            sams.append({**FALLBACK_SAM, "comport": f"COM{port}"})
        return sams

    def _port(self) -> int:
        for observation in self.observations:
            value = observation.call.given.get(observation.rule.opens or "")
            low = getattr(value, "low", -1)
            if low >= 0:
                return min(int(low), 900) + 1
        return 1

    def _practitioners(self) -> list[dict[str, Any]]:
        found = []
        for index, (number, reported) in enumerate(self.hpcs.items()):
            ids = {card: id_no for id_no, card in self.practitioners.number_by_id.items()}
            if number in self.practitioners.made_up:
                self.remarks.append(
                    f"practitioner {index + 1}: the card's number is not in the trace: {number}"
                )
            found.append(
                {
                    "number": number,
                    "id_no": reported.get("id_no") or ids.get(number) or f"A90000{index:04d}",
                    "name": reported.get("name") or UNKNOWN_NAME,
                    "english_name": reported.get("english_name", ""),
                    "role": reported.get("role", "doctor"),
                    "pin": HPC_PIN,
                    "puk": HPC_PUK,
                }
            )
        return found


def _tolerance(sams: Sequence[Mapping[str, str]], cards: set[str]) -> dict[str, bool]:
    """What the simulated console must let pass: several SAMs by the ports that the old program opened, and
    numbers that masking made up without regard to which of them are test numbers.
    """
    kinds = {number.startswith("9") for number in (*(sam["id"] for sam in sams), *cards)}
    settings = {"virtual_ports": len(sams) > 1, "mixed_cards": len(kinds) > 1}
    return {name: value for name, value in settings.items() if value}


_CALL = re.compile(r"call \d+ ")


def _grouped(remarks: Sequence[str]) -> list[str]:
    """Each remark once: the same one about many calls names the first of them, and how many more."""
    first: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for remark in dict.fromkeys(remarks):
        same = _CALL.sub("", remark)
        first.setdefault(same, remark)
        counts[same] += 1
    return [
        f"{first[same]} (and {count - 1} more)" if count > 1 else first[same]
        for same, count in counts.items()
    ]


def _roc(moment: datetime) -> str:
    return f"{moment.year - ROC_OFFSET:03d}{moment:%m%d%H%M%S}"


def _shortened(remarks: list[str]) -> list[str]:
    if len(remarks) <= MOST_REMARKS:
        return remarks
    return [*remarks[:MOST_REMARKS], f"... and {len(remarks) - MOST_REMARKS} more like these"]
