"""Finished calls as the page lists them: nothing of a person, whatever a call carries."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from bridge.codec.code_page import CodePage
from bridge.desk.both import both
from bridge.desk.programs import program_name
from bridge.records.call_lines import CallRecord
from bridge.records.call_log import NOTHING
from bridge.records.journal_view import JournalUnreadable, JournalView
from bridge.records.timers import Sent
from bridge.table.document.drawing import draw_record
from bridge.table.model.arguments import RecordArgument
from bridge.table.model.rows import Table

MOST_EARLIER = 100
MOST_DECODED = 20  # lines of one out-argument


class CallFeed:
    """Hears of finished calls (:class:`bridge.records.call_log.CallWatcher`) and hands them to ``tell``.

    ``decoded``: what a call gave out goes with it, which is right for invented people alone.
    """

    def __init__(
        self, table: Table, tell: Callable[[dict[str, object]], None], decoded: CodePage | None = None
    ) -> None:
        self._table = table
        self._tell = tell
        self._decoded = decoded

    def noted(
        self,
        record: CallRecord,
        program: str = "",
        reason: str = "",
        sent: Sequence[Sent] = (),
        outputs: Mapping[str, bytes | int] = NOTHING,
    ) -> None:
        """A call has ended."""
        told = {
            **_plain(record.at, record.door, record.function, record.code, record.milliseconds),
            "number": record.number,
            "ok": self._table.succeeded(record.function, record.code),
            "upstream": round(record.upstream_milliseconds, 1),
            "program": program_name(program),
            "reason": both(reason) if reason else None,
            "sent": [
                {
                    "to": each.upstream,
                    "what": f"{each.method} {each.path}",
                    "ms": round(each.seconds * 1000, 1),
                }
                for each in sent
            ],
        }
        if self._decoded is not None and outputs:
            told["record"] = decoded(self._table, record.function, outputs, self._decoded)
        self._tell(told)


def earlier_calls(view: JournalView, table: Table) -> list[dict[str, object]]:
    """The last calls that the journal keeps, oldest first; none where it cannot be read."""
    try:
        last = list(itertools.islice(view.calls(), MOST_EARLIER))[::-1]
    except JournalUnreadable:
        return []
    return [
        {
            **_plain(each.at, each.door, each.function, each.code, each.milliseconds),
            "ok": table.succeeded(each.function, each.code),
        }
        for each in last
    ]


def decoded(table: Table, name: str, outputs: Mapping[str, bytes | int], page: CodePage) -> list[str]:
    """The out-arguments of a call as lines: each field of a record with offset, width, value and term."""
    function = table.functions[name]
    lines: list[str] = []
    for key, value in outputs.items():
        if isinstance(value, int):
            lines.append(f"{key} = {value}")
            continue
        argument = function.argument(key)
        if not isinstance(argument, RecordArgument):
            lines.append(f"{key} = [{page.decode(value.rstrip(bytes(1)), errors='replace')}]")
            continue
        record = table.records_out[argument.record]
        lines.append(f"{key} ({argument.record}, {len(value)} bytes)")
        drawn = draw_record(record, table.records_out, value, max(1, len(value) // record.width), page)
        lines += itertools.islice(drawn, MOST_DECODED)
    return lines


def _plain(at: float, door: str, function: str, code: int, milliseconds: float) -> dict[str, object]:
    return {
        "at": datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds"),
        "door": door,
        "function": function,
        "code": code,
        "ms": round(milliseconds, 1),
    }
