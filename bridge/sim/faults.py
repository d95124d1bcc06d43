"""Faults that a test arms: a service answers late, wrongly or not at all."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

from bridge.sim.errors import ControlError

SERVICES = ("console", "cloud", "centre", "portal")
KINDS = {
    "slow": "wait VALUE seconds, then work on the request",
    "status": "answer status code VALUE without working on the request",
    "http": "answer HTTP status VALUE without working on the request",
    "garbage": "answer something that is not JSON",
    "empty": "answer an empty JSON object",
    "lost": "work on the request, then break the connection off in the reply",
    "half": "work on the request, then break the connection off after half of the reply",
    "trickle": "work on the request, then send the reply byte by byte, VALUE seconds apart",
    "failed": "work on the request, then answer HTTP status VALUE",
    "capitals": "write the names of the reply in capital letters",
    "missing": "leave --field FIELD out of the reply",
    "wrong_type": "put a list in place of --field FIELD of the reply",
    "huge": "answer VALUE megabytes without working on the request",
    "down": "close the listener until the fault is cleared",
}
WITH_VALUE = ("slow", "status", "http", "trickle", "failed", "huge")
WITH_FIELD = ("missing", "wrong_type")
LONGEST_DELAY = 300.0
MOST_MEGABYTES = 4096


@dataclass
class Fault:
    """One armed fault.

    ``path`` limits it to request paths that end so (empty: all); ``times`` is how many requests it still
    meets (None: until cleared); ``field`` is a JSON name of the reply, at any depth.
    """

    service: str
    kind: str
    value: float | None = None
    path: str = ""
    times: int | None = None
    field: str = ""

    def __post_init__(self) -> None:
        if self.service not in SERVICES:
            raise ControlError(f"unknown service {self.service!r}; one of {', '.join(SERVICES)}")
        if self.kind not in KINDS:
            raise ControlError(f"unknown fault {self.kind!r}; one of {', '.join(KINDS)}")
        self._check_value()
        if bool(self.field) != (self.kind in WITH_FIELD):
            raise ControlError(f"a field goes with {' and '.join(WITH_FIELD)}, and only with them")
        if self.times is not None and self.times < 1:
            raise ControlError("times must be 1 or more")
        if self.kind == "down" and (self.path or self.times is not None):
            raise ControlError(
                "'down' closes the whole service: it takes neither a path nor a number of times"
            )

    def _check_value(self) -> None:
        if self.kind not in WITH_VALUE:
            if self.value is not None:
                raise ControlError(f"fault {self.kind!r} takes no value")
            return
        if self.value is None:
            raise ControlError(f"fault {self.kind!r} needs a value: {KINDS[self.kind]}")
        if not math.isfinite(self.value):
            raise ControlError("the value must be a finite number")
        if self.kind in ("slow", "trickle") and not 0 <= self.value <= LONGEST_DELAY:
            raise ControlError(f"seconds must lie within 0 and {LONGEST_DELAY:g}")
        if self.kind in ("http", "failed") and not 200 <= self.value <= 599:
            raise ControlError("the HTTP status must lie within 200 and 599")
        if self.kind == "huge" and not 0 < self.value <= MOST_MEGABYTES:
            raise ControlError(f"megabytes must lie within 1 and {MOST_MEGABYTES}")
        if self.kind in ("status", "http", "failed") and self.value != int(self.value):
            raise ControlError(f"the value of {self.kind!r} must be a whole number")


class FaultBoard:
    """The armed faults; the one armed first meets a request first."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def arm(self, fault: Fault) -> None:
        self._faults.append(fault)

    @property
    def any(self) -> bool:
        """Whether a fault is armed."""
        return bool(self._faults)

    def take(self, service: str, path: str) -> Fault | None:
        """Return the fault that meets this request, counting it, or None."""
        for fault in self._faults:
            if fault.service == service and fault.kind != "down" and path.endswith(fault.path):
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times == 0:
                        self._faults.remove(fault)
                return fault
        return None

    def is_down(self, service: str) -> bool:
        """Whether the service's listener is meant to be closed."""
        return any(fault.service == service and fault.kind == "down" for fault in self._faults)

    def clear(self, service: str | None = None) -> None:
        """Disarm the faults of one service, or all."""
        self._faults = [fault for fault in self._faults if service is not None and fault.service != service]

    def as_json(self) -> list[dict[str, object]]:
        """The armed faults in order."""
        return [asdict(fault) for fault in self._faults]
