"""Stages: those of mappings/cutover.yaml by their names, a site's own from a file."""

from __future__ import annotations

import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bridge.cutover.routing_file import Routing, read_routing, written
from bridge.errors import ConfigError
from bridge.table.model.rows import Table
from bridge.words import said


class _Written(BaseModel):
    """A site's own stage: ``name``, tables ``[routes]`` and ``[moved]``."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(pattern=r"^[A-Za-z0-9_.-]{1,40}$")
    routes: dict[str, str]
    moved: dict[str, str] = Field(default_factory=dict)


def find_stage(name: str, table: Table) -> Routing:
    """In: the name of a stage of the table, or a file (TOML). Raises ConfigError."""
    stages = table.cutover.stages if table.cutover is not None else {}
    if name in stages:
        stage = stages[name]
        return Routing(name, stage.routes, stage.moved)
    file = Path(name)
    if not file.is_file():
        raise ConfigError(
            said(
                "there is no stage {name}: it is one of {known}, or a file",
                name=name,
                known=", ".join(stages),
            )
        )
    return _read(file, table)


def _read(file: Path, table: Table) -> Routing:
    try:
        found = _Written.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except ValidationError as error:
        fault = error.errors()[0]
        where = ".".join(map(str, fault["loc"]))
        raise ConfigError(said("{file}: {where}: {why}", file=file, where=where, why=fault["msg"])) from error
    except (OSError, ValueError) as error:
        raise ConfigError(said("{file}: {why}", file=file, why=error)) from error
    routing = Routing(found.name, found.routes, found.moved)
    try:
        read_routing(written(routing), table)
    except ConfigError as error:
        raise ConfigError(said("{file}: {why}", file=file, why=error)) from error
    return routing
