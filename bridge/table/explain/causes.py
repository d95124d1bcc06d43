"""What leads to a code: statuses of the upstreams, findings of the bridge and notices, with the functions
that meet them. Worked out from the rows, so that it cannot say something else than they do.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from bridge.table.model.arguments import FileArgument
from bridge.table.model.rows import Function, Step, Table

NOTICE = "notice"
UNLISTED = ""
VHC = "vhc"
Sight = tuple[str, str]  # source and status


@dataclass(frozen=True, slots=True)
class Cause:
    """``status`` of ``source`` (UNLISTED: one that status.yaml does not list; ``notice``: a call that
    succeeded) leads ``functions`` to the code. ``others``: functions that meet it and get another code.
    """

    source: str
    status: str
    functions: tuple[str, ...]
    others: tuple[str, ...]


def causes(table: Table, door: str = "") -> Mapping[int, tuple[Cause, ...]]:
    """By code, everything that leads to it; a code that is missing is never given. ``door``: "" for the
    native library, ``vhc`` for the HTTP paths of the virtual-card SDK.
    """
    found: dict[int, dict[Sight, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in _rows(table, door):
        for code, sight in dict.fromkeys(_sights(table, row, (door,) if door else ())):
            found[code][sight].append(row.name)
    met: dict[Sight, dict[str, None]] = defaultdict(dict)
    for by_sight in found.values():
        for sight, names in by_sight.items():
            met[sight] |= dict.fromkeys(names)
    return {
        code: tuple(
            Cause(*sight, tuple(names), tuple(name for name in met[sight] if name not in names))
            for sight, names in by_sight.items()
        )
        for code, by_sight in found.items()
    }


def _rows(table: Table, door: str) -> Iterator[Function]:
    if not door:
        yield from (row for row in table.functions.values() if row.export)
        return
    names = {route.function for route in table.routes if route.door == door}
    yield from (row for row in table.functions.values() if row.name in names)


def _sights(table: Table, row: Function, door: tuple[str, ...]) -> Iterator[tuple[int, Sight]]:
    """Every code of a row with what leads to it."""
    yield from ((notice.code, (NOTICE, notice.json_name)) for notice in row.notices)
    yield from ((step.notice, (NOTICE, step.path)) for step in row.steps if step.notice is not None)
    for failure in _failures(table, row):
        contexts = (*failure.first, *door, row.name, *row.contexts, *failure.last)
        yield (
            table.statuses.legacy(failure.source, failure.status, contexts),
            (failure.source, failure.status),
        )


class _Failure(NamedTuple):
    """What a row can meet. Contexts: those of request and step come ``first``, the upstream's ``last``."""

    source: str
    status: str
    first: tuple[str, ...] = ()
    last: tuple[str, ...] = ()


def _failures(table: Table, row: Function) -> Iterator[_Failure]:
    sources = table.statuses.sources
    yield from (
        _Failure("transport", key, last=(upstream,))
        for key in sources.get("transport", {})
        for upstream in _ways(row)
        if _on_the_way(row, key, upstream)
    )
    if row.status == "unsupported":
        return
    yield from (_Failure("bridge", key) for key in sources.get("bridge", {}) if _of_the_bridge(row, key))
    for step in row.steps:
        for source, contexts in _asked(table, step):
            for key in (*sources.get(source, {}), UNLISTED):
                yield _Failure(source, key, (*contexts, *step.contexts))


def _ways(row: Function) -> list[str]:
    """The upstreams on the way to which a row can fail. The console is always among them."""
    return ["console", *dict.fromkeys(s.target for s in row.steps if s.target in ("cloud", "centre"))]


def _asked(table: Table, step: Step) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Who can answer a step with a status, and the contexts of the request that is answered."""
    yield "console", ()
    if step.signature is not None:
        yield "console", table.console.signatures.of(step.signature.kind).contexts
    if step.cloud is not None:
        yield "cloud", ()
    if step.centre is not None:
        yield "vpn", ()


def _on_the_way(row: Function, key: str, upstream: str) -> bool:
    if key == "not-supported":
        return row.status in ("unsupported", "beyond")
    if row.status == "unsupported":
        return False
    if key == "bad-argument":
        return bool(row.arguments)
    whose = key.partition("-")[0]
    return whose not in ("console", "cloud", "centre") or whose == upstream


def _of_the_bridge(row: Function, key: str) -> bool:
    if key == "wrong-person":
        return row.identity is not None
    if key.startswith("file-"):
        return any(isinstance(argument, FileArgument) for argument in row.arguments)
    return True
