"""What a door hands to the engine and gets back. Plain values: no wire format, no upstream."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Protocol

from bridge.calls.caller import UNKNOWN_CALLER, Caller
from bridge.table.model.console import CardKind


@dataclass(frozen=True, slots=True)
class OutBuffer:
    """An out-buffer of the caller: how many bytes it offers, and what stood in it where the row wants to see
    that.

    ``capacity`` is a signed 16-bit number of bytes as the caller gave it (0 and negative ones are the
    caller's fault: 6018).
    """

    capacity: int
    content: bytes = b""


@dataclass(frozen=True, slots=True)
class File:
    """A file that the caller names, as the door read it: its name (code page 950) and its content.

    ``content`` is None when it is missing or may not be read; ``too_large`` when it is above what the door
    may read. ``cut``: the program gave more bytes, and only this beginning of them names a file;
    ``ambiguous``: several beginnings do, or none does and the name was not seen to end.
    """

    name: bytes
    content: bytes | memoryview | None = None
    too_large: bool = False
    cut: bool = False
    ambiguous: bool = False


Argument = bytes | int | OutBuffer | File


@dataclass(frozen=True, slots=True)
class Door:
    """Where a call comes in.

    Its name for the log, its status contexts, and which kind of health card it means. ``follows``: its
    callers know of no kinds; where the settings say so, they mean whichever card is there.
    """

    name: str
    contexts: tuple[str, ...] = ()
    card: CardKind = "physical"
    follows: bool = False


NATIVE = Door("native", follows=True)
VHC = Door("vhc", contexts=("vhc",), card="virtual")
VPN = Door("vpn", follows=True)
DOORS: Mapping[str, Door] = {door.name: door for door in (NATIVE, VHC, VPN)}


@cache
def of_kind(door: Door, card: CardKind) -> Door:
    """The same door for a call that means a card of this kind."""
    return replace(door, card=card)


@dataclass(slots=True)  # not frozen: one is made for every call, and freezing is slow
class LegacyCall:
    """One call: the legacy name, its arguments by their legacy names, the door, who makes it.

    In-strings and data blocks are ``bytes`` in code page 950 without the NUL; scalars and counts are ``int``
    (signed 16 bits); out-buffers are :class:`OutBuffer`. Length variables do not appear: their
    value is the capacity of the OutBuffer.
    """

    name: str
    arguments: Mapping[str, Argument]
    door: Door = NATIVE
    caller: Caller = UNKNOWN_CALLER


@dataclass(frozen=True, slots=True)
class LegacyResult:
    """The answer: a legacy return code (-32768..32767) and the bytes of each out-argument that is to be
    written.

    A record's length variable is set to the length of its bytes. An out-argument that does not appear stays
    untouched. ``reason`` says in English why a call failed, for doors that have room for words; for an
    argument that cannot be used it names the argument.
    """

    code: int
    outputs: Mapping[str, bytes | int] = field(default_factory=dict)
    reason: str = field(default="", compare=False)


class Answered:
    """The answer to a call for which nobody had to be asked. It can be awaited as any other, or be taken.

    ``lasts``: the very same result will be given again, and says nothing of a card or a person: a door may
    keep what it has made of it.
    """

    __slots__ = ("lasts", "result")

    def __init__(self, result: LegacyResult, lasts: bool = False) -> None:
        self.result = result
        self.lasts = lasts

    def __await__(self) -> Generator[Any, None, LegacyResult]:
        return self.result
        yield  # what makes it a generator


class CallObserver(Protocol):
    """Gets every call and its answer; it must not raise, nor take long."""

    def begin(self, call: LegacyCall) -> Any:
        """A call begins. Out: what end() is given."""
        ...

    def end(self, begun: Any, result: LegacyResult | None) -> None:
        """It has ended; None where it was broken off."""
        ...
