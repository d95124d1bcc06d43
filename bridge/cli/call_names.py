"""What the journal's names and codes mean, by the table."""

from __future__ import annotations

from bridge.table.model import Table


def title_of(table: Table, name: str) -> str:
    """The Chinese title of a function or service; "" for one that the table does not have (any more)."""
    row = table.functions.get(name) or table.services.get(name)
    return row.title if row is not None else ""


def succeeded(table: Table, name: str, code: int) -> bool:
    """Whether a call of that function with that code did what it should: 0, a notice such as 5010 (the
    buffers are filled), or a number where the function returns one.
    """
    if code == 0:
        return True
    function = table.functions.get(name)
    if function is None:
        return False
    notices = {notice.code for notice in function.notices} | {step.notice for step in function.steps}
    is_number = function.result is not None and code not in table.statuses.legacy_codes
    return code in notices or is_number
