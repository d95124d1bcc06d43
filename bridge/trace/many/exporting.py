"""Export: a Parquet file for each work place."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from bridge.parts.part import Part, Result, Work
from bridge.private_files import make_private_folder
from bridge.trace.exporting.parquet import write_parquet
from bridge.trace.places import WorkPlace

_UNSAFE = re.compile(r"[^\w.-]+")


def parquet_names(places: Sequence[WorkPlace]) -> dict[str, str]:
    """The file of each work place, by its name."""
    names = {place.name: _UNSAFE.sub("_", place.name) for place in places}
    counts = Counter(names.values())
    return {
        name: f"{made if counts[made] == 1 else f'{made}-{number}'}.parquet"
        for number, (name, made) in enumerate(names.items(), 1)
    }


def exporting(folder: Path, names: Mapping[str, str], *, values: bool) -> Work:
    """The work of exporting a work place into ``folder``."""
    return partial(_export_part, folder=folder, names=dict(names), values=values)


def _export_part(part: Part, folder: Path, names: Mapping[str, str], values: bool) -> Result:
    make_private_folder(folder)
    written = write_parquet(part.name, part.files, folder / names[part.name], values=values)
    return {"rows": written.rows, "left_out": written.left_out}
