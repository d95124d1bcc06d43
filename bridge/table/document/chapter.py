"""What a room beside the table adds to the page of functions and to the coverage report."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Chapter:
    """One kind of facts: its key and its title in the coverage report, the provenance of each fact, and the
    lines (Markdown) that end the page of functions.
    """

    kind: str
    title: str
    provenances: tuple[str, ...]
    lines: tuple[str, ...] = ()
