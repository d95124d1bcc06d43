"""What the doors know of an engine: it answers calls by a table, and says how it is. Nothing of how it works.

Doors, recorders and replays are written against these protocols; :class:`bridge.engine.engine.Engine` is one
that fulfils them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from typing import Any, Protocol

from bridge.calls.call import LegacyCall, LegacyResult
from bridge.records.call_log import CallLog
from bridge.records.journal import Journal
from bridge.table.model.rows import Table


class CallEngine(Protocol):
    """What a door needs to have calls answered."""

    @property
    def table(self) -> Table:
        """The table the engine works by."""
        ...

    def call(self, call: LegacyCall) -> Awaitable[LegacyResult]:
        """Make a legacy call. Out: an :class:`bridge.calls.call.Answered` where the answer is there already.
        Every failure is a code in the result; raises nothing but cancellation.
        """
        ...


class ObservedEngine(CallEngine, Protocol):
    """... and what tells how the bridge is."""

    @property
    def calls(self) -> CallLog: ...

    @property
    def journal(self) -> Journal:
        """Where calls and changes are noted."""
        ...

    @property
    def session_open(self) -> bool:
        """Whether a console session is open, as far as the bridge knows; nobody is asked."""
        ...

    @property
    def other_programs(self) -> Mapping[str, object]:
        """Signs of another program at the console, for people: ``signs`` since the start, the ``last`` (ISO
        8601, None for none) and ``last_sign``, what that was.
        """
        ...

    @property
    def takes_either(self) -> bool:
        """Whether programs that know only the library work with virtual cards that are presented here
        (``reader.cards``).
        """
        ...

    def presented(self) -> list[dict[str, Any]]:
        """What is presented now, at once and without a person: empty, or one object with ``reader`` (its
        name), ``seconds_since`` and ``seconds_left`` (whole numbers), ``used`` and ``visit`` (whether a
        program has read it, has taken a visit number with it).
        """
        ...

    def present(self, code: str, reader: str = "") -> Awaitable[LegacyResult]:
        """Present the virtual card of a QR code to the programs at a reader (``COM1``; "": the only one in
        use), in place of the card there. Out: 0, or the code of why not with its ``reason``; a code that was
        refused leaves everything as it was.
        """
        ...

    def withdraw(self, reader: str = "") -> Awaitable[LegacyResult]:
        """Take the presented card out; that there is none is 0, too."""
        ...
