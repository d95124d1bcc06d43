"""Every status of console, cloud and bridge has its legacy code, and none but success becomes 0."""

from __future__ import annotations

import pytest

from bridge.table.loader import default_table
from bridge.table.model.rows import Function
from tests.table.official import LEGACY_CODES, STATUSES, OfficialStatus

TABLE = default_table()
ROWS = pytest.mark.parametrize("row", list(TABLE.functions.values()), ids=lambda row: row.name)


@pytest.mark.parametrize("official", STATUSES, ids=lambda official: f"{official.source}-{official.status}")
def test_every_known_status_has_its_legacy_code(official: OfficialStatus) -> None:
    entry = TABLE.statuses.sources[official.source][official.status]
    assert entry.legacy == official.legacy
    assert official.contexts.items() <= entry.contexts.items()
    assert entry.meaning.strip()
    assert entry.provenance.strip()


def test_the_legacy_codes_are_exactly_the_known_ones() -> None:
    assert set(TABLE.statuses.legacy_codes) == LEGACY_CODES
    assert all(TABLE.statuses.meaning(code) for code in LEGACY_CODES)


SUCCESSES = {("console", "0"), ("console", "1001"), ("console", "1513"), ("cloud", "3209"), ("vpn", "0000")}


def test_only_a_status_that_means_success_becomes_0() -> None:
    zero = {
        (source, key)
        for source, entries in TABLE.statuses.sources.items()
        for key, entry in entries.items()
        if entry.legacy == 0
    }
    assert zero == SUCCESSES


def test_a_status_becomes_0_in_a_context_only_where_there_was_nothing_to_do() -> None:
    zero = {
        (source, key, context)
        for source, entries in TABLE.statuses.sources.items()
        for key, entry in entries.items()
        for context, code in entry.contexts.items()
        if code == 0
    }
    assert zero <= {("console", "1510", "csVerifyHCPIN")}  # no PIN is set: nothing to verify


@pytest.mark.parametrize("source", sorted(TABLE.statuses.unlisted))
@pytest.mark.parametrize("contexts", [(), ("open",), ("vhc",), ("seq", "vhc")])
def test_an_unlisted_status_is_a_failure(source: str, contexts: tuple[str, ...]) -> None:
    code = TABLE.statuses.legacy(source, "999999", contexts)
    assert code != 0
    assert code in LEGACY_CODES


def test_the_first_context_that_a_status_knows_decides() -> None:
    legacy = TABLE.statuses.legacy
    assert legacy("console", "1102") == 4013
    assert legacy("console", "1102", ("hpc", "sam")) == 4014
    assert legacy("console", "1102", ("sam", "hpc")) == 4012
    assert legacy("console", "1102", ("unknown", "hpc")) == 4014


def test_every_context_of_an_unlisted_status_is_one_that_rows_have() -> None:
    """A context that no row has any more would keep a code that nobody can get."""
    known = {context for row in TABLE.functions.values() for context in (row.name, *row.contexts)}
    known |= {c for row in TABLE.functions.values() for step in row.steps for c in step.contexts}
    known |= {context for _, request in TABLE.console.named() for context in request.contexts}
    for by_context in TABLE.statuses.unlisted_contexts.values():
        assert set(by_context) <= known


def test_every_code_fits_the_16_bits_that_callers_read() -> None:
    assert all(-32768 <= code <= 32767 for code in (*LEGACY_CODES, *TABLE.statuses.vhc_codes))


@ROWS
def test_the_codes_of_the_native_door_are_those_that_its_clients_know(row: Function) -> None:
    """Some clients crash on a code that their own table lacks; the VHC codes are for the VHC door only."""
    if not row.export:
        return
    contexts = [*row.contexts, *(context for step in row.steps for context in step.contexts)]
    for source, entries in TABLE.statuses.sources.items():
        for key in entries:
            assert TABLE.statuses.legacy(source, key, (*contexts, row.name)) in LEGACY_CODES


@ROWS
def test_notices_are_codes_that_real_clients_take_as_success(row: Function) -> None:
    codes = {notice.code for notice in row.notices} | {step.notice for step in row.steps if step.notice}
    assert codes <= {5010, 5141, 5174}
