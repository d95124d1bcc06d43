"""Scenarios are written byte for byte as PyYAML writes them, and are read as what they were."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bridge.sim.scenario.file import read_document, ready_document, ready_names
from bridge.sim.scenario.writing import WIDTH, scenario_pieces, scenario_text

TEXTS = st.one_of(
    st.text(max_size=60),
    st.from_regex(r"[0-9]{0,13}", fullmatch=True),
    st.sampled_from([
        "yes", "No", "NULL", "~", "0o7", "1e5", "2026-03-02", "1:30", "=", "<<", "- a", "a: b", "#a", "測試",
        "測 試", "\u3000", "\x85", "\u2028", "a" * 200, "a " * 80, "🙂", "_a", "-", ".5",
    ]),
)  # fmt: skip
VALUES = st.recursive(
    st.one_of(TEXTS, st.booleans(), st.none(), st.integers(), st.floats(allow_nan=False)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)),
    max_leaves=12,
)


class _Plain(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    def ignore_aliases(self, data: Any) -> bool:
        return True


def by_pyyaml(document: dict[str, Any]) -> str:
    return str(yaml.dump(document, Dumper=_Plain, allow_unicode=True, sort_keys=False, width=WIDTH))


@given(st.lists(VALUES, max_size=4), VALUES)
def test_cards_are_written_as_pyyaml_writes_them(cards: list[Any], other: Any) -> None:
    document = {"scenario": 1, "cards": cards, "start": other}
    assert scenario_text(document) == by_pyyaml(document)


@pytest.mark.parametrize("name", ready_names())
def test_a_ready_scenario_is_read_as_what_it_was(name: str) -> None:
    document = ready_document(name)
    assert isinstance(document, dict)
    assert read_document(scenario_text(document)) == document


@pytest.mark.parametrize("cards", [[], [{"number": "000000000017", "counter": 6}]])
def test_cards_may_come_one_by_one(cards: list[Any]) -> None:
    items = iter([("scenario", 1), ("cards", iter(cards)), ("start", {})])
    document = {"scenario": 1, "cards": cards, "start": {}}
    assert "".join(scenario_pieces(items)) == by_pyyaml(document)


def test_anything_else_in_the_place_of_cards_is_written_too() -> None:
    for value in ("none", 7, None, {"a": "b"}):
        assert scenario_text({"cards": value}) == by_pyyaml({"cards": value})
