"""Checks a scenario piece by piece: none of its cards is kept, however many there are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import ValidationError

from bridge.sim.errors import ScenarioError
from bridge.sim.scenario.card import CardEntry
from bridge.sim.scenario.model import MOST_CARDS, MOST_FAULTS, Scenario, cross_faults, faults_of, shortened


def checked_items(items: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    """The keys and values of a scenario that extends no other, "cards" among them with one card after the
    other. They are passed on as they come, so that what is made of them is good for nothing before the last
    has come.

    Raises ScenarioError behind the last, with every fault that :func:`bridge.sim.scenario.file.scenario_of`
    finds, those of cards first.
    """
    rest: dict[str, Any] = {}
    cards = _Cards()
    for key, value in items:
        if key == "cards":
            yield key, cards.passed(value)
        else:
            rest[key] = value
            yield key, value
    _check(rest, cards)


def _check(rest: dict[str, Any], cards: _Cards) -> None:
    try:
        scenario = Scenario.model_validate(rest)
    except ValidationError as error:
        faults = faults_of(error)
        raise ScenarioError(shortened(cards.faults + faults, cards.count_of_faults + len(faults))) from None
    if cards.faults:
        raise ScenarioError(shortened(cards.faults, cards.count_of_faults))
    faults = cross_faults(scenario, cards.numbers, cards.series_rows)
    if faults:
        raise ScenarioError(faults[:MOST_FAULTS])


class _Cards:
    """What is remembered of cards that were checked."""

    def __init__(self) -> None:
        self.numbers: list[str] = []
        self.series_rows = 0
        self.faults: list[str] = []  # the first
        self.count_of_faults = 0

    def passed(self, entries: Iterable[Any]) -> Iterator[Any]:
        """The entries themselves, each checked."""
        for index, entry in enumerate(entries):
            try:
                card = CardEntry.model_validate(entry)
            except ValidationError as error:
                self._fault(faults_of(error, "cards", index))
            else:
                self.numbers.append(card.number)
                self.series_rows += card.series.rows if card.series else 0
            yield entry
        if len(self.numbers) > MOST_CARDS:
            self._fault([f"cards: more than {MOST_CARDS} cards"])

    def _fault(self, faults: list[str]) -> None:
        self.faults += faults[: MOST_FAULTS - len(self.faults)]
        self.count_of_faults += len(faults)
