"""Work places as parts of a piece of work."""

from __future__ import annotations

from collections.abc import Iterable

from bridge import __version__
from bridge.parts.part import Part
from bridge.table.default import default_table
from bridge.trace.places import WorkPlace


def parts_of(places: Iterable[WorkPlace]) -> list[Part]:
    """A part for each work place. Raises OSError."""
    return [Part(place.name, place.files, place.size) for place in places]


def versions() -> list[str]:
    """What every result depends on beside the traces: this program, and the mapping table."""
    return [__version__, default_table().digest]
