"""What everything in the table is made of: the base class, and texts that appear everywhere."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Provenance = Annotated[str, Field(min_length=3)]
Identifier = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]


class Spec(BaseModel):
    """Base of everything in the table: immutable, and an unknown key is a fault."""

    # Its validators are built when a row is checked: a table that was checked before needs none.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)
