"""The part of a function's documentation that lists what it returns otherwise than other functions do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from bridge.table.model.rows import Function, Table
from bridge.table.model.statuses import Status, StatusMap

WRONG_PERSON = ("bridge", "wrong-person")
NOT_SUPPORTED = ("transport", "not-supported")
FEW = 5


def special_codes(table: Table, row: Function) -> Iterator[str]:
    """Markdown lines: notices, the codes of the row's own checks, and those its contexts change.

    Nothing where the function returns what every other one does.
    """
    lines = [*_own_codes(table.statuses, row), *_notices(table.statuses, row)]
    if row.status != "unsupported":
        lines += _context_codes(table.statuses, row)
    if lines:
        yield ""
        yield "Codes of its own:"
        yield ""
        yield from lines


def _own_codes(statuses: StatusMap, row: Function) -> Iterator[str]:
    if row.status == "unsupported":
        yield f"- {_named(statuses, statuses.legacy(*NOT_SUPPORTED, row.contexts))}: always"
    if row.identity is not None:
        code = statuses.legacy(*WRONG_PERSON, (row.name, *row.contexts))
        yield (
            f"- {_named(statuses, code)}: `{row.identity.id}` or `{row.identity.birthday}` "
            "is not that of the card in the reader; nothing is sent"
        )


def reply_of(row: Function, step: str) -> str:
    """How the page speaks of a step's reply: an only step has no name."""
    return f"the reply of `{step}`" if len(row.steps) > 1 else "the reply"


def _notices(statuses: StatusMap, row: Function) -> Iterator[str]:
    for notice in row.notices:
        value = '""' if notice.equals == "" else str(notice.equals).lower()
        yield (
            f"- {_named(statuses, notice.code)}: a notice, the buffers are filled; "
            f"when `{notice.json_name}` of {reply_of(row, notice.step)} is {value} [{notice.provenance}]"
        )
    for step in row.steps:
        if step.notice is not None:
            yield (
                f"- {_named(statuses, step.notice)}: a notice, the buffers are filled; when "
                f"`{step.method} {step.path}` ran in place of the request before it"
            )


def _context_codes(statuses: StatusMap, row: Function) -> Iterator[str]:
    """The statuses that become another code here, gathered by that code."""
    own = (row.name, *row.contexts)
    wanted = [*dict.fromkeys(context for step in row.steps for context in step.contexts), *own]
    unlisted: set[str] = set()  # sources of which an earlier context of the row's own has said it
    for context in dict.fromkeys(wanted):
        by_code: dict[int, list[str]] = defaultdict(list)
        for source, entries in statuses.sources.items():
            for code, keys in _keys_by_code(entries, context).items():
                by_code[code] += _statuses(source, entries, keys)
            if context in statuses.unlisted_contexts.get(source, {}) and source not in unlisted:
                code = statuses.unlisted_contexts[source][context]
                unlisted |= {source} if context in own else set()
                by_code[code].append(f"{source}, a status not listed (elsewhere {statuses.unlisted[source]})")
        for code, found in by_code.items():
            yield f"- {_named(statuses, code)} (context `{context}`): {'; '.join(found)}"


def _keys_by_code(entries: Mapping[str, Status], context: str) -> dict[int, list[str]]:
    """The statuses of a source that become another code in a context."""
    by_code: dict[int, list[str]] = defaultdict(list)
    for key, entry in entries.items():
        if context in entry.contexts:
            by_code[entry.contexts[context]].append(key)
    return by_code


def _statuses(source: str, entries: Mapping[str, Status], keys: list[str]) -> list[str]:
    """Statuses of a source in words; where it is nearly all of them, those that it is not."""
    others = [key for key in entries if key not in keys]
    if len(others) < FEW < len(keys):
        return [f"{source}, every status but {', '.join(f'`{key}`' for key in others)}"]
    return [_status(source, key, entries[key]) for key in keys]


def _status(source: str, key: str, entry: Status) -> str:
    return f"{source} `{key}` {entry.meaning} (elsewhere {entry.legacy})"


def _named(statuses: StatusMap, code: int) -> str:
    return f"**{code}** {statuses.meaning(code)}".rstrip("。 ")
