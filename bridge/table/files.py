"""Reads YAML files of the mapping table into frozen objects.

Every fault found is gathered, with the file and the path inside it, so that all can be reported at once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from bridge.table.default import default_directory

SpecT = TypeVar("SpecT", bound=BaseModel)
Place = tuple[int | str, ...]


class TableFiles:
    """The files of one directory. ``faults``: one line per fault, in the order in which they were met."""

    def __init__(self, directory: Path | None = None) -> None:
        self.directory = directory or default_directory()
        self.faults: list[str] = []
        self._raw: dict[str, Any] = {}

    def yaml(self, file: Path) -> dict[str, Any]:
        """The content of a file; {} for one that cannot be used, which is a fault."""
        try:
            content = strict_yaml(file.read_text(encoding="utf-8"))
            _canonical(content)
        except (OSError, yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
            self.faults.append(f"{file.name}: {' '.join(str(error).split())}")
            return {}
        if not isinstance(content, dict):
            self.faults.append(f"{file.name}: a mapping is expected at the top")
            return {}
        self._raw[file.name] = content
        return content

    def optional(self, name: str) -> dict[str, Any]:
        """A file that a table may be without; {} where it is."""
        file = self.directory / name
        return self.yaml(file) if file.is_file() else {}

    def all(self, where: str, spec: type[SpecT], rows: Any, named: bool = False) -> dict[str, SpecT]:
        """The rows that ``spec`` accepts, by name. ``where``: how the faults of the others begin. ``named``:
        a row gets its own name.
        """
        if not isinstance(rows, dict):
            self.faults.append(f"{where}: a mapping is expected")
            return {}
        made = {}
        for name, row in rows.items():
            if str(name).startswith("."):  # parts that rows of the file share by YAML anchors
                continue
            content = {"name": name, **row} if named and isinstance(row, dict) else row
            item = self.one(f"{where}: {name}", spec, content)
            if item is not None:
                made[str(name)] = item
        return made

    def one(
        self, where: str, spec: type[SpecT], content: Any, written: Callable[[Place], Place] = lambda p: p
    ) -> SpecT | None:
        """One object; None for a content that ``spec`` does not accept, which is a fault or several.
        ``written`` turns a place in the content into that in the file, where it is another one.
        """
        try:
            return spec.model_validate(content)
        except ValidationError as error:
            for fault in error.errors():
                path = ".".join(str(part) for part in written(fault["loc"]))
                self.faults.append(f"{where}: {path}: {fault['msg']}")
            return None

    def digest(self) -> str:
        """SHA-256 over the content of all files read so far, whatever their layout and comments."""
        return hashlib.sha256(_canonical(self._raw).encode("utf-8", "surrogatepass")).hexdigest()


def _canonical(content: Any) -> str:
    """The content as one text, whatever its layout. Raises ValueError, TypeError or RecursionError for what a
    table cannot hold although YAML can: loops, and keys of several kinds in one mapping.
    """
    return json.dumps(content, ensure_ascii=False, sort_keys=True, default=str)


def strict_yaml(text: str) -> Any:
    """A YAML text as plain values. Raises yaml.YAMLError, also for a key that stands twice or is no text."""
    return yaml.load(text, Loader=_StrictLoader)  # noqa: S506 - a SafeLoader


# libyaml's parser where the wheel brings it: ten times faster, and the table is most of a start's time.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _StrictLoader(_Loader):  # type: ignore[misc]
    """A key written twice is a fault: plain YAML would keep the last one silently."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key_node, _ in node.value:
            key = key_node.value
            if not isinstance(key, str):
                raise yaml.constructor.ConstructorError(None, None, "a key is no text", key_node.start_mark)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"key {key!r} stands twice", key_node.start_mark
                )
            seen.add(key)
        mapping: dict[Any, Any] = super().construct_mapping(node, deep)
        return mapping
