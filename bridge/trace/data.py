"""Reads ``mappings/migration``: what is particular to a function or a field in the work with traces."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from bridge.errors import TableError
from bridge.table.default import default_directory
from bridge.table.files import strict_yaml

SpecT = TypeVar("SpecT", bound=BaseModel)
FOLDER = "migration"


def load_data(name: str, spec: type[SpecT], file: Path | None = None) -> SpecT:
    """Read ``mappings/migration/NAME``, or another ``file`` of its kind. Raises TableError with one line per
    fault: file, place, what is wrong.
    """
    file = file or default_directory() / FOLDER / name
    try:
        return spec.model_validate(strict_yaml(file.read_text(encoding="utf-8")))
    except ValidationError as error:
        places = ((".".join(map(str, fault["loc"])), fault["msg"]) for fault in error.errors())
        raise TableError([f"{file.name}: {place}: {said}" for place, said in places]) from error
    except (OSError, ValueError, yaml.YAMLError, RecursionError) as error:
        raise TableError([f"{file.name}: {' '.join(str(error).split())}"]) from error
