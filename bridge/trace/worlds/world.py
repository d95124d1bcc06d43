"""A simulator's world in which a trace replays: a scenario (docs/migrate/scenarios.md) made of its reads.

What stands in it is what was so before the trace: the first sight of a fact counts, less what the trace's own
calls had changed by then. What cannot be known is not guessed silently: it becomes a remark.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from bridge.codec.dates import ROC_OFFSET
from bridge.errors import TraceError
from bridge.table.model.rows import Table
from bridge.trace.format import TracedCall
from bridge.trace.reading import Trace
from bridge.trace.stream import ProgramEnd
from bridge.trace.worlds.cards import CardFile
from bridge.trace.worlds.check import default_rules
from bridge.trace.worlds.entries import card_entry
from bridge.trace.worlds.moves import CardMove, moves_of
from bridge.trace.worlds.observations import Observation, observed
from bridge.trace.worlds.owners import NOBODY, Holders, Owners, Practitioners
from bridge.trace.worlds.rules import WorldRules
from bridge.trace.worlds.slots import STRANGER, SlotOfProgram, Waiting
from bridge.trace.worlds.telling import Telling
from bridge.trace.worlds.told import KINDS, CardKind
from bridge.trace.worlds.values import TAIPEI, Days
from bridge.words import said

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
    return world_of_calls(lambda: iter(trace.calls), table, rules)


def world_of_calls(
    calls: Callable[[], Iterable[TracedCall | ProgramEnd]], table: Table, rules: WorldRules | None = None
) -> dict[str, Any]:
    """The same of calls that come by one after the other, in the order in which they began. Where the end of
    a program comes by, too, nothing waits for its next call.

    ``calls`` is asked once, and once more where a call names somebody whose card a later one tells. Raises
    TraceError where there are none, and whatever ``calls`` raises.
    """
    telling = Telling(table, rules or default_rules())
    world = _World(Holders(), Practitioners())
    world.gather(_observed(telling, calls()))
    if world.needs_the_end:
        again = _World(world.holders, world.practitioners)
        again.gather(_observed(telling, calls()))
        world = again
    return world.document()


def _observed(
    telling: Telling, calls: Iterable[TracedCall | ProgramEnd]
) -> Iterator[Observation | ProgramEnd]:
    for call in calls:
        yield observed(call, telling.told(call)) if isinstance(call, TracedCall) else call


def made_world(
    trace: Trace, table: Table, rules: WorldRules | None = None
) -> tuple[dict[str, Any], list[CardMove]]:
    """The scenario as of :func:`world_of`, and the moves of cards as of
    :func:`bridge.trace.worlds.moves.card_moves`. Raises TraceError where the trace has no calls.
    """
    telling = Telling(table, rules or default_rules())
    observations = [observed(call, telling.told(call)) for call in trace.calls]
    world = _World(Holders.of(observations), Practitioners.of(observations))
    moves = moves_of(observations, world.holders, world.practitioners)
    world.gather(observations)
    return world.document(), moves


class _Program:
    """A program, and what lay in its slots."""

    def __init__(self, holders: Holders, practitioners: Practitioners, began: int) -> None:
        self.slots: dict[CardKind, SlotOfProgram] = {
            owners.kind: SlotOfProgram(owners, began) for owners in (holders, practitioners)
        }
        self._turn = -1

    def take(self, order: int, observation: Observation, waiting: Waiting | None) -> None:
        """Its next call; ``order``: which of the trace. ``waiting``: the same, where it tells something."""
        told = observation.told
        self._turn += 1
        for kind in told.moves:
            about = told.about_card if kind == "card" else told.about_hpc
            self.slots[kind].take(self._turn, order, observation, waiting if about else None)

    def end(self) -> None:
        """It makes no further call."""
        for slot in self.slots.values():
            slot.end()


class _World:
    """Gathers what the calls tell, in their order."""

    def __init__(self, holders: Holders, practitioners: Practitioners) -> None:
        self.holders, self.practitioners = holders, practitioners
        self.cards: dict[str, CardFile] = {}
        self.hpcs: dict[str, dict[str, Any]] = {}
        self.sams: list[dict[str, str]] = []
        self.icd: dict[str, str] = {}
        self.qr_codes: dict[str, list[str]] = {}
        self.remarks: list[str] = []
        self.count = 0
        self.began = 0.0
        self.port = -1
        self.needs_the_end = False
        self._days = Days()
        self._last_sam: Mapping[str, Any] = {}
        self._programs: dict[tuple[int, bool], _Program] = {}
        self._queue: deque[Waiting] = deque()

    def gather(self, observations: Iterable[Observation | ProgramEnd]) -> None:
        """Take all calls. ``needs_the_end`` is True afterwards where that has to be done anew, since what the
        end told would have been needed at the beginning.
        """
        for each in observations:
            if isinstance(each, ProgramEnd):
                self._end(each.process)
            else:
                self._take(each)
        if not self.count:
            raise TraceError(said("no calls in this trace, so no world"))
        for program in self._programs.values():
            program.end()
        self._clear_queue()
        self.needs_the_end = self._ended(self.holders) | self._ended(self.practitioners)
        if not self.needs_the_end:
            self._name_strangers()

    def _take(self, observation: Observation) -> None:
        told = observation.told
        if self.count == 0:
            self.began = observation.at
        order = self.count = self.count + 1
        if self.port < 0:
            self.port = told.port
        if told.names and not self.holders.is_complete:
            for owners in (self.holders, self.practitioners):
                if owners.kind in told.names:
                    owners.note(told)
        key = observation.process, observation.physical
        program = self._programs.get(key)
        if program is None:
            program = self._programs[key] = _Program(self.holders, self.practitioners, order)
        waiting = None
        if told.about_card or told.about_hpc or told.about_others:
            waiting = Waiting(order, observation, told.about_card + told.about_hpc)
            self._queue.append(waiting)
        program.take(order, observation, waiting)
        if self._queue and not self._queue[0].open:
            self._clear_queue()

    def _end(self, process: int) -> None:
        """A program makes no further call: what waited for one is known now."""
        for physical in (True, False):
            program = self._programs.get((process, physical))
            if program is not None:
                program.end()
        self._clear_queue()

    def _clear_queue(self) -> None:
        """Gather from the calls whose cards are known, as far as none stands before them that waits."""
        queue = self._queue
        while queue and not queue[0].open:
            waiting = queue.popleft()
            self._gather(waiting.observation, waiting.places.get("card"), waiting.places.get("practitioner"))

    def _ended(self, owners: Owners) -> bool:
        """Whether the end tells of a card what was not known when it was used."""
        was_complete = owners.is_complete
        if not was_complete:
            owners.complete()
        strangers = self._strangers(owners.kind)
        return not was_complete and (owners.changed_its_mind or (strangers and owners.only_one))

    def _strangers(self, kind: CardKind) -> bool:
        """Whether a call used a card of that kind and never told which."""
        return any(program.slots[kind].strangers for program in self._programs.values())

    def _name_strangers(self) -> None:
        """The card that was used without a word of whose it is has a name now."""
        if self._strangers("card"):
            number = self.holders.stranger
            file = self.cards.pop(STRANGER, None) or self.cards.get(number) or CardFile(number)
            file.number = number
            self.cards[number] = file
            for holders in self.qr_codes.values():
                holders[:] = [number if holder == STRANGER else holder for holder in holders]
        if self._strangers("practitioner"):
            number = self.practitioners.stranger
            self.hpcs[number] = self.hpcs.pop(STRANGER, {}) or self.hpcs.get(number, {})

    def _gather(self, observation: Observation, card: str | None, hpc: str | None) -> None:
        told = observation.told
        if "sam" in told.facts and told.facts["sam"] != self._last_sam:
            self._sam(observation)
        if hpc:
            entry = self.hpcs.setdefault(hpc, {})
            for key, value in told.of("practitioner").items():
                entry.setdefault(key, value)
        if told.squeezed is not None and all(told.squeezed):
            self.icd.setdefault(*told.squeezed)
        patient = self.holders.number_of(told.patient)
        if patient is not None:
            card = patient
        if card and told.presents:
            self.qr_codes.setdefault(told.presents, []).append(card)
        if card:
            file = self.cards.get(card)
            if file is None:
                file = self.cards[card] = CardFile(card)
            file.take(observation, self._days.of(observation.at))
        if told.remarks or (card and told.row_remarks):
            where = f"call {observation.number} ({observation.function})"
            found = [*told.remarks, *(told.row_remarks if card else ())]
            self.remarks += [f"{where}: {remark}" for remark in found]

    def _sam(self, observation: Observation) -> None:
        """What the trace reports of the security module without its id is about the one named last."""
        told = observation.told.of("sam")
        reported = {key: str(value) for key, value in told.items() if value}
        if not reported:
            return
        before = len(self.remarks)
        last = self.sams[-1] if self.sams else {}
        number = reported.get("id", last.get("id"))
        known = next((sam for sam in self.sams if sam.get("id", number) == number), None)
        if known is None:
            known = {}
            self.sams.append(known)
        for key, value in reported.items():
            if known.setdefault(key, value) != value:
                self.remarks.append(f"call {observation.number}: the security module's {key} is another")
        self._last_sam = told if len(self.remarks) == before else {}

    # --- the document

    def document(self) -> dict[str, Any]:
        for owners in (self.holders, self.practitioners):
            if owners.guessed is not None:
                name = NAMES[owners.kind]
                self.remarks.append(f"calls used a {name} and never tell which: taken to be {owners.guessed}")
        sams, clock = self._sams(), datetime.fromtimestamp(self.began, TAIPEI)
        cards = [
            card_entry(file, clock, sams[0]["hospital_id"], self.holders, self.remarks)
            for file in self.cards.values()
        ]
        practitioners = self._practitioners()
        known = {card["number"] for card in cards}
        document: dict[str, Any] = {
            "scenario": 1,
            "title": {"en": "World of a trace", "zh": "由追蹤紀錄產生的模擬世界"},
            "about": f"Made of {self.count} recorded calls.",
            "clock": _roc(clock),
            "sams": sams,
            "practitioners": practitioners,
            "cards": cards,
            "start": {
                "hc": self._first(0, known),
                "hpc": self._first(1, {each["number"] for each in practitioners}),
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

    def _first(self, index: int, known: set[str]) -> str | None:
        """The card that lay in a slot when the trace began: that of the first program that tells of one."""
        found = [program.slots[KINDS[index]].first for key, program in self._programs.items() if key[1]]
        first = min((each for each in found if each is not None), default=(0, NOBODY))[1]
        if first == STRANGER:
            first = (self.holders, self.practitioners)[index].stranger
        return first if first in known else None

    def _sams(self) -> list[dict[str, str]]:
        sams = []
        port = min(max(self.port, 0), 900) + 1
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
