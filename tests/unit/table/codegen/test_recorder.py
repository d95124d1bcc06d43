"""The generated half of the recorder: every word of every export, and what may be asked a second time."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bridge.table.codegen.abi import declared, passed, signature_hash, slots
from bridge.table.codegen.sources import RECORDER_CALLS, asks_only, generate_recorder, render_recorder
from bridge.table.loader import default_table
from bridge.table.model.rows import Function, Table

TEMPLATES = Path(__file__).parents[4] / "native" / "templates"


@pytest.fixture(scope="module")
def source() -> str:
    return render_recorder(default_table(), TEMPLATES, "1.2.3")[RECORDER_CALLS]


def exports(source: str) -> dict[str, str]:
    """The text of each export by name."""
    parts = re.split(r"\nint CSHIS_CALL (\w+)\(", source)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def rows() -> list[Function]:
    return list(default_table().exported())


def test_all_exports_and_no_others(source: str) -> None:
    assert set(exports(source)) == {row.name for row in rows()}
    assert "$" not in source
    assert f'"cshis-bridge recorder of table {default_table().digest}"' in source
    assert 'recorder_software[] = "1.2.3"' in source


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.name)
def test_every_word_is_passed_whole(source: str, row: Function) -> None:
    """As many words as the official function takes from the stack, none narrower than a machine word."""
    text = exports(source)[row.name]
    parameters = [] if text.startswith("void)") else text.partition(")")[0].split(", ")
    if row.stack_bytes:
        assert len(parameters) == row.stack_bytes // 4
    assert all(parameter.startswith("recorder_word ") for parameter in parameters)
    names = [parameter.split()[1] for parameter in parameters]
    assert names == [argument.name for argument in row.arguments]
    assert f"))original)({', '.join(names)})" in text
    if names:
        assert f"words[] = {{{', '.join(names)}}}" in text


def test_lengths_count_every_declared_argument() -> None:
    table = default_table()
    for row in rows():
        everything = passed(table, row)
        assert [slot.name for slot in everything] == [slot.name for slot in declared(table, row)]
        for slot in everything:
            assert slot.kind != "ignored"
            if slot.kind == "record":
                assert everything[slot.length].kind == "length"


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.name)
def test_what_changes_something_is_never_asked_again(source: str, row: Function) -> None:
    """In a live comparison the bridge sees reads alone; the table says which those are."""
    text = exports(source)[row.name]
    asked = "&question}" in text
    assert asked == asks_only(row)
    if row.effect != "read" or row.status == "unsupported" or any(step.reader for step in row.steps):
        assert not asked
        assert "question" not in text
    else:
        assert f"0x{signature_hash(row.name, slots(default_table(), row)):08x}u" in text


def test_there_is_something_to_ask() -> None:
    assert sum(map(asks_only, rows())) > 30


def test_a_question_is_sent_as_the_shim_sends_it() -> None:
    """The bridge counts sent arguments, the recorder declared ones: they are the same where it asks."""
    table = default_table()
    for row in rows():
        if asks_only(row) and slots(table, row):
            assert slots(table, row) == passed(table, row)


def test_unchanged_sources_are_left_alone(tmp_path: Path) -> None:
    table: Table = default_table()
    assert [path.name for path in generate_recorder(table, TEMPLATES, tmp_path, "1")] == [RECORDER_CALLS]
    assert generate_recorder(table, TEMPLATES, tmp_path, "1") == []
