"""What bhyt.yaml must fulfil: every name points to something, and no fault looks like a word about a card."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from bridge.bhyt.converters import FIELD_CONVERTERS
from bridge.bhyt.model import Lookup, LookupFamily
from bridge.table.model.rows import Route

NEEDED_FAULTS = (
    *(f"portal-{failure}" for failure in ("unreachable", "timeout", "dropped", "http-4xx", "http-5xx")),
    *("bad-json", "tls-failure", "bad-argument", "no-account", "no-officer", "not-this-person"),
    *("deadline", "internal"),
)


def check_lookups(family: LookupFamily, routes: Iterable[Route] = ()) -> Iterator[str]:
    """Faults of the lookups. ``routes``: the other paths of the facade, which must be other ones."""
    paths = Counter(path.lower() for path in (*family.paths, *(route.path for route in routes)))
    yield from (f"path {path} stands {times} times" for path, times in paths.items() if times > 1)
    yield from _check_results(family)
    yield from _check_request(family)
    for lookup in family.lookups.values():
        yield from (f"lookups: {lookup.name}: {fault}" for fault in _check_lookup(family, lookup))


def _check_results(family: LookupFamily) -> Iterator[str]:
    yield from (f"faults: {key} is missing" for key in NEEDED_FAULTS if key not in family.faults)
    yield from (f"faults: {key} cannot happen" for key in family.faults if key not in NEEDED_FAULTS)
    for key, fault in family.faults.items():
        result = family.results.get(fault.result)
        if result is None:
            yield f"faults: {key}: {fault.result} is no result code"
        elif result.about == "card":
            yield f"faults: {key}: {fault.result} is about a card; a fault says nothing about one"


def _check_request(family: LookupFamily) -> Iterator[str]:
    wanted = {**family.request.query, **family.request.body}
    for name, value in wanted.items():
        if value.convert is not None and value.convert not in FIELD_CONVERTERS:
            yield f"request: {name}: there is no converter {value.convert}"
    if family.request.person not in _fields(family):
        yield f"request: person: no value is made from the field {family.request.person}"


def _check_lookup(family: LookupFamily, lookup: Lookup) -> Iterator[str]:
    wanted = _fields(family)
    yield from (f"its clients do not bring {name}" for name in sorted(wanted - set(lookup.fields)))
    for name in lookup.fields:
        if name not in wanted:
            yield f"nothing is made of {name}; if the portal does not want it, it belongs to 'dropped'"
    yield from (f"{name} is dropped and not" for name in lookup.dropped if name in lookup.fields)
    for name in lookup.renames:
        if name not in family.reply.lists:
            yield f"renames: {name} is no list of the reply"


def _fields(family: LookupFamily) -> set[str]:
    """The client's fields of which the portal's request is made."""
    values = (*family.request.query.values(), *family.request.body.values())
    return {value.field for value in values if value.field is not None}
