"""What bhyt.yaml must fulfil: every name points to something, and no fault looks like a word about a card."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from bridge.bhyt.converters import FIELD_CONVERTERS
from bridge.bhyt.model import Lookup, LookupFamily, LookupFill, LookupRequest
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
    yield from _check_known(family)
    for request in family.requests.values():
        yield from (f"requests: {request.name}: {fault}" for fault in _check_request(family, request))
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


def _check_known(family: LookupFamily) -> Iterator[str]:
    """What the bridge looks for in a reply is found in any letter case only under a documented name."""
    names = (family.reply.result, family.reply.note, family.reply.born, *family.reply.persons)
    yield from (f"reply: names: {name} is missing" for name in names if name not in family.reply.names)
    if any(family.reply.born not in _fields(request) for request in family.requests.values()):
        yield f"reply: born: not every request is made of the field {family.reply.born}"


def _check_request(family: LookupFamily, request: LookupRequest) -> Iterator[str]:
    for name, value in {**request.query, **request.body}.items():
        if value.convert is not None and value.convert not in FIELD_CONVERTERS:
            yield f"{name}: there is no converter {value.convert}"
    if request.person not in _fields(request):
        yield f"person: no value is made from the field {request.person}"
    yield from (
        f"{name} is not among the names of the reply"
        for name in request.lists
        if name not in family.reply.names
    )
    for name, fill in request.fills.items():
        yield from (f"fills: {name}: {fault}" for fault in _check_fill(family, request, name, fill))


def _check_fill(family: LookupFamily, request: LookupRequest, name: str, fill: LookupFill) -> Iterator[str]:
    if name not in request.lists:
        yield "it is no list of the reply"
    other = family.requests.get(fill.request)
    if other is None:
        yield f"there is no request {fill.request}"
        return
    if fill.list not in other.lists:
        yield f"{fill.list} is no list of {fill.request}"
    if _fields(other) - _fields(request):
        yield f"{fill.request} needs more of the client than {request.name}"
    for code in fill.results:
        if code not in family.results or family.results[code].about != "card":
            yield f"{code} is no result about a card"


def _check_lookup(family: LookupFamily, lookup: Lookup) -> Iterator[str]:
    request = family.requests.get(lookup.request)
    if request is None:
        yield f"there is no request {lookup.request}"
        return
    wanted = _fields(request)
    yield from (f"its clients do not bring {name}" for name in sorted(wanted - set(lookup.fields)))
    for name in lookup.fields:
        if name not in wanted:
            yield f"nothing is made of {name}; if the portal does not want it, it belongs to 'dropped'"
    yield from (f"{name} is dropped and not" for name in lookup.dropped if name in lookup.fields)
    for name in lookup.renames:
        if name not in request.lists:
            yield f"renames: {name} is no list of the reply"
    for code, times in Counter(code for old in lookup.results.values() for code in old.of).items():
        if code not in family.results:
            yield f"results: {code} is no result code"
        if times > 1:
            yield f"results: {code} stands {times} times"


def _fields(request: LookupRequest) -> set[str]:
    """The client's fields of which a request is made."""
    return {value.field for value in request.values if value.field is not None}
