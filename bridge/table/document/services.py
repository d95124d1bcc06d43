"""The services of the upload centre that pass through the bridge, for people."""

from __future__ import annotations

from collections.abc import Iterator

from bridge.table.model.rows import Table
from bridge.table.model.service import Service, ServiceField

_HOLDS = {
    "random": "; a random handed out becomes the one that the signature was made for",
    "signature": "",
    "content": "; at most 10 MB before base64",
    "patient": "; whose health card must have signed",
}


def services(table: Table) -> Iterator[str]:
    """The section of the page about all services; nothing for a table without them."""
    if not table.services:
        return
    yield ""
    yield "## Services of the upload centre"
    yield ""
    yield (
        "They pass through the bridge to the configured centre (`upload.centre.url`), or to the cloud query "
        "system (`medicloud.url`); fields in any letter case, replies as these give them."
    )
    yield ""
    yield "| service | 中文 | effect | HTTP path |"
    yield "|---|---|---|---|"
    for service in table.services.values():
        paths = "<br>".join(f"`{path}`" for path in service.served_at)
        yield f"| [{service.name}](#{service.name.lower()}) | {service.title} | {service.effect} | {paths} |"
    for service in table.services.values():
        yield ""
        yield f"### {service.name}"
        yield ""
        yield from service_lines(service)


def service_lines(service: Service) -> Iterator[str]:
    """One service: what it is, its paths, its fields and its reply, each with its provenance."""
    yield f"{service.title}. {service.summary} Effect: {service.effect}. [{service.provenance}]"
    yield ""
    yield "HTTP: " + "; ".join(f"`POST {path}`" for path in service.served_at) + f" -> `{service.path}`"
    yield ""
    if service.verified is not None:
        verified = service.verified
        what = f"every field of the signature `{verified.kind}`"
        yield f"- object `{verified.name}`: {what} [{verified.provenance}]"
    for field in service.all_fields:
        optional = ", may be missing" if field.optional else ""
        holds = _HOLDS.get(field.holds or "", "")
        unit = "entries" if field.holds == "list" else "characters"
        yield (
            f"- `{field.name}` {field.term}: at most {field.width} {unit}{optional}{holds}{_goes_on(field)} "
            f"[{field.provenance}]"
        )
    for part in service.reply:
        yield f"- reply `{part.name}` {part.term} [{part.provenance}]"


def _goes_on(field: ServiceField) -> str:
    if field.sent_as is None:
        return ""
    return f"; sent as `{field.sent_as}`" if field.sent_as else "; not sent on"
