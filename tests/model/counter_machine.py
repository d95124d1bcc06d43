"""Random scans, insertions, programs and clocks at one console where virtual cards serve every program."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from bridge.calls.call import NATIVE, VHC, LegacyResult, OutBuffer
from bridge.config import ReaderSettings
from bridge.sim.simulator import Simulator
from tests.model.clinic import Burst, Clinic
from tests.model.counter_oracle import Oracle, ProgramSeen, ReaderSeen
from tests.support.record_bytes import cards
from tests.support.stage import CHILD, DEMO, ELDER, MOTHER
from tests.support.two_readers import AT_COM1, AT_COM2, two_readers

PEOPLE = (DEMO, CHILD, MOTHER, ELDER)
PROGRAMS = ("A", "B", "C")
PORTS = ("COM1", "COM2")
SLOTS = ("hc", "hc@COM2")
TAKEN = (0, 5010)
MANY = 10_000  # visits left, and uses of a code
TOTAL: Counter[str] = Counter()

ports = st.sampled_from((0, 0, 0, 1))
people = st.sampled_from(PEOPLE)
programs = st.sampled_from(PROGRAMS)
kinds = st.sampled_from(("read", "read", "number", "write", "state", "state"))
bursts = st.none() | st.tuples(
    st.one_of(
        st.tuples(st.just("insert"), st.builds("{} {}".format, st.sampled_from(SLOTS), people | st.just(""))),
        st.tuples(st.just("present"), people),
        st.tuples(st.sampled_from(("log out", "finalise")), st.just("")),
    ),
    st.integers(1, 10),
)

Changed = dict[str, tuple[int, str]]


class CounterMachine(RuleBasedStateMachine):
    """One bridge, three programs, two readers, a person who scans and inserts, and the oracle."""

    simulator: Simulator

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()

    @initialize(sticky=st.booleans())
    def begin(self, sticky: bool) -> None:
        world = self.simulator.world
        world.load(two_readers())
        world.change_switches({"sticky_card": sticky, "one_visit_per_qr": False})
        world.requests.clear()
        for card in PEOPLE:
            world.record(card).counter = MANY
        settings = ReaderSettings(hold=0, cards="either", presented_sure=0)
        self.clinic = self.run(self.made(settings))
        self.site = self.clinic.sites[0]
        self.oracle = Oracle(
            [ReaderSeen(slot=AT_COM1), ReaderSeen(slot=AT_COM2)],
            {program: ProgramSeen() for program in PROGRAMS},
        )
        for program in PROGRAMS:  # else it would join the session that is there
            self.open_port(program, 0)
            self.oracle.programs[program].port = 0

    async def made(self, settings: ReaderSettings) -> Clinic:
        return Clinic(self.simulator, settings)

    def run(self, work: Awaitable[Any]) -> Any:
        return self.loop.run_until_complete(work)

    # --- the world ------------------------------------------------------------------------------------------

    @rule(port=ports, card=people)
    def insert(self, port: int, card: str) -> None:
        self.clinic.world.insert(SLOTS[port], card)
        self.oracle.inserted(port, card)

    @rule(port=ports)
    def remove(self, port: int) -> None:
        self.clinic.world.remove(SLOTS[port])
        self.oracle.removed(port)

    @rule(seconds=st.sampled_from((1, 20, 59, 61, 290, 310)))
    def time_passes(self, seconds: int) -> None:
        self.pass_time(seconds)

    def pass_time(self, seconds: float) -> None:
        self.clinic.pass_time(seconds)
        self.oracle.passed(seconds)

    @rule(what=st.sampled_from(("log out", "log out SAM", "finalise")))
    def another_program_ends_something(self, what: str) -> None:
        self.clinic.neighbour.do((what, ""))
        self.oracle.shaken()

    @rule(card=people)
    def another_program_presents(self, card: str) -> None:
        self.clinic.neighbour.do(("present", card))
        self.oracle.shaken()

    # --- the desk and the ports -----------------------------------------------------------------------------

    @rule(port=ports, card=people)
    def scan(self, port: int, card: str) -> None:
        code = self.clinic.world.qr(card, uses=MANY)
        result = self.run(self.site.engine.present(code, PORTS[port])).code
        assert result in (0, 4000), result
        TOTAL[f"scan {result}"] += 1
        if result == 0:
            self.oracle.presented(port, card)
        else:
            self.oracle.shaken()

    @rule(program=programs, card=people)
    def upload(self, program: str, card: str) -> None:
        code = self.clinic.world.qr(card, uses=MANY).encode()
        result = self.run(self.site.call("uploadqrcode", program, VHC, QRCodeString=code)).code
        TOTAL[f"upload {result}"] += 1
        if result == 0:
            self.oracle.presented(self.oracle.programs[program].port or 0, card)
        else:
            self.oracle.shaken()

    @rule(port=ports)
    def scan_badly(self, port: int) -> None:
        assert self.run(self.site.engine.present("YQ==.YQ==.YQ==", PORTS[port])).code in (1022, 4000)
        self.oracle.shaken()

    @rule(port=ports)
    def withdraw(self, port: int) -> None:
        assert self.run(self.site.engine.withdraw(PORTS[port])).code == 0
        self.oracle.taken_out(port)

    @rule(program=programs, port=ports)
    def open_port(self, program: str, port: int) -> None:
        code = self.run(self.site.call("csOpenCom", program, pComNum=port)).code
        assert code in (0, -1)
        TOTAL[f"open {code}"] += 1
        if code == 0:
            self.oracle.opened(program, port)
        else:
            self.oracle.programs[program].moves(port)  # its next calls mean that port all the same
        self.oracle.readers[0].sure = self.oracle.readers[0].sure and code == 0
        self.oracle.readers[1].sure = self.oracle.readers[1].sure and code == 0

    @rule(program=programs)
    def close_port(self, program: str) -> None:
        assert self.run(self.site.call("csCloseCom", program)).code == 0

    @rule(program=programs)
    def reset(self, program: str) -> None:
        if self.run(self.site.call("csSoftwareReset", program, Device=3)).code == 0:
            self.oracle.taken_out()

    # --- calls ----------------------------------------------------------------------------------------------

    @rule(program=programs, what=kinds)
    def call(self, program: str, what: str) -> None:
        self.one_call(program, what)

    @rule(calls=st.lists(st.tuples(programs, kinds), min_size=3, max_size=8))
    def calls_one_by_one(self, calls: list[tuple[str, str]]) -> None:
        for program, what in calls:
            self.one_call(program, what)

    @rule(port=ports, program=programs, card=people, other=people)
    def the_receptionists_path(self, port: int, program: str, card: str, other: str) -> None:
        """Where nobody else is there, everything works."""
        self.pass_time(310)
        self.clinic.neighbour.do(("finalise", ""))
        self.oracle.shaken()
        self.open_port(program, port)
        self.insert(port, other)
        self.scan(port, card)
        assert [self.one_call(program, what) for what in ("read", "write")] == [0, 0]
        assert self.one_call(program, "number") in TAKEN
        assert self.oracle.may_read(program) == {(card, True)}
        self.withdraw(port)
        assert self.one_call(program, "read") == 4013
        self.insert(port, other)
        assert self.one_call(program, "number") == 5020
        assert self.one_call(program, "read") == 0

    @rule(port=ports, first=programs, second=programs, card=people)
    def another_program_comes(self, port: int, first: str, second: str, card: str) -> None:
        """It opens the port under a card that the first one has begun to use."""
        self.open_port(first, port)
        self.scan(port, card)
        self.one_call(first, "read")
        self.open_port(second, port)
        for program in (first, second):
            self.one_call(program, "read")

    @rule(
        batch=st.lists(kinds, min_size=3, max_size=3),
        card=people | st.none(),
        port=ports,
        burst=bursts,
        known=st.booleans(),
    )
    def calls_at_once(
        self,
        batch: list[str],
        card: str | None,
        port: int,
        burst: tuple[tuple[str, str], int] | None,
        known: bool,
    ) -> None:
        """A call of each program, perhaps a scan, and perhaps somebody who steps in between two requests.
        ``known``: all of them have read the card before.
        """
        oracle, world = self.oracle, self.clinic.world
        for program in PROGRAMS if known else ():
            self.one_call(program, "read")
        self.pass_time(1)
        before, slots = self.records(), [reader.slot for reader in oracle.readers]
        may_read = {program: oracle.may_read(program) for program in PROGRAMS}
        unsure = {program: self.unsure(program, card, port, burst) for program in PROGRAMS}
        read_before = {program: oracle.programs[program].read for program in PROGRAMS}
        for program, what in zip(PROGRAMS, batch, strict=True):
            if what != "state":
                oracle.tries(program)
        self.clinic.burst = None if burst is None else Burst(*burst)
        work: list[Awaitable[LegacyResult]] = [
            self.made_call(program, what) for program, what in zip(PROGRAMS, batch, strict=True)
        ]
        if card is not None:
            work.append(self.site.engine.present(world.qr(card, uses=MANY), PORTS[port]))
        results = self.run(self.together(work))
        self.clinic.burst = None
        after = self.records()
        changed: list[str] = []  # a telephone that was written twice has changed once
        written: set[str] = set()
        for program, what, result in zip(PROGRAMS, batch, results, strict=False):
            TOTAL[f"at once {what} {'good' if result.code in TAKEN else 'refused'}"] += 1
            if what == "read" and result.code == 0:
                found = self.whose(result)
                assert found in may_read[program] | unsure[program]
                self.note_read(program, found)
            elif what in ("number", "write") and result.code in TAKEN:
                read = read_before[program]
                assert read is not None, "a change without a read"
                if what == "number":
                    changed.append(read[1])
                else:
                    written.add(read[1])
        assert sorted([*changed, *written]) == sorted(self.difference(before, after))
        if card is not None and results[-1].code == 0:
            self.note_scan(port, card, [p for p, what in zip(PROGRAMS, batch, strict=True) if what == "read"])
        oracle.shaken()
        for number, slot in enumerate(SLOTS):
            lying = world.slots[slot].card_number or ""
            if lying != slots[number]:
                self.note_slot(number, lying, scanned=card is not None and number == port)
        self.forget_details()

    def unsure(
        self, program: str, card: str | None, port: int, burst: tuple[tuple[str, str], int] | None
    ) -> set[tuple[str, bool]]:
        """What else a read may bring where things happen at once."""
        number = self.oracle.programs[program].port or 0
        reader = self.oracle.readers[number]
        may = {(card, True)} if card is not None and number == port else set()
        if reader.slot and reader.fresh:
            may.add((reader.slot, False))
        if burst is not None and burst[0][0] == "insert":
            slot, _, put_in = burst[0][1].partition(" ")
            if put_in and slot == SLOTS[number]:
                may.add((put_in, False))
        return may

    def note_read(self, program: str, found: tuple[str, bool]) -> None:
        seen = self.oracle.programs[program]
        seen.read, seen.stale = (seen.port or 0, *found), False

    def note_scan(self, port: int, card: str, readers: list[str]) -> None:
        reader = self.oracle.readers[port]
        reader.over()
        reader.live, reader.used, reader.before, reader.fresh = card, self.oracle.now, reader.slot, False
        for program, seen in self.oracle.programs.items():
            if seen.read is not None and seen.read[0] == port and program not in readers:
                seen.stale = True

    def note_slot(self, number: int, lying: str, *, scanned: bool) -> None:
        """A slot has changed while calls ran; nobody can tell whether that was before a scan or after it."""
        reader = self.oracle.readers[number]
        if lying and scanned:
            reader.slot, reader.fresh = lying, True
        elif lying:
            self.oracle.inserted(number, lying)
        else:
            self.oracle.removed(number)

    def forget_details(self) -> None:
        """What nobody can tell after calls at once: who used a card first, who was told what."""
        for reader in self.oracle.readers:
            reader.user, reader.used = None, self.oracle.now
        for seen in self.oracle.programs.values():
            seen.empty_due, seen.told = False, 0

    async def together(self, work: list[Awaitable[LegacyResult]]) -> list[LegacyResult]:
        return list(await asyncio.gather(*work))

    def one_call(self, program: str, what: str) -> int:
        """Make a call and compare it with what the oracle allows."""
        oracle = self.oracle
        self.pass_time(1)  # visit numbers need moments of their own
        may_read, may_change = oracle.may_read(program), oracle.may_change(program)
        before = self.records()
        if what != "state":
            oracle.tries(program)
        result = self.run(self.made_call(program, what))
        changed = self.difference(before, self.records())
        good = result.code in TAKEN
        TOTAL[f"{what} {'good' if good else 'refused'}"] += 1
        if what == "state":
            assert oracle.is_told(program, max(result.code, 0) if result.code < 10 else 0), "no 0 in between"
        elif what == "read" and good:
            found = self.whose(result)
            assert found in may_read, f"{found} is not among {may_read}"
            TOTAL["read virtual" if found[1] else "read physical"] += 1
            oracle.has_read(program, *found)
        elif good:
            assert set(changed) <= may_change, f"{changed} is not among {may_change}"
            assert len(changed) == 1
            oracle.has_changed(program, visit=what == "number")
        else:
            assert result.outputs == {}
            for reader in oracle.readers:
                reader.sure = reader.sure and result.code == 5020
        if not good or what == "read":
            assert changed == []
        return result.code

    def made_call(self, program: str, what: str) -> Awaitable[LegacyResult]:
        match what:
            case "read":
                return self.site.call("hisGetBasicData", program, NATIVE, pBuffer=OutBuffer(72))
            case "state":
                return self.site.call("hisGetCardStatus", program, NATIVE, CardType=2)
            case "number":
                return self.site.call(
                    "hisGetSeqNumber256N1", program, NATIVE,
                    cTreatItem=b"01", cBabyTreat=b"", cTreatAfterCheck=b"1", pBuffer=OutBuffer(316),
                )  # fmt: skip
        read = self.oracle.programs[program].read
        holder = self.clinic.world.cards[read[1] if read else DEMO]
        TOTAL["telephone"] += 1
        return self.site.call(
            "hisWriteEmergentTel", program, NATIVE, pPatientID=holder.id_no.encode(),
            pPatientBirthDate=holder.birthday.encode(), pEmergentTel=f"{TOTAL['telephone']:010d}".encode(),
        )  # fmt: skip

    # --- what came of it ------------------------------------------------------------------------------------

    def whose(self, result: LegacyResult) -> tuple[str, bool]:
        """The person of a record, by its bytes, and whether the card is a virtual one: it has no day of
        issue.
        """
        record = bytes(result.outputs["pBuffer"])  # type: ignore[arg-type]
        card = record[:12].decode()
        assert record[32:42].decode() == cards()[card]["id_no"]
        issued = record[50:57].decode()
        assert issued in ("       ", cards()[card]["issued"])
        return card, issued.isspace()

    def records(self) -> Changed:
        found = {card: self.clinic.world.record(card) for card in PEOPLE}
        return {card: (len(record.visits), record.emergency_tel) for card, record in found.items()}

    def difference(self, before: Changed, after: Changed) -> list[str]:
        """The people whose records have changed, once for each change."""
        found = []
        for card in PEOPLE:
            found += [card] * (after[card][0] - before[card][0])
            found += [card] * (after[card][1] != before[card][1])
        return found

    def teardown(self) -> None:
        if hasattr(self, "clinic"):
            TOTAL["requests"] += self.clinic.requests
            self.run(self.clinic.close())
        self.loop.close()
