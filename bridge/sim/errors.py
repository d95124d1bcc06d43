"""What can go wrong inside the simulators.

SimulatorError
├── StatusError    the console, the cloud or the upload centre answers a status code other than 0
├── FieldError     a field of a cloud or centre request is missing or malformed; becomes HTTP 400
└── ControlError   a control request makes no sense, or no simulator runs
    └── ScenarioError   a scenario cannot be used; carries every fault found
"""

from __future__ import annotations


class SimulatorError(Exception):
    """Base of this room's exceptions."""


class StatusError(SimulatorError):
    """The simulated service answers this status code (狀態碼) instead of data."""

    def __init__(self, code: int) -> None:
        super().__init__(f"status {int(code)}")
        self.code = int(code)


class FieldError(SimulatorError):
    """A request field is missing or malformed; ``field`` is its path, such as ``prescriptions[0].days``."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field = field
        self.problem = problem


class ControlError(SimulatorError):
    """A control request that cannot be carried out; the text is meant for people."""


class ScenarioError(ControlError):
    """A scenario that cannot be used. ``faults``: what is wrong, each with its place in the scenario."""

    def __init__(self, faults: list[str], where: str = "") -> None:
        lines = faults if not where else [f"{where}: {fault}" for fault in faults]
        super().__init__("\n".join(lines))
        self.faults = faults
