"""The console's own requests, for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bridge.table.model.console import ConsoleField, ConsoleProtocol, ConsoleRequest, StatusGroup
from bridge.table.model.rows import Table

_USED_BY = {
    "session": "the bridge, whichever function is called",
    "rows": "functions whose row says so",
    "commands": "people, by `cshis-bridge console`",
    "nobody": "nobody yet",
}

_ANSWERS = {"list": "a bare list of objects, without a status", "nothing": "nothing"}


def heading(name: str) -> str:
    """The heading of a request on the page."""
    return f"console_{name}"


def console(table: Table) -> Iterator[str]:
    """The section of the page: an overview, each request, what the statuses and states mean."""
    yield ""
    yield "## The console's own requests"
    yield ""
    yield (
        "What the bridge asks of the console by itself so that a call can work, and what people ask of it by "
        "`cshis-bridge console` (`mappings/console.yaml`). No function of a program is named so."
    )
    yield ""
    yield "| request | 中文 | console | sent by |"
    yield "|---|---|---|---|"
    for name, request in table.console.named():
        link = f"[{heading(name)}](#{heading(name)})"
        yield f"| {link} | {request.title} | `{request.console}` | {_USED_BY[request.used_by]} |"
    for name, request in table.console.named():
        yield ""
        yield f"### {heading(name)}"
        yield ""
        yield from request_lines(table.console, request)
    yield from _statuses(table.console)
    yield from _states(table.console)


def request_lines(protocol: ConsoleProtocol, request: ConsoleRequest) -> Iterator[str]:
    """One request: what it is, its fields, what is as good as success, each with its provenance."""
    needs = f" Needs {', '.join(request.needs)}." if request.needs else ""
    yield f"{request.title}. {request.summary}{needs} [{request.provenance}]"
    yield ""
    other = f", or `{request.other_path}` where that path is not known" if request.other_path else ""
    yield f"Console: `{request.console}`{other}, sent by {_USED_BY[request.used_by]}."
    yield ""
    if request.answers != "object":
        yield f"- answers {_ANSWERS[request.answers]}"
    yield from _fields("path", request.in_path)
    yield from _fields("query", request.in_query)
    yield from _fields("body", request.body or {})
    yield from _fields("reply", request.reply)
    group = dict(protocol.statuses.named()).get(request.accepts or "")
    if group is not None:
        yield f"- {_numbers(group)} as good as success: {group.meaning} [{group.provenance}]"


def _fields(part: str, fields: Mapping[str, ConsoleField]) -> Iterator[str]:
    for name, field in fields.items():
        optional = "" if field.required else ", may be missing"
        noted = f" [{field.provenance}]" if field.provenance else ""
        yield f"- {part} `{field.json_name}`: {name.replace('_', ' ')}{optional}{noted}"


def _statuses(protocol: ConsoleProtocol) -> Iterator[str]:
    yield ""
    yield "## What the console's statuses mean for its session"
    yield ""
    for name, group in protocol.statuses.named():
        yield f"- `{name}` {_numbers(group)}: {group.meaning} [{group.provenance}]"


def _states(protocol: ConsoleProtocol) -> Iterator[str]:
    states = protocol.states.model_dump(exclude={"provenance"})
    shown = ", ".join(f"{name.replace('_', ' ')} {number}" for name, number in states.items())
    yield ""
    yield f"Numbers in the console's status: {shown}. [{protocol.states.provenance}]"


def _numbers(group: StatusGroup) -> str:
    cloud = [f"{number} of the cloud" for number in group.cloud]
    return ", ".join([*map(str, group.statuses), *cloud])
