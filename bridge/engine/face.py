"""What the doors know of an engine: it answers calls by a table, and says how it is. Nothing of how it works.

Doors, recorders and replays are written against these protocols; :class:`bridge.engine.engine.Engine` is one
that fulfils them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from typing import Protocol

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
