"""Gathers comparisons into what a report shows: counts, groups of equal differences, latencies."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from bridge.trace.comparing.differences import Compared, Finding
from bridge.trace.comparing.spread import Spread
from bridge.trace.format import NOTHING

MOST_EXAMPLES = 20
MOST_PIECES = 5  # of them are kept with their bytes
MOST_GROUPS = 2000  # no honest trace has as many; one that has must not fill the memory
MOST_FUNCTIONS = 1000
MOST_NAME = 80  # characters of a function's name
OTHERS = "(others)"

GroupKey = tuple[str, str, str, str, str, str]


@dataclass(frozen=True, slots=True)
class Example:
    """One call of a group, with the finding that belongs there. ``place``: the work place, where there are
    several.
    """

    compared: Compared
    finding: Finding
    place: str = ""


@dataclass(slots=True)
class Group:
    """Equal differences: same function, argument, field, kind, verdict and rule. ``count`` of all; the first
    are kept as ``examples``. ``other_person``: how many came while another card was in the reader.
    """

    function: str
    first: Finding
    count: int = 0
    calls: int = 0
    other_person: int = 0
    examples: list[Example] = field(default_factory=list)


@dataclass(slots=True)
class FunctionTally:
    """Counts of one function: calls ``compared``, of them the ``same``, with only ``expected`` differences,
    and ``different``; ``skipped`` ones with their reasons. Microseconds of both sides.
    """

    name: str
    same: int = 0
    expected: int = 0
    different: int = 0
    fields: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    old_us: Spread = field(default_factory=Spread)
    new_us: Spread = field(default_factory=Spread)

    @property
    def compared(self) -> int:
        return self.same + self.expected + self.different


class Tally:
    """What has been compared so far. It grows with the kinds of differences, not with the calls, and has a
    limit: ``more_groups`` counts the differences that found no place. ``most_examples``: of each kind.

    ``by_library``: calls that the native library answers by itself, because 6.0 does not offer the function.
    """

    def __init__(self, most_examples: int = MOST_EXAMPLES) -> None:
        self._most_examples = most_examples
        self.functions: dict[str, FunctionTally] = {}
        self.groups: dict[GroupKey, Group] = {}
        self.by_library = 0
        self.more_groups = 0

    def add(self, compared: Compared) -> None:
        call = compared.call
        tally = self.of(call.function)
        tally.fields += compared.fields
        if call.answer.microseconds:
            tally.old_us.add(call.answer.microseconds)
        if compared.new is not None and compared.new.microseconds:
            tally.new_us.add(compared.new.microseconds)
        if not compared.findings:  # as mostly
            tally.same += 1
            return
        if compared.different:
            tally.different += 1
        else:
            tally.expected += 1
        seen: set[GroupKey] = set()
        for finding in compared.findings:
            self._add(tally.name, compared, finding, seen)

    def skip(self, function: str, reason: str, calls: int = 1) -> None:
        """Count calls that were not made; ``reason`` is a key of bridge/trace/replaying/reasons.py."""
        self.of(function).skipped[reason] += calls

    def of(self, function: str) -> FunctionTally:
        """The counts of a function."""
        name = function[:MOST_NAME]
        found = self.functions.get(name)
        if found is None:
            if len(self.functions) >= MOST_FUNCTIONS:
                name = OTHERS
            found = self.functions.setdefault(name, FunctionTally(name))
        return found

    def _add(self, name: str, compared: Compared, finding: Finding, seen: set[GroupKey]) -> None:
        rule = finding.rule.id if finding.rule else ""
        values = f"{finding.old!r}→{finding.new!r}" if finding.kind == "code" else ""
        key = (name, finding.argument, finding.field, finding.kind, finding.verdict, rule + values)
        if key not in self.groups and len(self.groups) >= MOST_GROUPS:
            self.more_groups += 1
            return
        group = self.groups.get(key) or self.groups.setdefault(key, Group(name, finding))
        group.count += 1
        group.other_person += compared.other_person and finding.kind != "other_person"
        if key not in seen:
            seen.add(key)
            group.calls += 1
            if len(group.examples) < self._most_examples:
                group.examples.append(_example(compared, finding, len(group.examples) < MOST_PIECES))

    def merge(self, other: Tally) -> None:
        """Take in what another one has, of calls that came after those of this one."""
        self.by_library += other.by_library
        self.more_groups += other.more_groups
        for function in other.functions.values():
            mine = self.of(function.name)
            mine.same += function.same
            mine.expected += function.expected
            mine.different += function.different
            mine.fields += function.fields
            mine.skipped.update(function.skipped)
            mine.old_us.merge(function.old_us)
            mine.new_us.merge(function.new_us)
        for key, group in other.groups.items():
            self._merge_group(key, group)

    def _merge_group(self, key: GroupKey, group: Group) -> None:
        found = self.groups.get(key)
        if found is None and len(self.groups) >= MOST_GROUPS:
            self.more_groups += group.count
            return
        if found is None:
            found = self.groups[key] = Group(group.function, group.first)
        found.count += group.count
        found.calls += group.calls
        found.other_person += group.other_person
        found.examples += group.examples[: self._most_examples - len(found.examples)]

    @property
    def compared(self) -> int:
        return sum(tally.compared for tally in self.functions.values())

    @property
    def different(self) -> int:
        """Calls in which something differs that no rule expects."""
        return sum(tally.different for tally in self.functions.values())

    @property
    def skipped(self) -> int:
        """Calls that were not made."""
        return sum(tally.skipped.total() for tally in self.functions.values())

    def ordered(self) -> list[Group]:
        """The groups as a person wants them: another person first, then what differs, then the expected."""

        def rank(group: Group) -> tuple[bool, bool, int, str, str, int]:
            first = group.first
            return (
                first.kind != "other_person",
                first.verdict == "expected",
                -self.functions[group.function].different,
                group.function,
                first.kind,
                -group.count,
            )

        return sorted(self.groups.values(), key=rank)


def _example(compared: Compared, finding: Finding, piece: bool) -> Example:
    """An example, less what no report shows: an argument's bytes may be many."""
    call, new = compared.call, compared.new
    bare = call._replace(given=NOTHING, answer=call.answer._replace(after=NOTHING), bridge=None)
    new = None if new is None else new._replace(after=NOTHING)
    kept = finding if piece else finding._replace(piece=None)
    return Example(Compared(bare, new, (), compared.fields, compared.other_person), kept)
