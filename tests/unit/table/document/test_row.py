"""A row in words: it holds every name that the row sends and reads."""

from __future__ import annotations

import pytest

from bridge.table.default import default_table
from bridge.table.document.row import row_lines
from bridge.table.model.rows import Function


@pytest.mark.parametrize("row", list(default_table().functions.values()), ids=lambda row: row.name)
def test_every_row_is_shown_with_every_name_that_it_sends_and_reads(row: Function) -> None:
    shown = "\n".join(row_lines(default_table(), row))
    assert ("\npatient: " in shown) == (row.identity is not None)
    for step in row.steps:
        assert all(f"  {name} " in shown for name in step.body)
    for output in row.outputs.values():
        groups = [source for group in output.groups.values() for source in group.fields.values()]
        for source in [*output.fields.values(), *groups]:
            assert all(name in shown for name in source.names)
