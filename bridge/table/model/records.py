"""Fixed-width records as the table writes them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bridge.table.model.spec import Identifier, Provenance, Spec

FieldType = Literal["text", "date", "datetime", "number", "quantity", "code", "hex"]


class FieldSpec(Spec):
    """A named field of ``width`` bytes. ``type`` decides padding, blanks and the default converter."""

    name: Identifier
    width: int = Field(gt=0)
    type: FieldType = "text"
    term: str = ""


class FillerSpec(Spec):
    """Blanks that belong to no field."""

    filler: int = Field(gt=0)

    @property
    def width(self) -> int:
        """In bytes."""
        return self.filler


class LiteralSpec(Spec):
    """Fixed ASCII characters between fields, such as the brackets of an ICD-10 block."""

    literal: str = Field(min_length=1)

    @property
    def width(self) -> int:
        """In bytes."""
        return len(self.literal)


class GroupSpec(Spec):
    """Fields that repeat ``repeat`` times without separators; ``n`` follows a count given by the caller."""

    group: Identifier
    repeat: int | Literal["n"]
    most: int | None = Field(default=None, gt=0)
    term: str = ""
    fields: tuple[FieldSpec | FillerSpec, ...] = Field(min_length=1)

    @property
    def width(self) -> int:
        """Bytes of one repetition."""
        return sum(item.width for item in self.fields)


class IncludeSpec(Spec):
    """All of another record of the same direction, in place."""

    include: Identifier


LayoutItem = FieldSpec | FillerSpec | LiteralSpec | GroupSpec | IncludeSpec


class RecordSpec(Spec):
    """A fixed-width record.

    ``width``: its documented bytes; those of one repetition where the caller gives the count (``repeat: n``).
    ``layout``: its parts in order; bridge.table.model.layout walks over them.
    """

    width: int = Field(gt=0)
    title: str
    provenance: Provenance
    layout: tuple[LayoutItem, ...] = Field(min_length=1)

    @property
    def counted(self) -> GroupSpec | None:
        """The group whose number of repetitions the caller gives, if this record has one."""
        first = self.layout[0]
        return first if isinstance(first, GroupSpec) and first.repeat == "n" else None

    @property
    def most_bytes(self) -> int:
        """The longest this record can be."""
        counted = self.counted
        return self.width * (counted.most or 1) if counted else self.width
