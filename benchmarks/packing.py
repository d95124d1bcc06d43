"""Packing the largest record: hisReadPrescription, 5,460 bytes in four buffers, every repetition filled."""

from __future__ import annotations

import statistics
import time

from benchmarks.figures import Figure
from bridge.codec.fixed import Field, Group, Layout, Values, layout_width, pack
from bridge.table.default import default_table
from bridge.table.model.arguments import RecordArgument
from bridge.table.model.layout import build_layout

FUNCTION = "hisReadPrescription"
VALUES = {
    "text": "AC12345100", "code": "AC12345100", "date": "1150601", "datetime": "1150601093000",
    "number": "7", "quantity": "12.00",
}  # fmt: skip


def packing() -> list[Figure]:
    """The median of 2,000 packings of all four buffers."""
    table = default_table()
    layouts = [
        build_layout(table.records_out[argument.record], table.records_out)
        for argument in table.functions[FUNCTION].arguments
        if isinstance(argument, RecordArgument)
    ]
    assert sum(map(layout_width, layouts)) == 5460
    values = [_filled(layout) for layout in layouts]
    taken = []
    for _ in range(2000):
        started = time.perf_counter()
        packed = [pack(layout, value) for layout, value in zip(layouts, values, strict=True)]
        taken.append(time.perf_counter() - started)
    assert b"AC12345" in packed[0].data
    assert not packed[0].remarks
    return [
        Figure(f"packing {FUNCTION} (5,460 bytes, all filled)", statistics.median(taken) * 1e6, "µs", 150)
    ]


def _filled(layout: Layout) -> Values:
    return {
        part.name: [
            {
                inner.name: VALUES[inner.type][: inner.width]
                for inner in part.fields
                if isinstance(inner, Field)
            }
            for _ in range(part.count)
        ]
        for part in layout
        if isinstance(part, Group)
    }
