"""What the table says of Viet Nam's card lookups: complete against seed 004, and documented."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner

from bridge.bhyt.document import chapter
from bridge.bhyt.loader import load_lookups
from bridge.bhyt.model import provenances
from bridge.cli.main import main
from bridge.table.document.coverage import coverage
from bridge.table.document.functions import functions_page
from bridge.table.loader import default_table

TABLE = default_table()
FAMILY = load_lookups(TABLE.routes)
assert FAMILY is not None
PAGE = functions_page(TABLE, [chapter(FAMILY)])
# The list of section 4 of Công văn 1923/BHXH-CNTT, in its order.
OFFICIAL_CODES = (
    *("000", "001", "002", "003", "004", "010", "051", "052", "053", "050", "060", "061", "070", "100"),
    *("101", "110", "120", "121", "122", "123", "124", "130", "205", "401", "054", "055"),
)
# Its section 2 wants these; where they go is known from clients of 2024.
OFFICIAL_INPUT = {
    *("maThe", "hoTen", "ngaySinh", "username", "password", "hoTenCb", "cccdCb", "token", "id_token"),
}


def test_every_official_result_code_is_there_and_no_other() -> None:
    assert set(FAMILY.results) == set(OFFICIAL_CODES)


@pytest.mark.parametrize("name", ["KQNhanLichSuKCB2024", "Lskcb2025"])
def test_a_request_has_all_of_the_official_input_and_nothing_else(name: str) -> None:
    request = FAMILY.requests[name]
    assert request.path == f"/api/egw/{name}"
    assert {*request.query, *request.body} == OFFICIAL_INPUT
    assert not set(request.query) & set(request.body)


def test_only_the_visits_are_asked_for_with_a_form() -> None:
    assert {name: request.content for name, request in FAMILY.requests.items()} == {
        "KQNhanLichSuKCB2024": "json",
        "Lskcb2025": "form",
    }


def test_the_functions_that_ended_are_served_and_those_of_today() -> None:
    ended = {
        "nhanLichSuKCB",
        "KQNhanLichSuKCB2024",
        "Lskcb2025",
        "KQNhanLichSuKCB595",
        "KQNhanLichSuKCB2018",
        "KQNhanLichSuKCB2019",
    }
    assert ended <= set(FAMILY.lookups)
    assert all(f"/api/egw/{name}" in FAMILY.lookups[name].paths for name in FAMILY.lookups)


@pytest.mark.parametrize("code", [code for code, result in FAMILY.results.items() if result.about != "card"])
def test_only_words_about_a_card_are_left_to_the_portal_alone(code: str) -> None:
    officers = {"054": "cccdCb", "055": "hoTenCb"}
    assert FAMILY.results[code].officer == officers.get(code)


@pytest.mark.parametrize("name", FAMILY.lookups)
def test_the_page_tells_everything_of_a_lookup(name: str) -> None:
    lookup = FAMILY.lookups[name]
    _, _, section = PAGE.partition(f"\n### {name}\n")
    section = section.partition("\n### ")[0]
    told = (lookup.title, lookup.summary, lookup.provenance, *(f"`POST {path}`" for path in lookup.paths))
    assert [text for text in told if text not in section] == []
    assert [field for field in (*OFFICIAL_INPUT, *lookup.dropped) if f"`{field}`" not in section] == []
    for old, new in lookup.renames.items():
        assert f"- reply `{old}` under the name `{new}`" in section


def test_the_page_has_every_result_code() -> None:
    for code, result in FAMILY.results.items():
        assert re.search(
            rf"^\| {code} \| {result.about} \| {re.escape(result.meaning)} \|", PAGE, re.MULTILINE
        )


@pytest.mark.parametrize(
    "name", ["KQNhanLichSuKCB595", "kqnhanlichsukcb595", "NhanLichSuKCB595", "/API/egw/nhanLichSuKCB595"]
)
def test_show_finds_a_lookup_by_name_and_path(name: str) -> None:
    shown = CliRunner().invoke(main, ["table", "show", name])
    assert shown.exit_code == 0
    assert shown.output.startswith("KQNhanLichSuKCB595  BHYT")
    assert "- reply `dsLichSuKCB2018` under the name `dsLichSuKCB`" in shown.output


def test_an_unknown_name_lists_them() -> None:
    shown = CliRunner().invoke(main, ["table", "show", "nothing"])
    assert shown.exit_code == 2
    assert all(name in shown.output for name in FAMILY.lookups)


def test_the_coverage_counts_their_facts() -> None:
    counted = coverage(TABLE, [chapter(FAMILY)]).kinds["lookup"]
    assert counted.total() == len(list(provenances(FAMILY)))
    assert counted["assumed"] == 0
