"""Where in a TOML file a setting stands."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

Path = tuple[str, ...]
DEEPEST = 16  # no setting stands inside so many sections


def lines_of(text: str) -> dict[Path, int]:
    """The line of each section and setting of a valid TOML file, by its names from the outermost on; lines
    are counted from 1. Of an inline table all entries stand where it begins.
    """
    found: dict[Path, int] = {}
    section: Path = ()
    begun, statement = 0, ""
    for number, line in enumerate(text.split("\n"), start=1):
        begun = begun if statement else number
        statement += f"{line}\n"
        try:
            values = tomllib.loads(statement)
        except tomllib.TOMLDecodeError:
            continue  # a value over several lines
        header = statement.lstrip().startswith("[")
        statement = ""
        paths = list(paths_of(values))
        if header and paths:
            section = paths[-1]
        outer = () if header else section
        for path in paths:
            found.setdefault((*outer, *path), begun)
    return found


def paths_of(values: Mapping[str, Any], outer: Path = ()) -> Iterator[Path]:
    """The names of all sections and settings, outer ones first; not those so deep inside others that no
    setting is meant.
    """
    for name, value in values.items():
        path = (*outer, name)
        yield path
        inner = value[0] if isinstance(value, list) and value and isinstance(value[0], dict) else value
        if isinstance(inner, dict) and len(path) < DEEPEST:
            yield from paths_of(inner, path)


def nearest(places: Mapping[Path, Any], path: Path) -> Any:
    """What is known of a path, else of the innermost one around it; None where there is nothing."""
    for length in range(len(path), 0, -1):
        if path[:length] in places:
            return places[path[:length]]
    return None
