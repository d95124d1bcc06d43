"""Random interleavings at one console, against a model: never one wrong byte, never a change stored for a
person who was not meant.

MODEL_STEPS says how many steps (2,000; `make test-full` makes 100,000). A step is up to five calls, a
neighbour's deed between two of their requests, or a change of the world.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.errors import Flaky
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from bridge.reader.ports import Ports
from bridge.reader.proof import Proof
from bridge.reader.session import Session
from bridge.reader.use import Use
from bridge.sim.simulator import Simulator
from tests.model.machine import KINDS, TOTAL, ClinicMachine

STEPS = int(os.environ.get("MODEL_STEPS", "2000"))
STEPS_OF_A_RUN = 50


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Some hundred thousand refusals are expected, and each would be a line."""
    logging.disable(logging.ERROR)
    yield
    logging.disable(logging.NOTSET)


def run_model(simulator: Simulator, steps: int, *, anew: bool, shrink: bool = True) -> None:
    """Run so many steps of the clinic."""
    run_machine(ClinicMachine, simulator, steps, anew=anew, shrink=shrink)


def run_machine(
    kind: type[RuleBasedStateMachine], simulator: Simulator, steps: int, *, anew: bool, shrink: bool = True
) -> None:
    """Run so many steps. ``anew``: others than the last time. ``shrink``: look for the shortest way to a
    fault.
    """
    machine = type("Machine", (kind,), {"simulator": simulator})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=max(1, steps // STEPS_OF_A_RUN),
            stateful_step_count=STEPS_OF_A_RUN,
            derandomize=not anew,
            phases=[Phase.generate, *([Phase.shrink] if shrink else [])],
            database=None,
            deadline=None,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_nobody_is_taken_for_somebody_else(simulator: Simulator) -> None:
    TOTAL.clear()
    run_model(simulator, STEPS, anew="MODEL_STEPS" in os.environ)
    print(dict(sorted(TOTAL.items())))  # what the figures of a long run are taken from
    for what in set(KINDS) - {"bad upload"}:
        assert TOTAL[f"{what} good"] > 0, f"no {what} has ever worked: {dict(TOTAL)}"


def _blind_to_strangers(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Proof, "is_due", lambda self, use: False)


def _blind_to_numbers(patch: pytest.MonkeyPatch) -> None:
    def proved(self: Proof, use: Use, number: str) -> None:
        use.proved = use.card == "virtual"

    patch.setattr(Proof, "check_card", proved)


def _one_port_for_all(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Ports, "of", lambda self, program: "")


def _never_looks(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Session, "look_anew", Session._ensure_physical_card)


@pytest.mark.parametrize("plant", [_blind_to_strangers, _blind_to_numbers, _one_port_for_all, _never_looks])
def test_the_model_finds_a_planted_fault(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch, plant: Callable[[pytest.MonkeyPatch], None]
) -> None:
    plant(monkeypatch)
    with pytest.raises((AssertionError, Flaky)):  # the latter: the same steps at another pace went well
        run_model(simulator, 20_000, anew=False, shrink=False)
