"""Raises ``provenance: assumed`` in the text of mapping files, where a document has borne the facts out.

The YAML is edited in place at the exact characters of a value; comments and layout stay as they are. A text
that several rows share (by a YAML anchor) is changed only if the facts of all of them are confirmed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml

from bridge.table.model.rows import Table
from bridge.table.openapi.facts import Fact, NodePath, facts_of

ASSUMED = "assumed"
_PLAIN = re.compile(r"[A-Za-z0-9][\w ./()-]*")
_MERGE = "<<"


def confirm_file(
    text: str, table: Table, confirmed: Mapping[str, list[Fact]], source: str
) -> tuple[str, int]:
    """The file's text with every ``assumed`` that is confirmed replaced, and how many were.

    In: the text of a function file or of vhc.yaml; the table; by function the confirmed facts; what confirms
    them (title and version of the document). A provenance is replaced when it is exactly ``assumed`` and
    every fact that rests on it is confirmed; constants in a reply rest on nothing.
    """
    rows = _rows(yaml.compose(text, Loader=yaml.SafeLoader))
    verdicts: dict[tuple[int, int], bool] = {}
    for name, row in rows.items():
        function = table.functions.get(name)
        if function is None:
            continue
        borne_out = set(confirmed.get(name, []))
        for fact in facts_of(function):
            if fact.kind == "reply field" and not fact.names:
                continue
            node = _provenance(row, fact.owner)
            if node is not None and node.value == ASSUMED:
                span = (node.start_mark.index, node.end_mark.index)
                verdicts[span] = verdicts.get(span, True) and fact in borne_out
    spans = sorted((span for span, holds in verdicts.items() if holds), reverse=True)
    for start, end in spans:
        text = text[:start] + _scalar(f"openapi {source} (was {ASSUMED})") + text[end:]
    return text, len(spans)


def function_files(directory: Path) -> Iterator[Path]:
    """The files of a mapping directory that hold rows."""
    yield from sorted((directory / "functions").glob("*.yaml"))
    yield directory / "vhc.yaml"


def _scalar(text: str) -> str:
    """A YAML scalar that is safe in block and in flow style."""
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def _rows(root: yaml.Node | None) -> dict[str, yaml.Node]:
    """The rows of a file by name: at its top, or under ``functions`` where it holds other things too."""
    inner = _member(root, "functions")
    holder = inner if isinstance(inner, yaml.MappingNode) else root
    if not isinstance(holder, yaml.MappingNode):
        return {}
    return {key.value: value for key, value in holder.value}


def _provenance(row: yaml.Node, owner: NodePath) -> yaml.ScalarNode | None:
    node: yaml.Node | None = row
    for step in (*_as_written(row, owner), "provenance"):
        node = _member(node, step)
    return node if isinstance(node, yaml.ScalarNode) else None


def _as_written(row: yaml.Node, owner: NodePath) -> NodePath:
    """A path inside a row in full as one inside the row as it is written: an only step is no list, and the
    fields of a record of the row's own are lines of the output's layout.
    """
    match owner:
        case ("steps", 0, *rest) if _member(row, "step") is not None:
            return ("step", *rest)
        case ("outputs", name, "groups" | "fields", part, *rest) if (
            _member(_member(_member(row, "outputs"), name), "layout") is not None
        ):
            return ("outputs", name, "layout", part, *rest)
    return owner


def _member(node: yaml.Node | None, step: str | int) -> yaml.Node | None:
    """The value under a key or at an index; a key of its own comes before one that is merged in (``<<``).

    In a list a text means the part of that name: a field or group of a layout.
    """
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int):
        return node.value[step] if step < len(node.value) else None
    if isinstance(node, yaml.SequenceNode):
        return next((part for part in node.value if step in _names(part)), None)
    if not isinstance(node, yaml.MappingNode):
        return None
    found = next((value for key, value in node.value if key.value == step), None)
    if found is not None or step == _MERGE:
        return found
    merged = _member(node, _MERGE)
    parts = merged.value if isinstance(merged, yaml.SequenceNode) else [merged] if merged is not None else []
    return next((value for part in parts if (value := _member(part, step)) is not None), None)


def _names(part: yaml.Node) -> set[str]:
    """What a line of a layout is called."""
    pairs = part.value if isinstance(part, yaml.MappingNode) else []
    return {value.value for key, value in pairs if key.value in ("name", "group")}
