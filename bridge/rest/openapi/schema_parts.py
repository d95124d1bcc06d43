"""Pieces of the OpenAPI schemas of requests and replies: records in words, objects, sentences."""

from __future__ import annotations

from typing import Any

from bridge.table.model.layout import Part, walk
from bridge.table.model.records import FieldSpec, GroupSpec, LiteralSpec, RecordSpec

Schema = dict[str, Any]

FORMS = {
    "plain": "the fixed-width record as text; in code page 950 it has exactly the legacy number of bytes",
    "big5": "the fixed-width record's bytes, each as the character U+0000 to U+00FF of the same number",
    "json": "the record as an object of named fields without padding; a group lists all its repetitions",
    "json_big5": "the object of named fields, the bytes of each text as the characters U+0000 to U+00FF",
}
TYPES = {
    "text": "",
    "code": "",
    "date": "ROC date YYYMMDD",
    "datetime": "ROC date and time YYYMMDDhhmmss",
    "number": "digits, zero-padded",
    "quantity": "7 digits, two of them decimals",
}


def fields_in_words(record: RecordSpec, records: dict[str, RecordSpec]) -> str:
    """``name 姓名 (20), ...``: fields, blanks and brackets, each with its width in bytes."""
    words = []
    for item in walk(record, records):
        if isinstance(item, GroupSpec):
            words.append(f"{item.group} ({repeats(item)}: {', '.join(map(_in_words, item.fields))})")
        else:
            words.append(_in_words(item))
    return ", ".join(words)


def _in_words(item: Part) -> str:
    if isinstance(item, FieldSpec):
        return f"{item.name} {item.term} ({item.width})".replace("  ", " ")
    return f'"{item.literal}"' if isinstance(item, LiteralSpec) else f"blank ({item.width})"


def repeats(group: GroupSpec) -> str:
    """How often a group stands in its record, in words."""
    return f"1 to {group.most} times" if group.repeat == "n" else f"{group.repeat} times"


def object_schema(described: str, properties: Schema, required: list[str]) -> Schema:
    """The schema of a JSON object. It has no title: generators of clients name types by titles, and those of
    a request, its reply and other paths of the same function would be one.
    """
    schema: Schema = {"type": "object", "description": described, "properties": properties}
    return {**schema, "required": required} if required else schema  # an empty list is not valid


ROOT = "root"


class Tags:
    """The groups of the document's paths by their first folder. Those that differ in letter case only are
    one, in the first's spelling: generators of clients make a file of each.
    """

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def of(self, path: str) -> str:
        """The group of a path; ``root`` for one without a folder."""
        folder = path.strip("/").rpartition("/")[0].partition("/")[0] or ROOT
        return self._known.setdefault(folder.lower(), folder)

    def operation_id(self, path: str) -> str:
        """A path's name for generated clients: its group, ``_`` and the rest. There is no second ``_``: NSwag
        takes what stands between the last two for the group.
        """
        _, *rest = path.strip("/").replace("_", "").split("/")
        if not rest:
            return path.strip("/")
        name = "".join(part[:1].upper() + part[1:] for part in rest) if len(rest) > 1 else rest[0]
        return f"{self.of(path)}_{name}"


def sentence(*parts: str) -> str:
    """The parts that are not empty, as one sentence."""
    return "; ".join(part for part in parts if part) + "."
