"""Judges the calls of all programs: right bytes, of one person, whose card lay there; writes exactly once."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from tests.load.calls import Call, Presence
from tests.load.load_script import CARDS, NUMBER_BYTES, ORDERS, VISITS, orders_record, own_card
from tests.load.web_clients import LOOKUP, NO_ANSWER, NUMBER, UPLOAD, WRITE
from tests.support import record_bytes as oracle
from tests.support.record_bytes import Person

VERSION = 6000  # csGetVersionEx returns it
SAME_DAY = 5010  # a visit number all the same
NUMBERS = ("hisGetSeqNumber256N1", NUMBER)
WRITES = ("hisWritePrescription", WRITE)
WITHOUT_RECORD = (
    "csOpenCom", "csCloseCom", "csSoftwareReset", "hisWritePrescription", "/Offline/getNetworkStatus", UPLOAD,
)  # fmt: skip
CLOCK_SLACK = 2.0
ORDER_MARKS = ("N", "W")

# Why a call may fail here: what each code says of the card that was there, or was not.
NATIVE_FAILURES = {
    4013: "no card in the slot (it was being changed)",
    4033: "the card was changed while the call ran",
    5020: "another person's card lay there",
}
WEB_FAILURES = {
    1019: "no virtual card (a call for the physical one had logged it out)",
    5020: "another person's virtual card was there",
    4033: "the card was changed while the call ran",
}


FAILURES = {"native": NATIVE_FAILURES, "web": WEB_FAILURES}


@dataclass
class Verdict:
    """What came out. ``wrong``, ``mixed`` and ``lost`` must be empty."""

    calls: Counter[str] = field(default_factory=Counter)
    answered: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    mixed: list[str] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    written: int = 0
    numbers: int = 0

    def summary(self) -> dict[str, Any]:
        """For people and files."""
        return {
            "calls": sum(self.calls.values()),
            "answered": sum(self.answered.values()),
            "wrong bytes": len(self.wrong),
            "mixed-up patients": len(self.mixed),
            "unexpected codes": len(self.unexpected),
            "writes lost, doubled or astray": len(self.lost),
            "orders written": self.written,
            "visit numbers taken": self.numbers,
            "failures by code": dict(sorted(self.failures.items())),
            "calls by function": dict(sorted(self.calls.items())),
        }


class Judge:
    """Knows the people before and after, when their cards were there, and why a call may fail."""

    def __init__(
        self,
        before: Mapping[str, Person],
        after: Mapping[str, Person],
        physical: Presence,
        virtual: Presence,
        wall_clock_minus_monotonic: float,
        failures: Mapping[str, Mapping[int, str]] = FAILURES,
    ) -> None:
        self._failures = failures
        self._before, self._after = before, after
        self._presence = {"native": physical, "web": virtual}
        self._offset = wall_clock_minus_monotonic
        self._states = {
            VISITS: {card: _visit_states(before[card], after[card]) for card in CARDS},
            ORDERS: {card: _order_states(before[card], after[card]) for card in CARDS},
        }
        self._constant: dict[str, bytes] = {}
        self._written: dict[str, str] = {}  # order -> card
        self._numbers: dict[str, set[str]] = {}  # visit identifier -> cards it may stand on
        self.verdict = Verdict()

    def judge(self, calls: Iterable[Call]) -> Verdict:
        """Look at every call, then at what the cloud has stored."""
        for call in calls:
            self._judge(call)
        self._compare_orders()
        self._compare_numbers()
        return self.verdict

    # --- one call -------------------------------------------------------------------------------------------

    def _judge(self, call: Call) -> None:
        verdict = self.verdict
        kind = call.client.partition("-")[0]
        verdict.calls[call.name] += 1
        filled = call.code in (0, SAME_DAY) if call.name in NUMBERS else call.code == self._good(call)
        if not filled:
            known = self._failures["native" if kind == "native" else "web"]
            verdict.failures[f"{call.code} {known.get(call.code, '?')}"] += 1
            if not self._is_explained(call, known):
                verdict.unexpected.append(f"{_short(call)}")
            if call.found != "-" and kind == "native":
                verdict.wrong.append(f"{_short(call)}: bytes came with a failure")
            return
        verdict.answered[call.name] += 1
        if call.found == "!":
            verdict.wrong.append(f"{_short(call)}: written behind the buffer")
        elif call.name in NUMBERS:
            self._take_number(call, kind)
        elif call.name in WRITES:
            self._note_order(call)
        elif call.name not in WITHOUT_RECORD and call.found != "own":
            self._check_record(call, kind)

    def _is_explained(self, call: Call, known: Mapping[int, str]) -> bool:
        """Whether there is a reason for a failure. ``known``: the codes that have one."""
        return call.code in known

    @staticmethod
    def _good(call: Call) -> int:
        if call.name == "csGetVersionEx":
            return VERSION
        return call.code if call.name == LOOKUP and call.code != NO_ANSWER else 0

    def _check_record(self, call: Call, kind: str) -> None:
        name = call.name.removeprefix("/VHC/VHC")
        record = call.record
        if name == "csGetDateTime":
            self._check_time(call, record)
        elif name in ("csGetVersionEx", "/utility/getSDKVersion"):
            if record is None or self._constant.setdefault(name, record) != record:
                self.verdict.wrong.append(f"{_short(call)}: another answer than before")
        else:
            self._check_person(call, kind, self._cards_of(name, call.found, record))

    def _check_person(self, call: Call, kind: str, cards: set[str]) -> None:
        """``cards``: those whose record it is."""
        if not cards:
            self.verdict.wrong.append(f"{_short(call)}: nobody's record")
        elif not cards & self._there(call, kind):
            when = f"from {call.start} to {call.end}"
            self.verdict.mixed.append(f"{_short(call)}: of {cards}, whose card was not there {when}")

    def _there(self, call: Call, kind: str) -> set[str]:
        """The cards that the caller could meet at some time of the call."""
        return self._presence[kind].during(call)

    def _cards_of(self, name: str, found: str, record: bytes | None) -> set[str]:
        if record is None:
            ends = set(found.split("/"))
            return {card for card in CARDS if card[-3:] in ends}
        return {card for card, states in self._states.get(name, {}).items() if record in states}

    def _check_time(self, call: Call, record: bytes | None) -> None:
        """The reader's clock is that of Taipei; which whole half hours lie between does not matter."""
        text = (record or b"").decode("ascii", "replace")
        try:
            shown = datetime.strptime(f"{int(text[:3]) + 1911}{text[3:]}", "%Y%m%d%H%M%S").timestamp()
        except ValueError:
            self.verdict.wrong.append(f"{_short(call)}: no time")
            return
        begun, ended = (moment / 1e6 + self._offset for moment in (call.start, call.end))
        late = (shown - begun + CLOCK_SLACK) % 1800
        if late > ended - begun + 2 * CLOCK_SLACK:
            self.verdict.wrong.append(f"{_short(call)}: another time ({text})")

    # --- writes ---------------------------------------------------------------------------------------------

    def _note_order(self, call: Call) -> None:
        client = int(call.client.rpartition("-")[2])
        mark = "N" if call.client.startswith("native") else "W"
        self._written[f"{mark}{client:03d}{call.number:06d}"] = own_card(client)

    def _take_number(self, call: Call, kind: str) -> None:
        record = call.record or b""
        if len(record) != NUMBER_BYTES:
            self.verdict.wrong.append(f"{_short(call)}: {len(record)} bytes")
            return
        self._numbers[record[-20:].decode("ascii", "replace")] = self._there(call, kind)

    def _stored_orders(self) -> Mapping[str, list[str]]:
        """The orders that programs of the test have written, and for whom."""
        stored: defaultdict[str, list[str]] = defaultdict(list)
        for card, who in self._after.items():
            for row in who.stored["prescriptions"]:
                code = str(row["treatmentItemCode"])
                if code.startswith(ORDER_MARKS) and len(code) == 10:
                    stored[code].append(card)
                    if row["usage"] != f"USE{code[:4]}":
                        self.verdict.lost.append(f"order {code} has the content of {row['usage']}")
        return stored

    def _stored_numbers(self) -> Mapping[str, list[str]]:
        """The visit numbers that were taken, and on whose record they stand."""
        stored: defaultdict[str, list[str]] = defaultdict(list)
        for card, who in self._after.items():
            known = {visit["treatment_number"] for visit in self._before[card].stored["visits"]}
            for visit in who.stored["visits"]:
                if visit["treatment_number"] not in known:
                    stored[visit["treatment_number"]].append(card)
        return stored

    def _compare_orders(self) -> None:
        stored = self._stored_orders()
        for code in {*stored, *self._written}:
            wanted = [self._written[code]] if code in self._written else []
            found = stored.get(code, [])
            if found != wanted:
                self.verdict.lost.append(f"order {code}: stored for {found}, answered 0 for {wanted}")
        self.verdict.written = len(self._written)

    def _compare_numbers(self) -> None:
        stored = self._stored_numbers()
        for number in {*stored, *self._numbers}:
            cards = stored.get(number, [])
            if len(cards) != 1 or number not in self._numbers:
                self.verdict.lost.append(f"visit number: stored for {cards}, given {number in self._numbers}")
            elif cards[0] not in self._numbers[number]:
                self.verdict.mixed.append(f"visit number of {cards[0]}, whose card was not there")
        self.verdict.numbers = len(self._numbers)


def _short(call: Call) -> str:
    return f"{call.client} {call.name} #{call.number} code={call.code} found={call.found[:80]}"


# --- every state that a record has been in ------------------------------------------------------------------


def _with_stored(who: Person, **changed: Any) -> Person:
    return replace(who, stored={**who.stored, **changed})


def _visit_states(before: Person, after: Person) -> set[bytes]:
    """Each new visit stands in front of all others."""
    visits: Sequence[Any] = after.stored["visits"]
    added = len(visits) - len(before.stored["visits"])
    return {
        oracle.treatment_no_need_hpc(_with_stored(after, visits=visits[left:])) for left in range(added + 1)
    }


def _order_states(before: Person, after: Person) -> set[bytes]:
    """Each new order stands in front of those of the same visit."""
    rows: list[Any] = after.stored["prescriptions"]
    old = [json.dumps(row, sort_keys=True) for row in before.stored["prescriptions"]]
    added = [index for index, row in enumerate(rows) if json.dumps(row, sort_keys=True) not in old]
    states = set()
    for left in range(len(added) + 1):
        gone = set(added[:left])
        kept = [row for index, row in enumerate(rows) if index not in gone]
        states.add(orders_record(_with_stored(after, prescriptions=kept)))
    return states
