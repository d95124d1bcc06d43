"""Paths of the insurer's test environment are compared with its own document only."""

from __future__ import annotations

import copy

from bridge.table.loader import default_table
from bridge.table.openapi.compare import compare
from bridge.table.openapi.document import Document
from tests.unit.table.openapi.openapi_documents import document_of

TABLE = default_table()
APPLY = "/test/v1/ApplyVirtualHc/Apply"


def test_a_document_of_the_production_environment_is_not_asked_for_them() -> None:
    whole = document_of(TABLE, "cloud")
    production = copy.deepcopy(whole)
    for path in [path for path in production["paths"] if path.startswith("/test/")]:
        del production["paths"][path]
    result = compare(TABLE, Document(production), "cloud")
    assert result.differences == []
    all_requests = compare(TABLE, Document(whole), "cloud").requests
    of_test_cards = 2 + 3 + 3  # with the alternatives of two rows
    assert result.requests == all_requests - of_test_cards


def test_a_document_of_the_test_environment_is() -> None:
    other = document_of(TABLE, "cloud")
    other["paths"]["/test/v1/ApplyVirtualHc/Other"] = other["paths"].pop(APPLY)
    result = compare(TABLE, Document(other), "cloud")
    assert result.breaks
    assert {difference.function for difference in result.differences} == {"applyTestCard"}
