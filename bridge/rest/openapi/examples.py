"""Example values for the OpenAPI document: invented, and packed into records of the legacy length."""

from __future__ import annotations

from typing import Any

from bridge.codec.fixed import Field, Group, Layout, layout_width, pack

BY_TYPE = {
    "date": "1130520",
    "datetime": "1130520093000",
    "number": "0",
    "quantity": "12.00",
    "code": "I10",
}
BY_FIELD = {  # the invented person of the simulator
    "card_no": "000073898381",
    "name": "測試十",
    "id_no": "Z299999929",
    "birthday": "0920315",
    "sex": "F",
    "issue_date": "1050217",
    "visit_datetime": "1130520093000",
}


def example_record(layout: Layout) -> bytes:
    """A record of exactly the layout's width in bytes; of each group the first repetition is filled."""
    values = {
        part.name: [_example_fields(part.fields)] if isinstance(part, Group) else _example(part)
        for part in layout
        if isinstance(part, Group | Field)
    }
    packed = pack(layout, values)
    if len(packed.data) != layout_width(layout):
        raise ValueError("the example is not as long as the record")
    return packed.data


def _example_fields(parts: tuple[Any, ...]) -> dict[str, str]:
    return {part.name: _example(part) for part in parts if isinstance(part, Field)}


def _example(field: Field) -> str:
    return BY_FIELD.get(field.name) or BY_TYPE.get(field.type, "")
