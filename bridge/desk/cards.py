"""What the page does with virtual cards (虛擬健保卡): the functions of the paths, as a client calls them."""

from __future__ import annotations

from collections.abc import Mapping

from bridge.calls.call import VHC, LegacyCall, LegacyResult
from bridge.calls.caller import Caller
from bridge.calls.scanned import as_scanned
from bridge.desk.both import both
from bridge.engine.face import ObservedEngine
from bridge.errors import BadArgument
from bridge.rest.bodies import read_arguments
from bridge.table.model.rows import Function, Route, Table
from bridge.words import text_of

OPERATIONS = {
    "present": "present_virtual_card",
    "export": "export_virtual_card",
    "import": "import_virtual_card",
    "log_out": "log_out_virtual_card",
}
THE_DESK = Caller(connection="desk")


class VirtualCards:
    """Presents, exports, imports and logs out, each by the row of the table that does so.

    Where programs that know only the library work with presented cards (``reader.cards = "either"``), a code
    is presented to all of them, and logging out takes the card from all.
    """

    def __init__(self, engine: ObservedEngine) -> None:
        self._engine = engine
        self._ways = {name: _way(engine.table, operation) for name, operation in OPERATIONS.items()}

    async def do(self, what: str, text: str = "", reader: str = "") -> dict[str, object]:
        """Carry out one of OPERATIONS. In: the text of a QR code or a transfer code (轉移碼), where one is
        taken; the reader that a code is presented at, "" for the only one. Out: ``code``, ``ok``, ``reason``
        and, of an export, ``given``.
        """
        text = as_scanned(text)
        if self._engine.takes_either and what == "present":
            return _told(await self._engine.present(text, reader.strip()))
        if self._engine.takes_either and what == "log_out" and self._engine.presented():
            return _told(await self._engine.withdraw())
        return await self._by_row(*self._ways[what], text)

    async def _by_row(self, function: Function, route: Route, text: str) -> dict[str, object]:
        table = self._engine.table
        given: Mapping[str, object] = {each.name.lower(): text for each in function.arguments}
        try:
            arguments = read_arguments(table, function, given, route)
        except BadArgument as error:
            code = table.statuses.legacy(error.source, error.status, VHC.contexts)
            return _told(LegacyResult(code, reason=text_of(error)))
        return _told(await self._engine.call(LegacyCall(function.name, arguments, VHC, THE_DESK)))


def _told(result: LegacyResult) -> dict[str, object]:
    """What the page hears of a call."""
    texts = [value.rstrip(b"\0 ") for value in result.outputs.values() if isinstance(value, bytes)]
    return {
        "code": result.code,
        "ok": result.code == 0,
        "reason": both(result.reason) if result.reason else None,
        "given": texts[0].decode("ascii", "replace") if texts else "",
    }


def _way(table: Table, operation: str) -> tuple[Function, Route]:
    """The row of an operation of the reader that has a path, and that path."""
    for route in table.routes:
        row = table.functions[route.function]
        if [step.reader for step in row.steps] == [operation]:
            return row, route
    raise KeyError(operation)
