"""The plain facts that a trace tells of one health card: those of before it, and what came from elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any, NamedTuple

from bridge.trace.worlds.elsewhere import COMES, MOST_SHOWN, Came, Presence
from bridge.trace.worlds.observations import Observation
from bridge.trace.worlds.told import Facts

NONE: frozenset[str] = frozenset()
NOTHING: dict[str, Any] = {}  # stays empty
SUMS = frozenset(("last_number", "fee_totals"))
KEPT = "is another than before, without a write: the first is kept"


class Remark(NamedTuple):
    """What is strange of a card in the call of that number; the text begins with the function."""

    number: int
    text: str


class Short(NamedTuple):
    """A visit number was taken with none left as far as was known: by this moment the card had got more.
    ``used``: numbers used by then; ``number``: of the call.
    """

    moment: str
    used: int
    number: int


class NewVisits(NamedTuple):
    """How many visits that use up one (``used``) the list of visits showed after a pause that it did not show
    after an earlier one.
    """

    pauses: int
    since: int
    used: int


class CardFacts:
    """What is known of a card beside its lists. ``facts``: at the start; ``now``: those that have changed
    since, as they were seen last (None: the trace wrote them, and has not seen them since). ``elsewhere``: by
    moment, the facts that came then.

    A trace has tens of thousands of cards: what a card does not have stands here, not in each of them.
    """

    weak: frozenset[str] = NONE  # facts that others overrule
    today: str = ""
    changed: tuple[str, ...] = ()
    used_numbers: int = 0
    now: dict[str, Any] = NOTHING
    came: dict[str, Came] = NOTHING
    elsewhere: dict[str, dict[str, Any]] = NOTHING
    new_visits: NewVisits | None = None
    short: Short | None = None
    counted: int = -1  # after how many pauses the visits left were seen last
    remarks: Sequence[Remark] = ()

    def __init__(self, number: str) -> None:
        self.number = number
        self.facts: dict[str, Any] = {}
        self.presence = Presence()

    def own(self, name: str) -> dict[str, Any]:
        """What the card has of this by now, for adding to it."""
        found: dict[str, Any] | None = self.__dict__.get(name)
        if found is None:
            found = self.__dict__[name] = {}
        return found

    def remark(self, observation: Observation, text: str) -> None:
        """Something strange of the card in a call."""
        remark = Remark(observation.number, sys.intern(f"({observation.function}): {text}"))
        self.__dict__.setdefault("remarks", []).append(remark)

    def take_facts(self, told: Facts, weak: frozenset[str], observation: Observation) -> None:
        """Add the facts that a call tells."""
        known, odd = self.facts, self.weak or self.now
        for key, value in told.items():  # mostly there is no news
            if known.get(key) != value or key == "counter" or (odd and (key in self.weak or key in self.now)):
                self._fact(key, value, observation, weak=key in weak)

    def _fact(self, key: str, value: Any, observation: Observation, *, weak: bool = False) -> None:
        if key == "number" or (weak and key in self.facts) or (key in self.changed and key not in COMES):
            return
        if key == "valid_until" and "valid_days" in self.facts and value >= self.today:
            return  # it had expired, and was updated since
        if key == "counter":
            value = int(value) + self.used_numbers
        if key in self.now or key in self.changed:
            self._compare(key, self.now.get(key), value, observation)
        elif key not in self.facts or key in self.weak:
            self.facts[key] = value
            if weak or self.weak:
                self.weak = self.weak | {key} if weak else self.weak - {key}
        elif self.facts[key] != value:
            self._compare(key, self.facts[key], value, observation)
        if key == "counter":
            self.counted = self.presence.pauses

    def writes(self, what: str) -> None:
        """The trace itself has changed something, so that what is known of it tells nothing more."""
        if what not in self.changed:
            self.changed += (what,)
        if what in COMES:
            self.own("now")[what] = None
            self.came.pop(what, None)

    # --- from elsewhere

    def take_sum(self, key: str, first: Facts, told: Facts, observation: Observation) -> None:
        """The latest number, or the totals of fees, seen again."""
        self._compare(key, self.now.get(key, first), told, observation)

    def _compare(self, key: str, known: Any, value: Any, observation: Observation) -> None:
        if known is None:
            self.own("now")[key] = value
        elif known != value:
            came = self.came.get(key)
            if came is not None and came.before == value:
                self._takes_back(key, came, observation)
            elif value == "":
                pass  # not told
            elif self._may_come(key, known, value):
                self._comes(key, known, value)
                if key == "counter" and self.new_visits is not None:
                    self._explain_counter(self.new_visits, observation)
            else:
                self.remark(observation, f"{key} {KEPT}")

    def _may_come(self, key: str, known: Any, value: Any) -> bool:
        """Whether it can have become another in the last pause."""
        match key:
            case "valid_until" if "counter" in self.changed:
                return False  # the trace's own update may have renewed it
            case "counter" if self.counted == self.presence.pauses:
                return False
            case "fee_totals" if any(int(value[name] or 0) < int(known[name] or 0) for name in known):
                return False
        return bool(self.presence.pauses) and (key in COMES or key in SUMS)

    def _comes(self, key: str, known: Any, value: Any) -> None:
        presence = self.presence
        moment, used = presence.moment, presence.used
        if key == "counter" and self.short is not None:
            moment, used, _ = self.short
            self.short = None
        self.own("elsewhere").setdefault(moment, {})[key] = value - used if key == "counter" else value
        self.own("now")[key] = value
        self.own("came")[key] = Came(moment, known, presence.pauses, self.counted)

    def uses_one(self, observation: Observation) -> None:
        """A visit number is about to be taken that uses up one of the visits left."""
        known = self.now.get("counter", None if "counter" in self.changed else self.facts.get("counter"))
        none_left = known is not None and known <= self.used_numbers
        if none_left and self.short is None and self.counted < self.presence.pauses:
            self.short = Short(self.presence.moment, self.presence.used, observation.number)

    def _takes_back(self, key: str, came: Came, observation: Observation) -> None:
        """What one read tells and the next one does not is no change, but a wrong value."""
        facts = self.elsewhere[came.moment]
        del facts[key], self.came[key]
        self.now[key] = came.before
        self.remark(observation, f"{key} {KEPT}")

    def visits_came(self, visits: NewVisits, observation: Observation) -> None:
        """The visits were seen for the first time since the last pause."""
        if self.counted == visits.pauses:
            self._explain_counter(visits, observation)
        else:
            self.new_visits = visits  # until the visits left are seen

    def _explain_counter(self, visits: NewVisits, observation: Observation) -> None:
        """Fewer visits left than before are believed only as far as the visits show that some were used,
        where both were seen in the same pauses. Those that are explained are no wrong value.
        """
        self.new_visits = None
        came = self.came.get("counter")
        if came is None or came.pauses != visits.pauses:
            return
        used = min(came.before - self.now["counter"], MOST_SHOWN)
        if visits.since <= came.since and used > visits.used:
            self._takes_back("counter", came, observation)
        elif 0 < used <= visits.used:
            del self.came["counter"]
