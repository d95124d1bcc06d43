"""What all sections of the settings are made of."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from pydantic import BaseModel, ConfigDict, Field


class Unit(NamedTuple):
    """What a number of the settings counts, for the page that documents them."""

    name: str


Seconds = Annotated[float, Unit("seconds")]
Bytes = Annotated[int, Unit("bytes")]
TcpPort = Annotated[int, Field(ge=0, le=65535)]


class Section(BaseModel):
    """Base of the sections.

    Immutable, and an unknown key is an error, so that a typing mistake is found at start.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def model_of(model: type[BaseModel], names: tuple[str, ...]) -> type[BaseModel] | None:
    """The section with these names, from the outermost on; None where there is none."""
    for name in names:
        field = model.model_fields.get(name)
        kind = field.annotation if field is not None else None
        if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
            return None
        model = kind
    return model
