"""What records must fulfil: widths that add up, names of their own, lengths that fit 16 bits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from bridge.codec.fixed import layout_width
from bridge.table.model.layout import build_layout, record_fields
from bridge.table.model.records import GroupSpec, IncludeSpec, RecordSpec

LARGEST_RECORD = 32_767  # capacities are signed 16-bit numbers


def check_records(direction: str, records: dict[str, RecordSpec]) -> Iterator[str]:
    """Faults of the in- or out-records (``direction``)."""
    for name, record in records.items():
        where = f"{direction}-record {name}"
        unknown = _unknown_includes(record, records, (name,))
        if unknown:
            circles = [include for include in unknown if include in records]
            why = "which includes itself" if circles else "which does not exist"
            yield f"{where}: includes {', '.join(unknown)}, {why}"
            continue
        width = layout_width(build_layout(record, records))
        if width != record.width:
            yield f"{where}: its parts add up to {width} bytes, documented are {record.width}"
        if record.most_bytes > LARGEST_RECORD:
            yield f"{where}: {record.most_bytes} bytes do not fit a 16-bit length"
        names = Counter(field_names(record, records))
        yield from (f"{where}: field {field} stands twice" for field, times in names.items() if times > 1)
        counted = [i for i in record.layout if isinstance(i, GroupSpec) and i.repeat == "n"]
        if counted and (len(record.layout) > 1 or counted[0].most is None):
            yield f"{where}: a counted group must stand alone and state its most"


def field_names(record: RecordSpec, records: dict[str, RecordSpec]) -> Iterator[str]:
    """Field names of a record; those inside a group as ``group.field``.

    A record that includes one which does not exist has none here: that is a fault of its own.
    """
    if not _unknown_includes(record, records):
        yield from (
            f"{group}.{field.name}" if group else field.name
            for group, field in record_fields(record, records)
        )


def _unknown_includes(
    record: RecordSpec, records: dict[str, RecordSpec], inside: tuple[str, ...] = ()
) -> list[str]:
    """The included records, at any depth, that do not exist or include themselves."""
    unknown = []
    for item in record.layout:
        if not isinstance(item, IncludeSpec):
            continue
        if item.include in inside or item.include not in records:
            unknown.append(item.include)
        else:
            unknown += _unknown_includes(records[item.include], records, (*inside, item.include))
    return unknown
