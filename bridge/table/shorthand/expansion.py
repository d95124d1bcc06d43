"""What comes of a row as it is written: the row in full, its own records, its faults."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Path = tuple[int | str, ...]


@dataclass(slots=True)
class Expansion:
    """A row in full.

    ``records_out`` and ``records_in`` are those that stand in the row, by name. ``faults``: one line each,
    with its path in the row as it is written. ``argument_places``: for each argument of ``row``, the index of
    the written one that it comes from. ``only_step``: the row is written with ``step``, not with ``steps``.
    """

    row: Any
    records_out: dict[str, Any] = field(default_factory=dict)
    records_in: dict[str, Any] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    argument_places: list[int] = field(default_factory=list)
    only_step: bool = False

    def fault(self, path: str, why: str) -> None:
        """Note one; ``path`` inside the row as it is written."""
        self.faults.append(f"{path}: {why}")

    def written_path(self, path: Path) -> Path:
        """A path inside the row in full as one inside the row as it is written."""
        match path:
            case ("arguments", int(index), *rest) if index < len(self.argument_places):
                return ("arguments", self.argument_places[index], *rest)
            case ("steps", 0, *rest) if self.only_step:
                return ("step", *rest)
        return path
