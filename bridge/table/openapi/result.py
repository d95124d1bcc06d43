"""What a comparison with an OpenAPI document finds."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field

from bridge.table.openapi.facts import Fact


@dataclass(frozen=True, slots=True)
class Difference:
    """Where table and document disagree. ``breaks``: calls fail or lose a value as it is."""

    function: str
    where: str
    text: str
    breaks: bool

    def __str__(self) -> str:
        return f"{'BREAKS' if self.breaks else 'note  '} {self.function}: {self.where}: {self.text}"


@dataclass(slots=True)
class Comparison:
    """The differences, the facts by function that the document bears out, how many requests were compared."""

    differences: list[Difference] = field(default_factory=list)
    confirmed: dict[str, list[Fact]] = field(default_factory=dict)
    requests: int = 0

    @property
    def breaks(self) -> bool:
        """Whether any difference breaks calls."""
        return any(difference.breaks for difference in self.differences)


def hint(name: str, known: Iterable[str]) -> str:
    """A text that names what is most like a missing name; empty where nothing is."""
    nearest = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"; the nearest is {nearest[0]}" if nearest else ""
