"""What the console's own requests must fulfil: paths, statuses and groups that fit together."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from bridge.table.model.console import ConsoleProtocol, ConsoleRequest
from bridge.table.model.rows import Table


def check_console(table: Table) -> Iterator[str]:
    """Faults of console.yaml."""
    protocol = table.console
    for name, request in protocol.named():
        yield from (f"{name}: {fault}" for fault in _check_request(table, request))
    lines = Counter(request.console for _, request in protocol.named())
    yield from (f"{line} stands {times} times" for line, times in lines.items() if times > 1)
    yield from _check_statuses(table, protocol)


def _check_request(table: Table, request: ConsoleRequest) -> Iterator[str]:
    groups = dict(table.console.statuses.named())
    if request.accepts is not None and request.accepts not in groups:
        yield f"there is no group of statuses {request.accepts}"
    names = Counter(field.json_name for field in (request.body or {}).values())
    yield from (f"body: {name} stands {times} times" for name, times in names.items() if times > 1)
    braces = sorted(re.findall(r"{(\w+)}", request.path))
    if braces != sorted(field.json_name for field in request.in_path.values()):
        yield "in_path: other names than the path has in braces"
    if request.answers == "nothing" and request.reply:
        yield "reply: it answers nothing"
    if request.body and request.method == "GET":
        yield "a GET has no body"
    yield from (
        f"body: {field.json_name} stands inside an object"
        for field in (request.body or {}).values()
        if len(field.path) > 1
    )
    sent_by_rows = any(
        step.console == request.console for row in table.functions.values() for step in row.steps
    )
    if request.used_by == "nobody" and sent_by_rows:
        yield "a row sends it: used_by is rows"


def _check_statuses(table: Table, protocol: ConsoleProtocol) -> Iterator[str]:
    for name, group in protocol.statuses.named():
        for source, numbers in (("console", group.statuses), ("cloud", group.cloud)):
            listed = table.statuses.sources.get(source, {})
            yield from (
                f"{name}: status.yaml lists no {source} status {number}"
                for number in numbers
                if str(number) not in listed
            )
