"""Whatever fails, in whatever step of whatever row: a known code comes back, and it is not 0."""

from __future__ import annotations

import pytest

from bridge.calls.call import NATIVE, VHC, Door
from bridge.calls.outcome import failure_code
from bridge.errors import CallError, StatusError
from bridge.table.loader import default_table
from bridge.table.model.rows import Function
from tests.support.error_tree import ALL

TABLE = default_table()
ROWS = pytest.mark.parametrize("row", list(TABLE.functions.values()), ids=lambda row: row.name)


@ROWS
@pytest.mark.parametrize("door", [NATIVE, VHC], ids=lambda door: door.name)
def test_every_failure_has_a_code_that_is_not_0(row: Function, door: Door) -> None:
    known = {*TABLE.statuses.legacy_codes, *TABLE.statuses.vhc_codes}
    for contexts in ((), *(step.contexts for step in row.steps)):
        for error in ALL:
            code = failure_code(TABLE, row, (*contexts, *door.contexts), error)
            assert code != 0, error
            assert code in known, error


@ROWS
def test_every_status_of_an_upstream_has_a_known_code(row: Function) -> None:
    known = set(TABLE.statuses.legacy_codes) | (set() if row.export else set(TABLE.statuses.vhc_codes))
    for source in ("console", "cloud"):
        for status in TABLE.statuses.sources[source]:
            code = failure_code(TABLE, row, (), StatusError(source, int(status)))
            assert code in known


@pytest.mark.parametrize("error", ALL, ids=lambda error: f"{type(error).__name__}-{error.status}")
def test_opening_the_port_fails_with_minus_1_where_nobody_is_there(error: CallError) -> None:
    """Some programs take csOpenCom as failed only on exactly -1; others end on it."""
    row = next(row for row in TABLE.functions.values() if "open" in row.contexts)
    code = failure_code(TABLE, row, (), error)
    if error.status.startswith("console-") or error.status in ("deadline", "internal"):
        assert code == -1
    assert code != 0
