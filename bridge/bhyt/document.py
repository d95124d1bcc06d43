"""The lookups of insurance cards (bhyt.yaml), for people."""

from __future__ import annotations

from collections.abc import Iterator

from bridge.bhyt.model import Lookup, LookupFamily, LookupRequest, LookupValue, provenances
from bridge.table.document.chapter import Chapter


def chapter(family: LookupFamily | None) -> Chapter:
    """What the page of functions and the coverage report tell of the lookups; without them only that none of
    their facts counts.
    """
    return Chapter(
        kind="lookup",
        title="card lookups of Viet Nam",
        provenances=tuple(provenances(family)) if family is not None else (),
        lines=tuple(_section(family)) if family is not None else (),
    )


def _section(family: LookupFamily) -> Iterator[str]:
    yield ""
    yield "## Lookups of Viet Nam's health-insurance cards (thẻ BHYT)"
    yield ""
    yield (
        "Paths of the portal (Cổng tiếp nhận dữ liệu), served where `[bhyt]` is configured. "
        "Letter case does not count; JSON or a form; fields in the query or the body. "
        f"`POST {family.token.path}`: {family.token.summary} [{family.token.provenance}]"
    )
    yield ""
    yield from (f"- [{name}](#{name.lower()}): {row.title}" for name, row in family.lookups.items())
    for lookup in family.lookups.values():
        yield ""
        yield f"### {lookup.name}"
        yield ""
        yield from lookup_lines(family, lookup)
    yield ""
    yield "**Result codes of lookups**, as the portal gives them; the last column says when the bridge does:"
    yield ""
    yield from _codes(family)


def lookup_lines(family: LookupFamily, lookup: Lookup) -> Iterator[str]:
    """One lookup: what it is, its paths, what the portal is sent for it, what its clients get."""
    yield f"{lookup.title}. {lookup.summary} [{lookup.provenance}]"
    yield ""
    paths = "; ".join(f"`POST {path}`" for path in lookup.paths)
    request = family.requests[lookup.request]
    form = ", a form" if request.content == "form" else ""
    yield f"HTTP: {paths} -> portal `POST {request.path}`{form} [{request.provenance}]"
    yield ""
    for kind, values in (("query", request.query), ("body", request.body)):
        yield from (f"- {kind} `{name}` from {_origin(value)}" for name, value in values.items())
    if lookup.dropped:
        yield f"- not sent any more: {', '.join(f'`{name}`' for name in lookup.dropped)}"
    yield from _reply_lines(family, lookup, request)


def _reply_lines(family: LookupFamily, lookup: Lookup, request: LookupRequest) -> Iterator[str]:
    for name, fill in request.fills.items():
        path = family.requests[fill.request].path
        yield f"- reply `{name}`, where it is null: `{fill.list}` of `POST {path}` [{fill.provenance}]"
    for name, renamed in lookup.renames.items():
        yield f"- reply `{name}` under the name `{renamed}`"
    for new, name in lookup.copies.items():
        yield f"- in each item of a list, `{name}` under the name `{new}` as well"
    yield f"- all other names of the reply as the portal gives them [{family.reply.provenance}]"
    for code, old in lookup.results.items():
        of = ", ".join(old.of) or "nothing any more"
        yield f"- result {code} ({old.meaning}) for {of} [{old.provenance}]"


def _origin(value: LookupValue) -> str:
    kind, _, name = value.origin.partition(" ")
    convert = f" ({value.convert})" if value.convert else ""
    return f"{kind} `{name}`{convert} [{value.provenance}]"


def _codes(family: LookupFamily) -> Iterator[str]:
    yield "| code | about | meaning | given by the bridge |"
    yield "|---|---|---|---|"
    for code, result in family.results.items():
        own = ", ".join(f"`{key}`" for key, fault in family.faults.items() if fault.result == code)
        yield f"| {code} | {result.about} | {result.meaning} | {own} |"
