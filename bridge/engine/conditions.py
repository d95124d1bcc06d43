"""Named conditions that a step's ``when`` points to.

Each looks at the call alone, so that planning stays pure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bridge.engine.call import LegacyCall
from bridge.table.model import When

Condition = Callable[[When, LegacyCall], bool]


def argument_is(when: When, call: LegacyCall) -> bool:
    """The argument has exactly the value."""
    return when.argument is not None and call.arguments.get(when.argument) == when.value


def physical_card(when: When, call: LegacyCall) -> bool:
    """The call is meant for the physical health card, not for a virtual one."""
    return call.door.card == "physical"


CONDITIONS: Mapping[str, Condition] = {"argument_is": argument_is, "physical_card": physical_card}
