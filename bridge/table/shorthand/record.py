"""From a record, or an output's layout, as it is written to what the frozen models hold. Pure.

A field is one line: its name, its type with the width (``code: 12``), its official term, and in an output
where it comes from (``json: cardSn``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from bridge.table.model.records import FieldType

FIELD_TYPES: tuple[str, ...] = get_args(FieldType)
SOURCE_KEYS = frozenset({"json", "sent", "constant", "convert", "lookup", "required", "provenance"})
GROUP_SOURCE_KEYS = frozenset({"json", "exact", "provenance"})

Written = dict[str, Any]


def expand_record(written: Any) -> tuple[Any, list[str]]:
    """A record as it stands in shared_records.yaml, in full, and its faults."""
    faults: list[str] = []
    if not isinstance(written, dict) or not isinstance(written.get("layout"), list):
        return written, faults
    parts, sources = layout(written["layout"], "layout", faults)
    faults += [f"{path}: only an output says where a field comes from" for path, source in sources if source]
    return {**written, "layout": parts}, faults


def layout(written: list[Any], path: str, faults: list[str]) -> tuple[list[Any], list[tuple[str, Written]]]:
    """The parts as the models have them, and of each its path and where it comes from (empty: not said)."""
    parts, sources = [], []
    for index, part in enumerate(written):
        place = f"{path}.{index}"
        made, source = _part(part, place, faults)
        parts.append(made)
        sources.append((place, source))
    return parts, sources


def _part(written: Any, path: str, faults: list[str]) -> tuple[Any, Written]:
    if not isinstance(written, dict):
        return written, {}
    if "group" in written:
        return _group(written, path, faults)
    return _field(written, path, faults) if "name" in written else (written, {})


def _group(written: Written, path: str, faults: list[str]) -> tuple[Written, Written]:
    group = {key: value for key, value in written.items() if key not in GROUP_SOURCE_KEYS}
    source = {key: value for key, value in written.items() if key in GROUP_SOURCE_KEYS}
    if isinstance(written.get("fields"), list):
        group["fields"], inner = layout(written["fields"], f"{path}.fields", faults)
        named = zip(written["fields"], inner, strict=True)
        fields = {text(f["name"]): s for f, (_, s) in named if isinstance(f, dict) and "name" in f}
        if source or any(fields.values()):
            source["fields"] = fields
    return group, source


def _field(written: Written, path: str, faults: list[str]) -> tuple[Written, Written]:
    types = [key for key in written if key in FIELD_TYPES]
    faults += [f"{path}.{key}: is written as 'code: 12': type and width" for key in _old_keys(written)]
    made = {key: value for key, value in written.items() if key not in {*FIELD_TYPES, *SOURCE_KEYS}}
    source = {key: value for key, value in written.items() if key in SOURCE_KEYS}
    if len(types) != 1:
        faults.append(f"{path}: needs exactly one of {', '.join(FIELD_TYPES)}; has {types or 'none'}")
        return {**made, "width": 1}, source
    width = written[types[0]]
    if not isinstance(width, int) or isinstance(width, bool) or width < 1:
        faults.append(f"{path}.{types[0]}: needs its width in bytes")
        width = 1
    return {**made, "type": types[0], "width": width}, source


def _old_keys(written: Mapping[str, Any]) -> list[str]:
    return [key for key in ("width", "type") if key in written]


def text(value: object) -> str:
    """A name as it is; anything else as a text that is none."""
    return value if isinstance(value, str) else repr(value)
