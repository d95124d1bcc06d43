"""Gathers what the calls of a trace tell of its world, while they come by."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any

from bridge.errors import TraceError
from bridge.trace.stream import ProgramEnd
from bridge.trace.worlds.cards import CardFile
from bridge.trace.worlds.observations import Observation
from bridge.trace.worlds.owners import Holders, Owners, Practitioners
from bridge.trace.worlds.remarks import Remarks
from bridge.trace.worlds.slots import STRANGER, SlotOfProgram, Waiting
from bridge.trace.worlds.told import CardKind, Told
from bridge.trace.worlds.values import Days
from bridge.words import said


class _Program:
    """A program, and what lay in its slots. ``calls``: how many it has made."""

    __slots__ = ("calls", "slots")

    def __init__(self, holders: Holders, practitioners: Practitioners, began: int) -> None:
        self.calls = 0
        self.slots: dict[CardKind, SlotOfProgram] = {
            owners.kind: SlotOfProgram(owners, began) for owners in (holders, practitioners)
        }

    def end(self) -> None:
        """It makes no further call."""
        for slot in self.slots.values():
            slot.end()


class Gathering:
    """Gathers what the calls tell, in their order."""

    def __init__(self, holders: Holders, practitioners: Practitioners) -> None:
        self.holders, self.practitioners = holders, practitioners
        self.cards: dict[str, CardFile] = {}
        self.hpcs: dict[str, dict[str, Any]] = {}
        self.sams: list[dict[str, str]] = []
        self.icd: dict[str, str] = {}
        self.qr_codes: dict[str, list[str]] = {}
        self.remarks = Remarks()
        self.count = 0
        self.began = 0.0
        self.port = -1
        self.needs_the_end = False
        self._days = Days()
        self._last_sam: Mapping[str, Any] = {}
        self.programs: dict[tuple[int, bool], _Program] = {}
        self._queue: deque[Waiting] = deque()

    def gather(self, observations: Iterable[Observation | ProgramEnd]) -> None:
        """Take all calls. ``needs_the_end`` is True afterwards where that has to be done anew, since what the
        end told would have been needed at the beginning.
        """
        for each in observations:
            if isinstance(each, ProgramEnd):
                self.end(each.process)
            else:
                self.take(each)
        if not self.count:
            raise TraceError(said("no calls in this trace, so no world"))
        for program in self.programs.values():
            program.end()
        self._clear_queue()
        self.needs_the_end = self._ended(self.holders) | self._ended(self.practitioners)
        if not self.needs_the_end:
            self._name_strangers()

    def take(self, observation: Observation) -> None:
        """The next call."""
        told = observation.told
        if self.count == 0:
            self.began = observation.at
        order = self.count = self.count + 1
        if self.port < 0:
            self.port = told.port
        if told.names and not self.holders.is_complete:
            self._note(told)
        key = observation.process, observation.physical
        program = self.programs.get(key)
        if program is None:
            program = self.programs[key] = _Program(self.holders, self.practitioners, order)
        card = hpc = None
        if told.about_card or told.about_hpc or told.about_others:
            waiting = Waiting(order, observation, told.about_card + told.about_hpc)
            self._queue.append(waiting)
            card, hpc = waiting if told.about_card else None, waiting if told.about_hpc else None
        turn, program.calls = program.calls, program.calls + 1
        for kind in told.moves:
            program.slots[kind].take(turn, order, observation, card if kind == "card" else hpc)
        if self._queue and not self._queue[0].open:
            self._clear_queue()

    def _note(self, told: Told) -> None:
        for owners in (self.holders, self.practitioners):
            if owners.kind in told.names:
                owners.note(told)

    def end(self, process: int) -> None:
        """A program makes no further call: what waited for one is known now."""
        for physical in (True, False):
            program = self.programs.get((process, physical))
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
        return any(program.slots[kind].strangers for program in self.programs.values())

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
        if told.patient:
            card = self.holders.number_of(told.patient) or card
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
            self.remarks.add(*(f"{where}: {remark}" for remark in found))

    def _sam(self, observation: Observation) -> None:
        """What the trace reports of the security module without its id is about the one named last."""
        told = observation.told.of("sam")
        reported = {key: str(value) for key, value in told.items() if value}
        if not reported:
            return
        self._last_sam = told
        last = self.sams[-1] if self.sams else {}
        number = reported.get("id", last.get("id"))
        known = next((sam for sam in self.sams if sam.get("id", number) == number), None)
        if known is None:
            known = {}
            self.sams.append(known)
        for key, value in reported.items():
            if known.setdefault(key, value) != value:
                self.remarks.add(f"call {observation.number}: the security module's {key} is another")
                self._last_sam = {}  # each call that says so is named
