"""What the status list must fulfil: every failure of ours is in it, no failure becomes 0."""

from __future__ import annotations

from collections.abc import Iterator

from bridge.codec.numbers import INT16
from bridge.table.model.rows import Table
from bridge.table.model.statuses import StatusMap

UPSTREAM_FAILURES = ("unreachable", "timeout", "dropped", "http-4xx", "http-5xx")
NEEDED_TRANSPORT = (
    *(f"console-{failure}" for failure in UPSTREAM_FAILURES),
    *(f"cloud-{failure}" for failure in UPSTREAM_FAILURES),
    *(f"centre-{failure}" for failure in UPSTREAM_FAILURES),
    *("bad-json", "tls-failure", "bridge-unreachable", "bad-argument", "not-supported", "shim-mismatch"),
)
NEEDED_BRIDGE = (
    "wrong-person",
    "card-changed",
    "port-not-open",
    "no-virtual-card",
    "virtual-card-moved",
    "file-unreadable",
    "file-size-wrong",
    "pin-cancelled",
    "pin-timed-out",
    "pin-unavailable",
    "pin-mismatch",
    "deadline",
    "internal",
)


def check_statuses(table: Table) -> Iterator[str]:
    """Faults of status.yaml, and contexts of rows that it does not know."""
    statuses = table.statuses
    known = {*statuses.legacy_codes, *statuses.vhc_codes}
    for source, entries in statuses.sources.items():
        if source not in statuses.unlisted:
            yield f"status.yaml: unlisted: no fallback for {source}"
        for key, entry in entries.items():
            where = f"status.yaml: {source}: {key}"
            for code in (entry.legacy, *entry.contexts.values()):
                if code not in known:
                    yield f"{where}: {code} is no legacy code"
            if source in ("transport", "bridge") and 0 in (entry.legacy, *entry.contexts.values()):
                yield f"{where}: a failure must not become 0"
    for source in statuses.unlisted_contexts:
        if source not in statuses.unlisted:
            yield f"status.yaml: unlisted_contexts: there is no source {source}"
    for source, code in _unlisted_codes(statuses):
        if code == 0 or code not in known:
            yield f"status.yaml: unlisted: {source}: {code} is no legacy code of a failure"
    for source, keys in (("transport", NEEDED_TRANSPORT), ("bridge", NEEDED_BRIDGE)):
        listed = statuses.sources.get(source, {})
        yield from (f"status.yaml: {source}: {key} is missing" for key in keys if key not in listed)
    offered = statuses.context_names()
    for function in table.functions.values():
        used = {*function.contexts, *(context for step in function.steps for context in step.contexts)}
        yield from (
            f"{function.name}: no status knows the context {context}" for context in sorted(used - offered)
        )
    for code in (*statuses.legacy_codes, *statuses.vhc_codes):
        if code not in INT16:
            yield f"status.yaml: {code} does not fit 16 bits"


def _unlisted_codes(statuses: StatusMap) -> Iterator[tuple[str, int]]:
    yield from statuses.unlisted.items()
    for source, by_context in statuses.unlisted_contexts.items():
        yield from ((f"{source}: {context}", code) for context, code in by_context.items())
