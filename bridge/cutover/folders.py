"""The routing files of work places: changed a stage at a time, and taken back one step at a time, exactly.

Beside the library lies a record of the steps (``cshis-cutover.json``): for each its stage, what the routing
file said before (base64; null where there was none) and by which SHA-256 it is known now.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bridge.config import load_settings
from bridge.cutover.routing_file import Routing, read_routing, text_of_file, written
from bridge.errors import ConfigError
from bridge.installing.copies import dll_in, look_at
from bridge.installing.dll import explain
from bridge.installing.ini import INI, bridge_ini, bridge_ini_windows, split_sections, to_ansi
from bridge.installing.names import LINUX_LIBRARY, LINUX_ORIGINAL, ORIGINAL
from bridge.installing.transaction import PlacingRefused, replace_placed, stood_before
from bridge.table.model.rows import Table
from bridge.words import said, text_of

STEPS = "cshis-cutover.json"


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a folder: its stage before and now ("" for none), or why nothing was changed."""

    folder: Path
    before: str = ""
    after: str = ""
    refused: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """How a folder stands. ``stage``: "" where its file names none; ``routed``: it has routes; ``refused``:
    why the library does not obey its file; ``original``: the old software's library lies there; ``steps``:
    stages that can be taken back, the newest last.
    """

    folder: Path
    stage: str
    routed: bool
    refused: str
    original: bool
    steps: tuple[str, ...]


def apply_stage(folder: Path, routing: Routing, table: Table, config: Path | None = None) -> Done:
    """Give a folder the routes of a stage. Nothing is changed where anything stands against it."""
    return _safely(folder, lambda: _apply(folder.absolute(), routing, table, config))


def step_back(folder: Path, table: Table) -> Done:
    """Take the last step back: every file is as it was before, to the byte."""
    return _safely(folder, lambda: _back(folder.absolute(), table))


def state_of(folder: Path, table: Table) -> State:
    """Look at a folder. Raises ConfigError where it cannot be looked at."""
    folder = folder.absolute()
    try:
        library, ini = _library(folder), folder / INI
        data = ini.read_bytes() if ini.is_file() else b""
        there, steps = _original(library).is_file(), _read_steps(folder)
    except (PlacingRefused, OSError) as error:
        raise ConfigError(text_of(error)) from error
    names = tuple(str(step["stage"]) for step in steps)
    try:
        found = read_routing(text_of_file(data), table)
    except ConfigError as error:
        return State(folder, "", True, text_of(error), there, names)
    return State(folder, found.stage if found else "", found is not None, "", there, names)


def _safely(folder: Path, act: Callable[[], Done]) -> Done:
    try:
        return act()
    except (PlacingRefused, ConfigError) as error:
        return Done(folder, refused=text_of(error))
    except OSError as error:
        return Done(folder, refused=explain(error, folder))


def _apply(folder: Path, routing: Routing, table: Table, config: Path | None) -> Done:
    library, ini = _library(folder), folder / INI
    before = ini.read_bytes() if ini.is_file() else None
    content = _with_sections(before, library, routing, config)
    read_routing(text_of_file(content), table)
    steps, stage = _read_steps(folder), _stage_of(folder, table)
    original = _missing_original(library, routing)
    if content == before and original is None:
        return Done(folder, stage, routing.stage)
    step = {
        "stage": routing.stage,
        "before": None if before is None else base64.b64encode(before).decode("ascii"),
        "sha256": _sha256(content),
        "original": None if original is None else _sha256(original),
    }
    _write_steps(library, [*steps, step])
    try:
        if original is not None:
            replace_placed(library, _original(library), original)
        replace_placed(library, ini, content)
    except OSError:
        if original is not None:
            replace_placed(library, _original(library), None)
        _write_steps(library, steps)
        raise
    return Done(folder, stage, routing.stage)


def _with_sections(before: bytes | None, library: Path, routing: Routing, config: Path | None) -> bytes:
    """The file with other sections; what stands above them stays to the byte."""
    head = split_sections(before)[0] if before is not None else _address(library, config)
    return head + (b"" if not head or head.endswith(b"\n") else b"\r\n") + to_ansi(written(routing))


def _back(folder: Path, table: Table) -> Done:
    library, ini, steps = _library(folder), folder / INI, _read_steps(folder)
    if not steps:
        raise PlacingRefused(said("{folder}: there is no step to take back", folder=folder))
    last, stage = steps[-1], _stage_of(folder, table)
    now = ini.read_bytes() if ini.is_file() else None
    before = None if last["before"] is None else base64.b64decode(last["before"])
    if now != before and (now is None or _sha256(now) != last["sha256"]):
        raise PlacingRefused(
            said("{ini} was changed since: put it in order by hand, or give a stage again", ini=ini)
        )
    original = _original(library)
    ours = last["original"] is not None and original.is_file()
    if ours and _sha256(original.read_bytes()) != last["original"]:
        raise PlacingRefused(said("{original} was changed since: look at it", original=original))
    if now != before:  # else a step was broken off before it, or while it was taken back
        replace_placed(library, ini, before)
    if ours:
        replace_placed(library, original, None)
    _write_steps(library, steps[:-1])
    return Done(folder, stage, _stage_of(folder, table))


def _stage_of(folder: Path, table: Table) -> str:
    """ "" also for a file that the library refuses."""
    return state_of(folder, table).stage


def _library(folder: Path) -> Path:
    """Ours, in that folder: a stage for another one would do nothing."""
    found = dll_in(folder) or folder / LINUX_LIBRARY
    if not found.is_file():
        raise PlacingRefused(
            said(
                "{folder} has no library of the bridge: cshis-bridge install-dll puts it there", folder=folder
            )
        )
    if look_at(found).kind != "bridge":
        raise PlacingRefused(
            said("{library} is not the bridge's: cshis-bridge install-dll puts that there", library=found)
        )
    return found


def _original(library: Path) -> Path:
    return library.with_name(LINUX_ORIGINAL if library.name == LINUX_LIBRARY else ORIGINAL)


def _missing_original(library: Path, routing: Routing) -> bytes | None:
    """The old software's library, where it has to be laid beside: what install-dll has kept."""
    target = _original(library)
    if target.is_file():
        if look_at(target).is_ours:
            raise PlacingRefused(
                said("{target} is one of the bridge's: put the official one there", target=target)
            )
        return None
    kept = stood_before(library)
    if kept is not None and kept != library and not look_at(kept).is_ours:
        return kept.read_bytes()
    if routing.needs_original:
        raise PlacingRefused(
            said(
                "{target} is missing, and this stage sends calls there: put the official library there",
                target=target,
            )
        )
    return None


def _address(library: Path, config: Path | None) -> bytes:
    channel = load_settings(config).channel
    return bridge_ini(channel).encode() if library.name == LINUX_LIBRARY else bridge_ini_windows(channel)


def _read_steps(folder: Path) -> list[dict[str, Any]]:
    file = folder / STEPS
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        steps = list(_checked(found["steps"]))
    except FileNotFoundError:
        return []
    except (ValueError, KeyError, TypeError) as error:
        raise PlacingRefused(said("{file} cannot be read: {error}", file=file, error=error)) from error
    return steps


def _checked(steps: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Raises KeyError, TypeError and ValueError for what is no step."""
    for step in steps:
        if step["before"] is not None:
            base64.b64decode(step["before"], validate=True)
        yield {name: step[name] for name in ("stage", "before", "sha256", "original")}


def _write_steps(library: Path, steps: list[dict[str, Any]]) -> None:
    content = json.dumps({"steps": steps}, indent=2).encode("utf-8") if steps else None
    replace_placed(library, library.with_name(STEPS), content)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
