"""Named conditions that a step's ``when`` points to.

Each looks at the call alone, so that planning stays pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from bridge.calls.call import LegacyCall, OutBuffer
from bridge.table.model.rows import When

Condition = Callable[[When, LegacyCall], bool]


def argument_is(when: When, call: LegacyCall) -> bool:
    """The argument has exactly the value."""
    return when.argument is not None and call.arguments.get(when.argument) == when.value


def physical_card(when: When, call: LegacyCall) -> bool:
    """The call is meant for the physical health card, not for a virtual one."""
    return call.door.card == "physical"


def virtual_card(when: When, call: LegacyCall) -> bool:
    """The call is meant for a virtual health card."""
    return call.door.card == "virtual"


def argument_in(when: When, call: LegacyCall) -> bool:
    """The argument is one of several values, written as text with blanks between: "0 1"."""
    return when.argument is not None and str(call.arguments.get(when.argument)) in str(when.value).split()


def bracketed(room: OutBuffer) -> bool:
    """The caller has filled the buffer with ICD-10 patterns.

    A ``[`` in byte 1 with its ``]`` in byte 9, exactly.
    """
    return room.content[:1] == b"[" and room.content[8:9] == b"]"


def plain_buffer(when: When, call: LegacyCall) -> bool:
    """The out-buffer carries no ICD-10 pattern: codes are wanted in 5 bytes."""
    room = call.arguments.get(when.argument or "")
    return not (isinstance(room, OutBuffer) and bracketed(room))


CONDITIONS: Mapping[str, Condition] = {
    "argument_is": argument_is,
    "argument_in": argument_in,
    "physical_card": physical_card,
    "virtual_card": virtual_card,
    "plain_buffer": plain_buffer,
}

# --- conditions on one text of a step that runs for each of several -----------------------------------------

_RESERVED = re.escape('!"#$%&()*+:<>?@^{|}~')
_SQUEEZED = re.compile(f"[{_RESERVED}][{_RESERVED}0-9A-Z][0-9A-Z]{{3}}")


def longer_than_5(text: str) -> bool:
    """A code that does not fit the 5-byte form."""
    return len(text) > 5


def squeezed(text: str) -> bool:
    """A diagnosis code that the old software squeezed into 5 bytes.

    Its first character is a reserved sign.
    """
    return _SQUEEZED.fullmatch(text) is not None


TEXT_CONDITIONS: Mapping[str, Callable[[str], bool]] = {"longer_than_5": longer_than_5, "squeezed": squeezed}
