"""What the page does with virtual cards (虛擬健保卡): the functions of the paths, as a client calls them."""

from __future__ import annotations

from collections.abc import Mapping

from bridge.calls.call import VHC, LegacyCall
from bridge.calls.caller import Caller
from bridge.engine.face import CallEngine
from bridge.errors import BadArgument
from bridge.rest.bodies import read_arguments
from bridge.table.model.rows import Function, Route, Table

OPERATIONS = {
    "present": "present_virtual_card",
    "export": "export_virtual_card",
    "import": "import_virtual_card",
    "log_out": "log_out_virtual_card",
}
THE_DESK = Caller(connection="desk")


class VirtualCards:
    """Presents, exports, imports and logs out, each by the row of the table that does so."""

    def __init__(self, engine: CallEngine) -> None:
        self._engine = engine
        self._ways = {name: _way(engine.table, operation) for name, operation in OPERATIONS.items()}

    async def do(self, what: str, text: str = "") -> dict[str, object]:
        """Carry out one of OPERATIONS. In: the text of a QR code or a transfer code (轉移碼), where one is
        taken. Out: ``code``, ``ok``, ``reason`` and, of an export, ``given``.
        """
        function, route = self._ways[what]
        table = self._engine.table
        names = [argument.name for argument in function.arguments]
        try:
            given: Mapping[str, object] = {name.lower(): text.strip() for name in names}
            arguments = read_arguments(table, function, given, route)
        except BadArgument as error:
            code = table.statuses.legacy(error.source, error.status, VHC.contexts)
            return {"code": code, "ok": False, "reason": str(error), "given": ""}
        result = await self._engine.call(LegacyCall(function.name, arguments, VHC, THE_DESK))
        texts = [value.rstrip(b"\0 ") for value in result.outputs.values() if isinstance(value, bytes)]
        return {
            "code": result.code,
            "ok": table.succeeded(function.name, result.code),
            "reason": result.reason,
            "given": texts[0].decode("ascii", "replace") if texts else "",
        }


def _way(table: Table, operation: str) -> tuple[Function, Route]:
    """The row whose step is an operation of the reader, and its path."""
    rows = (
        row for row in table.functions.values() if len(row.steps) == 1 and row.steps[0].reader == operation
    )
    known = {row.name: row for row in rows}
    route = next(each for each in table.routes if each.function in known)
    return known[route.function], route
