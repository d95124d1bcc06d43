"""A tally can be kept as a text, and several make one."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bridge.table.loader import default_table
from bridge.trace.comparing.calls import Comparer
from bridge.trace.comparing.kept_tally import packed, unpacked
from bridge.trace.comparing.rules import default_rules
from bridge.trace.comparing.tally import MOST_EXAMPLES, MOST_GROUPS, MOST_PIECES, Tally
from bridge.trace.format import Answer, Number, TracedCall
from bridge.trace.reading import Trace
from bridge.trace.reporting.report import About, make_report

TABLE, RULES = default_table(), default_rules()
NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
ABOUT = About("simulator", "t.jsonl", "simulators", NOON, masked=True)
FUNCTIONS = {"hisGetBasicData": 72, "hisGetRegisterBasic": 78, "hisGetTreatmentNoNeedHPC": 498}


def calls(count: int, seed: int = 1) -> list[tuple[TracedCall, Answer | None]]:
    """Calls with their new answers: the same, other bytes, another code, none at all."""
    chance = random.Random(seed)
    made: list[tuple[TracedCall, Answer | None]] = []
    for number in range(1, count + 1):
        name = chance.choice(list(FUNCTIONS))
        record = bytes(chance.choice(b"0123 ") for _ in range(FUNCTIONS[name]))
        length = {"iBufferLen": Number(len(record))}
        answer = Answer(0, chance.uniform(1000, 9000), {"pBuffer": record, **length})
        call = TracedCall(
            number, NOON + timedelta(seconds=number), 1, name, {"pBuffer": b"", **length}, answer
        )
        other = bytes(byte ^ (chance.random() < 0.02) for byte in record)
        new = chance.choice(
            [answer, answer._replace(code=chance.choice([5001, 5022])), None]
            + [answer._replace(microseconds=250.0, after={"pBuffer": other, **length})] * 3
        )
        made.append((call, new))
    return made


def tally_of(pairs: Sequence[tuple[TracedCall, Answer | None]], tally: Tally | None = None) -> Tally:
    tally, comparer = tally or Tally(), Comparer(TABLE, RULES)
    for call, new in pairs:
        tally.add(comparer.compare(call, new))
    tally.skip("hisGetBasicData", "interrupted")
    return tally


def shown(tally: Tally) -> object:
    return make_report(TABLE, ABOUT, Trace(), tally)


def test_what_is_kept_shows_the_same_report() -> None:
    tally = tally_of(calls(300))
    assert shown(unpacked(packed(tally), RULES)) == shown(tally)
    assert {group.first.rule is None for group in tally.groups.values()} == {True, False}


def test_parts_make_the_report_of_the_whole() -> None:
    pairs = calls(300)
    whole, parts = tally_of(pairs), Tally()
    whole.skip("hisGetBasicData", "interrupted", calls=2)
    for start in range(0, 300, 100):
        parts.merge(unpacked(packed(tally_of(pairs[start : start + 100])), RULES))
    assert shown(parts) == shown(whole)


def test_a_part_of_many_keeps_fewer_examples() -> None:
    pairs = calls(400)
    assert max(len(g.examples) for g in tally_of(pairs).groups.values()) == MOST_EXAMPLES
    small, large = packed(tally_of(pairs, Tally(5))), packed(tally_of(pairs))
    assert max(len(g.examples) for g in unpacked(small, RULES).groups.values()) == 5
    assert len(small) < len(large)


def test_only_the_first_examples_keep_their_bytes_and_none_its_arguments() -> None:
    for group in tally_of(calls(400)).groups.values():
        pieces = [example.finding.piece is not None for example in group.examples]
        assert not any(pieces[MOST_PIECES:])
        assert all(not example.compared.call.given for example in group.examples)
        assert all(not example.compared.call.answer.after for example in group.examples)


def test_kinds_of_differences_beyond_the_limit_are_counted() -> None:
    one, other = tally_of(calls(50)), tally_of(calls(50))
    key, group = next(iter(one.groups.items()))
    one.groups = {(f"f{n}", *key[1:]): replace(group, examples=[]) for n in range(MOST_GROUPS)}
    more = sum(each.count for each in other.groups.values())
    one.merge(other)
    assert (len(one.groups), one.more_groups) == (MOST_GROUPS, more)
