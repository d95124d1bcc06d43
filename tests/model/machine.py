"""What may happen at one console, and what may come of it: the model."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from bridge.calls.call import LegacyResult, OutBuffer
from bridge.config import ReaderSettings
from bridge.sim.simulator import Simulator
from tests.model.clinic import NATIVE, VHC, Burst, Clinic, Site
from tests.model.neighbour import Deed
from tests.support.record_bytes import Person, basic_data, cards
from tests.support.stage import CHILD, DEMO, ELDER, MOTHER
from tests.support.two_readers import two_readers

PEOPLE = (DEMO, CHILD, MOTHER, ELDER)
PROGRAMS = ("A", "B", "")
SLOTS = {0: "hc", 1: "hc@COM2"}
UNKNOWN_PORT = 7
KINDS = (
    "read", "read", "number", "write", "write", "card number", "doctor", "reset", "upload", "upload",
    "bad upload", "vhc read", "vhc read", "vhc number", "export", "import", "forget",
)  # fmt: skip
TAKEN = (0, 5010)  # a visit number, also a second one on the same day
ISSUED = slice(50, 57)  # of the 72 bytes: a virtual card has no day of issue
TOTAL: Counter[str] = Counter()

Stored = dict[str, dict[str, Any]]

sites = st.integers(0, 1)
people = st.sampled_from(PEOPLE)
programs = st.sampled_from(PROGRAMS)
slots = st.sampled_from(tuple(SLOTS.values()))
swaps = st.tuples(st.just("insert"), st.builds("{} {}".format, slots, people | st.just("")))
deeds = st.one_of(
    st.tuples(st.just("present"), people),
    st.tuples(st.sampled_from(("log out", "log out SAM", "finalise")), st.just("")),
    st.tuples(st.just("take over"), st.sampled_from(("COM1", "COM2"))),
    swaps,
)
bursts = st.none() | st.tuples(deeds, st.integers(1, 12))


@dataclass(frozen=True)
class Op:
    """A call: what, by which program, and for whom a write is meant or whose QR code is shown. ``own``: it is
    the person whose card lies there.
    """

    what: str
    program: str
    person: str
    own: bool


ops = st.builds(
    Op,
    st.sampled_from(KINDS),
    programs,
    people,
    st.booleans(),
)  # fmt: skip


class ClinicMachine(RuleBasedStateMachine):
    """What the programs know, beside what the clinic is."""

    simulator: Simulator

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()

    @initialize(sticky=st.booleans(), default=st.sampled_from(("", "COM1")))
    def begin(self, sticky: bool, default: str) -> None:
        world = self.simulator.world
        world.load(two_readers())
        world.change_switches({"sticky_card": sticky, "one_visit_per_qr": False})
        world.requests.clear()
        chosen = ReaderSettings(hold=0, default_device=default)
        self.default = 0 if default else None
        self.clinic = self.run(self.made(chosen))
        self.named: dict[tuple[int, str], int] = {}
        self.shown: list[set[str]] = [set(), set()]  # whose virtual card a site may have
        self.tokens: dict[str, str] = {}  # transfer codes and whose they are

    async def made(self, chosen: ReaderSettings) -> Clinic:
        return Clinic(self.simulator, chosen)

    def run(self, work: Awaitable[Any]) -> Any:
        return self.loop.run_until_complete(work)

    # --- the world ------------------------------------------------------------------------------------------

    @rule(deed=deeds)
    def neighbour_acts(self, deed: Deed) -> None:
        self.clinic.neighbour.do(deed)

    @rule(seconds=st.sampled_from((1, 20, 61, 1000)))
    def time_passes(self, seconds: int) -> None:
        self.clinic.pass_time(seconds)

    # --- ports ----------------------------------------------------------------------------------------------

    @rule(number=sites, program=programs, port=st.sampled_from((0, 0, 1, 1, -1, UNKNOWN_PORT)))
    def open_port(self, number: int, program: str, port: int) -> None:
        code = self.run(self.clinic.sites[number].call("csOpenCom", program, pComNum=port)).code
        assert code in (0, -1)
        TOTAL[f"open {code}"] += 1
        # callers that nobody tells apart ("") are not all kept from the reader because one named no such port
        if port in SLOTS or (port == UNKNOWN_PORT and program and (number, program) not in self.named):
            assert code == -1 or port != UNKNOWN_PORT
            self.named[number, program] = port
        if port == UNKNOWN_PORT:
            assert code == -1

    @rule(number=sites, program=programs)
    def close_port(self, number: int, program: str) -> None:
        assert self.run(self.clinic.sites[number].call("csCloseCom", program)).code == 0

    # --- calls ----------------------------------------------------------------------------------------------

    @rule(number=sites, batch=st.lists(ops, min_size=1, max_size=3), burst=bursts)
    def calls_at_once(self, number: int, batch: list[Op], burst: tuple[Deed, int] | None) -> None:
        self.make(number, batch, burst)

    @rule(number=sites, calls=st.lists(st.tuples(ops, bursts), min_size=1, max_size=5))
    def calls_one_by_one(self, number: int, calls: list[tuple[Op, tuple[Deed, int] | None]]) -> None:
        for op, burst in calls:
            self.make(number, [op], burst)

    @rule(calls=st.lists(st.tuples(sites, ops), min_size=2, max_size=5))
    def calls_of_both(self, calls: list[tuple[int, Op]]) -> None:
        for number, op in calls:
            self.make(number, [op], None)

    @rule(number=sites, port=st.sampled_from((0, 1)), person=people)
    def nobody_else_is_there(self, number: int, port: int, person: str) -> None:
        """Then everything works."""
        self.clinic.pass_time(1000)
        self.clinic.neighbour.do(("finalise", ""))
        self.clinic.neighbour.do(("insert", f"{SLOTS[port]} {person}"))
        self.open_port(number, "A", port)
        for what in ("read", "upload", "vhc read"):
            (code,) = self.make(number, [Op(what, "A", person, own=False)], None)
            assert code == 0, what

    def make(self, number: int, batch: list[Op], burst: tuple[Deed, int] | None) -> list[int]:
        """Make calls at once and compare everything with what may have come of them."""
        clinic, site = self.clinic, self.clinic.sites[number]
        batch = [self.aimed(number, op) for op in batch]
        clinic.pass_time(1)  # visit numbers need moments of their own
        before = self.stored()
        lying = self.lying()
        clinic.burst = None if burst is None else Burst(*burst)
        results = self.run(self.together(site, batch))
        clinic.burst = None
        lying = [known | now for known, now in zip(lying, self.lying(), strict=True)]
        after = self.stored()
        shown = self.note_virtual_cards(number, batch, results)
        allowed = [self.meant(number, op, lying, shown) for op in batch]
        for op, result, whose in zip(batch, results, allowed, strict=True):
            TOTAL[f"{op.what} {'good' if result.code in TAKEN else 'refused'}"] += 1
            self.compare_bytes(op, result, whose, (before, after))
        self.compare_changes(batch, results, allowed, before, after)
        return [result.code for result in results]

    async def together(self, site: Site, batch: list[Op]) -> list[LegacyResult]:
        return await asyncio.gather(*(self.one(site, op) for op in batch))

    def one(self, site: Site, op: Op) -> Awaitable[LegacyResult]:
        holder = self.clinic.world.cards[op.person]
        match op.what:
            case "read" | "vhc read":
                door = NATIVE if op.what == "read" else VHC
                return site.call("hisGetBasicData", op.program, door, pBuffer=OutBuffer(72))
            case "number" | "vhc number":
                return site.call(
                    "hisGetSeqNumber256N1", op.program, NATIVE if op.what == "number" else VHC,
                    cTreatItem=b"01", cBabyTreat=b"", cTreatAfterCheck=b"1", pBuffer=OutBuffer(316),
                )  # fmt: skip
            case "write":
                return site.call(
                    "hisWriteEmergentTel", op.program, pPatientID=holder.id_no.encode(),
                    pPatientBirthDate=holder.birthday.encode(), pEmergentTel=self.new_tel(),
                )  # fmt: skip
            case "card number":
                return site.call("csGetCardNo", op.program, CardType=2, pBuffer=OutBuffer(12))
            case "doctor":
                return site.call("hpcVerifyHPCPIN", op.program)
            case "reset":
                return site.call("csSoftwareReset", op.program, Device=0)
            case "upload" | "bad upload":
                token = self.clinic.world.qr(op.person) if op.what == "upload" else "YQ==.YQ==.YQ=="
                return site.call("uploadqrcode", op.program, VHC, QRCodeString=token.encode())
            case "export":
                return site.call("GetVHCQRCodeCloudToken", op.program, VHC)
            case "import":
                token = next(reversed(self.tokens), "YQ==.YQ==")
                return site.call("UploadVHCQRCodeCloudToken", op.program, VHC, transferToken=token.encode())
        assert op.what == "forget"
        return site.call("VHCcleanQRCode", op.program, VHC)

    def new_tel(self) -> bytes:
        TOTAL["telephone"] += 1
        return f"{TOTAL['telephone']:010d}".encode()

    # --- the model ------------------------------------------------------------------------------------------

    def lying(self) -> list[set[str]]:
        """The cards in the two slots, by port."""
        found = (self.clinic.world.slots[slot].card_number for slot in SLOTS.values())
        return [{card} if card else set() for card in found]

    def stored(self) -> Stored:
        """What the calls may change of each person: how many visits there are, and the telephone."""
        found = {card: self.clinic.world.record(card) for card in PEOPLE}
        return {
            card: {"visits": len(record.visits), "emergency_tel": record.emergency_tel}
            for card, record in found.items()
        }

    def note_virtual_cards(self, number: int, batch: list[Op], results: list[LegacyResult]) -> set[str]:
        """Whose virtual card this site may have had while the calls ran. What it may have now is noted."""
        known = self.shown[number]
        came = set()
        for op, result in zip(batch, results, strict=True):
            if result.code == 0 and op.what == "upload":
                came.add(op.person)
            if result.code == 0 and op.what == "import":
                came.add(self.tokens[next(reversed(self.tokens))])
        good = {op.what for op, result in zip(batch, results, strict=True) if result.code == 0}
        left = good & {"export", "forget", "reset"}
        self.shown[number] = came or (set() if left else known)
        for op, result in zip(batch, results, strict=True):
            if op.what == "export" and result.code == 0:
                token = bytes(result.outputs["transferToken"]).split(b"\0")[0].decode()
                exported = self.clinic.simulator.world.transfers._transfers[token].card_number
                assert exported in known | came
                self.tokens[token] = exported
        return known | came

    def aimed(self, number: int, op: Op) -> Op:
        """The call, for the person whose card lies at the program's port where it is to be its own."""
        there = self.lying()[0 if self.named.get((number, op.program), self.default) in (0, None) else 1]
        return replace(op, person=min(there)) if op.own and op.what == "write" and there else op

    def meant(self, number: int, op: Op, lying: list[set[str]], shown: set[str]) -> set[str]:
        """Whose data a call may give, whose record it may change."""
        if op.what.startswith("vhc"):
            return shown
        port = self.named.get((number, op.program), self.default)
        if port is None:
            return lying[0] | lying[1]
        there = lying[port] if port in SLOTS else set()
        return there & {op.person} if op.what == "write" else there

    def compare_bytes(
        self, op: Op, result: LegacyResult, whose: set[str], stored: tuple[Stored, ...]
    ) -> None:
        if op.what == "card number" and result.code == 0:
            assert bytes(result.outputs["pBuffer"]).decode() in whose
        elif op.what in ("read", "vhc read") and result.code == 0:
            found = bytes(result.outputs["pBuffer"])
            assert without(found, op) in {without(record, op) for record in records(whose, stored)}
        elif result.code not in TAKEN:
            assert result.outputs == {}

    def compare_changes(
        self,
        batch: list[Op],
        results: list[LegacyResult],
        allowed: list[set[str]],
        before: Stored,
        after: Stored,
    ) -> None:
        ended = zip(batch, results, allowed, strict=True)
        done = [(op, whose) for op, result, whose in ended if result.code in TAKEN]
        numbers = [whose for op, whose in done if op.what in ("number", "vhc number")]
        new = {card: after[card]["visits"] - before[card]["visits"] for card in PEOPLE}
        assert sum(new.values()) == len(numbers)
        for card in PEOPLE:
            assert new[card] <= sum(card in whose for whose in numbers), "a visit for somebody else"
        written = [op.person for op, whose in done if op.what == "write" and op.person in whose]
        assert len(written) == sum(op.what == "write" for op, _ in done)
        changed = {card for card in PEOPLE if after[card]["emergency_tel"] != before[card]["emergency_tel"]}
        assert changed == set(written)

    def teardown(self) -> None:
        if hasattr(self, "clinic"):
            TOTAL["requests"] += self.clinic.requests
            self.run(self.clinic.close())
        self.loop.close()


def records(whose: Iterable[str], stored: tuple[Stored, ...]) -> list[bytes]:
    """What the basic data of these people may be, before or after the calls."""
    made = []
    for card in whose:
        given = cards()[card]
        printed = {key: given[key] for key in ("name", "id_no", "birthday", "sex", "issued")}
        made += [
            basic_data(Person(card, cancel_mark=given.get("cancel_mark", "1"), stored=each[card], **printed))
            for each in stored
        ]
    return made


def without(record: bytes, op: Op) -> bytes:
    """Of a virtual card the day of issue is not compared."""
    return record if op.what == "read" else record[: ISSUED.start] + record[ISSUED.stop :]
