"""Virtual cards for every program, at random against an oracle: no program is given, or changes, another
patient than the one whose card counts and whom it has read last.

MODEL_STEPS says how many steps (2,000; `make test-full` makes 100,000).
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis.errors import Flaky

from bridge.reader.presented import Presentation, PresentedCards
from bridge.reader.shown_cards import ShownCards
from bridge.reader.use import Use
from bridge.sim.simulator import Simulator
from tests.model.counter_machine import TOTAL, CounterMachine
from tests.model.test_clinic import STEPS, _quiet, run_machine

__all__ = ["_quiet"]


def run_counter(simulator: Simulator, steps: int, *, shrink: bool = True) -> None:
    run_machine(CounterMachine, simulator, steps, anew=False, shrink=shrink)


def test_no_program_works_with_another_patient(simulator: Simulator) -> None:
    TOTAL.clear()
    run_counter(simulator, STEPS)
    print(dict(sorted(TOTAL.items())))
    for what in (
        "read virtual", "read physical", "number good", "write good", "number refused", "state good",
        "scan 0", "upload 0", "at once read good", "at once number good", "at once write good",
    ):  # fmt: skip
        assert TOTAL[what] > 0, f"{what} has never been: {dict(TOTAL)}"


def _changes_need_no_reading(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ShownCards, "knows", lambda self, program, nth, number: True)


def _a_change_of_cards_is_not_counted(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ShownCards, "changed", lambda self, place: None)


def _it_never_ends(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(PresentedCards, "_end_of", lambda self, it: float("inf"))


def _the_card_of_before_counts(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(PresentedCards, "_bar", lambda self, place, number: None)


def _nobody_looks_at_the_slot(patch: pytest.MonkeyPatch) -> None:
    async def look(self: PresentedCards, it: Presentation, use: Use) -> Presentation:
        return it

    patch.setattr(PresentedCards, "_look", look)


def _another_program_may_open(patch: pytest.MonkeyPatch) -> None:
    async def opened(self: PresentedCards, program: str) -> None:
        await self.settle()

    patch.setattr(PresentedCards, "port_opened", opened)


def _nobody_is_told_of_an_empty_reader(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ShownCards, "is_told", lambda self, program, nth, there: there)


@pytest.mark.parametrize(
    "plant",
    [
        _changes_need_no_reading,
        _a_change_of_cards_is_not_counted,
        _it_never_ends,
        _the_card_of_before_counts,
        _nobody_looks_at_the_slot,
        _another_program_may_open,
        _nobody_is_told_of_an_empty_reader,
    ],
)
def test_the_model_finds_a_planted_fault(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch, plant: Callable[[pytest.MonkeyPatch], None]
) -> None:
    plant(monkeypatch)
    with pytest.raises((AssertionError, Flaky)):  # the latter: the same steps at another pace went well
        run_counter(simulator, 20_000, shrink=False)
