"""Where settings come from, the weaker before the stronger, and where in it each one stands."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from bridge.config.environment import merged, settings_of_environment, settings_of_machine, variables
from bridge.config.machine import PLACE, machine_settings
from bridge.config.places import lines_of, nearest, paths_of
from bridge.errors import ConfigError
from bridge.words import Said, said

Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """``values``: what it says. ``place``: where in it a setting stands, None where it does not."""

    values: Mapping[str, Any]
    place: Callable[[Names], Said | None]


def all_sources(
    files: Sequence[Path],
    overrides: Mapping[str, Any],
    model: type[BaseModel],
    machine: Callable[[], Mapping[str, str]] = machine_settings,
) -> list[Source]:
    """Windows' registry, the files, the environment, what the caller says. Raises ConfigError where one of
    them cannot be read.
    """
    texts = machine()
    by_name = {tuple(name.lower().split(".")): name for name in texts}
    by_variable = variables(os.environ, model)
    return [
        Source(settings_of_machine(texts, model), _in_registry(by_name)),
        *(_of_file(file) for file in files),
        Source(settings_of_environment(os.environ, model), _in_environment(by_variable)),
        Source(overrides, _of_the_caller(overrides)),
    ]


def all_values(sources: list[Source]) -> dict[str, Any]:
    """What all sources together say."""
    found: dict[str, Any] = {}
    for source in sources:
        found = merged(found, source.values)
    return found


def place_of(sources: list[Source], names: Names) -> Said | None:
    """Where the setting stands that counts, or what is nearest around it; None for a default."""
    strongest = sources[::-1]
    for source in (*(each for each in strongest if _has(each.values, names)), *strongest):
        if (found := source.place(names)) is not None:
            return found
    return None


def _has(values: Mapping[str, Any], names: Names) -> bool:
    found: Any = values
    for name in names:
        if not isinstance(found, Mapping) or name not in found:
            return False
        found = found[name]
    return True


def read_toml(file: Path) -> tuple[dict[str, Any], str]:
    """The values of a file, and its text. Raises ConfigError. Windows' editors put a byte order mark before
    UTF-8, which TOML does not allow.
    """
    try:
        if not file.is_file():
            raise ConfigError(said("settings file {file} does not exist", file=file))
        text = file.read_text(encoding="utf-8-sig")
        return tomllib.loads(text), text
    except OSError as error:  # a file of another user
        raise ConfigError(
            said("settings file {file} cannot be read: {why}", file=file, why=error.strerror)
        ) from error
    except (ValueError, RecursionError) as error:  # broken TOML, or a name that no file can have
        raise ConfigError(said("{file}: {error}", file=file, error=error)) from error


def _in_registry(by_name: Mapping[Names, str]) -> Callable[[Names], Said | None]:
    def place(names: Names) -> Said | None:
        found = nearest(by_name, names)
        return None if found is None else said("{place}, value {name}", place=PLACE, name=found)

    return place


def _of_file(file: Path) -> Source:
    values, text = read_toml(file)

    def place(names: Names) -> Said | None:
        found = nearest(lines_of(text), names)
        return None if found is None else said("{file}, line {line}", file=file, line=found)

    return Source(values, place)


def _in_environment(by_variable: Mapping[Names, str]) -> Callable[[Names], Said | None]:
    def place(names: Names) -> Said | None:
        found = nearest(by_variable, names)
        return None if found is None else said("environment variable {name}", name=found)

    return place


def _of_the_caller(overrides: Mapping[str, Any]) -> Callable[[Names], Said | None]:
    given = set(paths_of(overrides))

    def place(names: Names) -> Said | None:
        return said("command line") if names in given else None

    return place
