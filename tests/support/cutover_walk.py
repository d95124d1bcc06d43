"""A random walk through a routed library: cards come and go, routes change, the bridge goes and comes back.

What a side is asked is compared with whose card lies there at that moment. A program knows whom it has read
last. When a call goes to the other side than the one before it, that person must lie there.
"""

from __future__ import annotations

import random

from tests.support.cutover import CHILD, DEMO, Folder, Person, Reader
from tests.support.cutover_cases import open_port, read, take_number, write
from tests.support.legacy_routes import NativeRoute

OLD, NEW = "OLD", "NEW"
ROUTES = (
    ("card=original",),
    ("card=bridge",),
    ("card=original", "hisGetEmergentTel=bridge"),
    ("card=bridge", "hisGetEmergentTel=original"),
    ("card=original", "upload=bridge", "icd=bridge, original if unreachable"),
)
MOVED: tuple[tuple[str, ...], ...] = ((), ("hisGetEmergentTel=original",), ("hisGetEmergentTel=bridge",))


class Walk:
    """``told``: the steps until now, for whoever has to understand a failure."""

    def __init__(self, his: NativeRoute, folder: Folder, new: Reader, seed: int) -> None:
        self._his, self._folder, self._new = his, folder, new
        self._random = random.Random(seed)
        self._cards: dict[str, Person | None] = {OLD: None, NEW: None}
        self._read: Person | None = None  # whom the program has read last
        self._last = ""  # where its last call went
        self._taken: dict[bytes, tuple[str, Person]] = {}
        self._own_way = False  # the function that reads nobody's name has a route of its own
        self.refused = 0
        self.told: list[str] = []

    def go(self, steps: int) -> None:
        """Walk. Raises AssertionError with the steps."""
        self._route()
        usual = [
            self._basic,
            self._basic,
            self._nameless,
            self._take,
            self._write,
            self._treat,
            self._give_back,
        ]
        for _ in range(steps):
            step = self._random.choice([*usual, self._swap, self._swap, self._route, self._organ])
            self._forget_calls()
            if self._random.random() < 0.05:
                self._break()
            step()

    def _swap(self) -> None:
        side = self._random.choice((OLD, NEW))
        self._cards[side] = self._random.choice((None, DEMO, CHILD))
        self._folder.insert(self._cards[OLD])
        self._new.card = self._cards[NEW]
        self.told.append(f"{side} holds {self._cards[side]}")

    def _route(self) -> None:
        routes, moved = self._random.choice(ROUTES), self._random.choice(MOVED)
        if len(routes) == 2:
            moved = ()
        self._own_way = len(routes) == 2
        self._folder.route(*routes, moved=moved)
        self.told.append(f"{routes} {moved}: {open_port(self._his)}")

    def _break(self) -> None:
        self._new.bridge.stop()
        self.told.append("no bridge")
        self._nameless()
        self._new.bridge.start_again()

    def _basic(self) -> None:
        code, outputs = self._his.call("hisGetBasicData", pBuffer=72)
        record = outputs.get("pBuffer", b"")
        assert isinstance(record, bytes)
        self.told.append(f"basic: {code} {record!r}")
        self._read, self._last = None, ""
        if code == 0:
            side = OLD if b"OLD" in record else NEW
            person = self._cards[side]
            assert person is not None, self.told
            assert record.startswith(person[0].encode()), self.told
            self._read, self._last = person, side

    def _nameless(self) -> None:
        code, software = read(self._his, "hisGetEmergentTel", 14)
        side = self._check("hisGetEmergentTel", code, self._read, visit_may_begin=self._own_way)
        assert code != 0 or software.decode() == side, self.told

    def _take(self) -> None:
        code, when = take_number(self._his)
        side = self._check("hisGetSeqNumber256N1", code, self._read)
        if code == 0 and side:
            person = self._cards[side]
            if person is not None:
                self._taken[when] = (side, person)

    def _write(self) -> None:
        if self._read is not None:
            code = write(self._his, self._read)
            self._check("hisWriteEmergentTel", code, self._read)

    def _organ(self) -> None:
        if self._read is not None:
            code = write(self._his, self._read, "hisWriteOrganDonate")
            self._check("hisWriteOrganDonate", code, self._read)

    def _treat(self) -> None:
        if not self._taken:
            return
        when, (side, person) = self._random.choice([*self._taken.items()])
        named = {"pPatientID": person[1].encode(), "pPatientBirthDate": person[2].encode()}
        given = {"pDateTime": when, "pDataWrite": b"1".ljust(69), **named}
        code, _ = self._his.call("hisWriteTreatmentData", **given)
        went = self._check("hisWriteTreatmentData", code, person)
        assert went in ("", side), self.told
        if went:
            self._read = person

    def _give_back(self) -> None:
        if self._taken:
            when, (side, _) = self._random.choice([*self._taken.items()])
            code, _ = self._his.call("csUnGetSeqNumber", pUnTreatDate=when)
            went = self._check("csUnGetSeqNumber", code, self._read)
            assert went in ("", side), self.told

    def _forget_calls(self) -> None:
        self._folder.calls()
        self._new.calls()

    def _check(self, name: str, code: int, person: Person | None, *, visit_may_begin: bool = False) -> str:
        """Out: which side was asked, "" for none."""
        sides = [
            side for side, calls in ((OLD, self._folder.calls()), (NEW, self._new.calls())) if name in calls
        ]
        self.told.append(f"{name}: {code} at {sides}, read {person}")
        assert len(sides) <= 1, self.told
        self.refused += code == 5020
        if not sides:
            return ""
        side = sides[0]
        crossed = self._last not in ("", side)
        if crossed and person is not None and not visit_may_begin:
            assert self._cards[side] == person, self.told
        self._last = side
        if crossed and visit_may_begin and code == 0:
            self._read = self._cards[side]
        return side
