"""The texts for people must be whole: every number has a text, and no row leads to what is "never" given."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping

from bridge.table.model.rows import Table
from bridge.table.model.texts import CodeText, Texts


def check_texts(table: Table) -> Iterator[str]:
    """Faults of codes.yaml; none where a table has no such file."""
    texts, statuses = table.texts, table.statuses
    if texts is None:
        return
    faults = [*_missing("codes", statuses.legacy_codes, texts.codes)]
    faults += _missing("vhc", statuses.vhc_codes, texts.vhc)
    for source, entries in statuses.sources.items():
        faults += _missing(f"statuses: {source}", entries, texts.statuses.get(source, {}))
    faults += _names(texts)
    given = {*_given(table)}
    faults += [*_never("codes", texts.codes, given), *_never("vhc", texts.vhc, given)]
    yield from (f"codes.yaml: {fault}" for fault in faults)


def _missing(where: str, wanted: Iterable[object], there: Container[object]) -> Iterator[str]:
    yield from (f"{where}: {key} has no text" for key in wanted if key not in there)


def _names(texts: Texts) -> Iterator[str]:
    codes = [*texts.codes.values(), *texts.vhc.values()]
    results = [*texts.lookups.results.values(), *texts.lookups.old_results.values()]
    optional = [each.do for entries in (*texts.statuses.values(),) for each in entries.values()]
    optional += [each.do for each in results]
    advice = {*(code.do for code in codes), *(name for name in optional if name is not None)}
    advice |= set(texts.lookups.about.values())
    reasons = {code.never for code in codes if code.never is not None}
    for what, used, there in (("advice", advice, texts.advice), ("reason", reasons, texts.reasons)):
        yield from (f"there is no {what} {name}" for name in sorted(used - set(there)))
        yield from (f"nothing refers to the {what} {name}" for name in sorted(set(there) - used))


def _given(table: Table) -> Iterator[int]:
    """Every code that a status, a status of a kind or a notice leads to, in whatever context."""
    statuses = table.statuses
    yield from statuses.unlisted.values()
    for by_context in statuses.unlisted_contexts.values():
        yield from by_context.values()
    for entries in statuses.sources.values():
        for entry in entries.values():
            yield from (entry.legacy, *entry.contexts.values())
    for row in table.functions.values():
        yield from (notice.code for notice in row.notices)
        yield from (step.notice for step in row.steps if step.notice is not None)


def _never(where: str, texts: Mapping[int, CodeText], given: Container[int]) -> Iterator[str]:
    for code, text in texts.items():
        if text.never is not None and code in given:
            yield f"{where}: {code}: 'never' is wrong, a row leads to it"
