"""Code generation: what comes out of a table of invented rows, and what is refused."""

from pathlib import Path
from typing import Any

import cffi
import pytest

from bridge.errors import TableError
from bridge.table.codegen.abi import signature_hash, slots
from bridge.table.codegen.sources import (
    CDEF,
    DEFINITION,
    EXPORTS,
    HEADER,
    SYMBOLS,
    generate,
    ordinals,
    render,
)
from bridge.table.loader import default_table
from bridge.table.model.arguments import (
    IgnoredArgument,
    LengthArgument,
    RecordArgument,
    ScalarArgument,
    TextArgument,
)
from bridge.table.model.rows import Function, Table
from bridge.table.model.statuses import Status, StatusMap

TEMPLATES = Path(__file__).parents[4] / "native" / "templates"


def row(name: str, *arguments: Any, **more: Any) -> Function:
    given = {
        "section": "1.1",
        "title": "讀取",
        "summary": "說明",
        "status": "mapped",
        "provenance": "test",
    } | more
    return Function(name=name, arguments=arguments, **given)


def status(code: int, **contexts: int) -> Status:
    return Status(meaning="m", legacy=code, contexts=contexts, provenance="test")


def table(*rows: Function, unreachable: int = 4000) -> Table:
    transport = {
        "bridge-unreachable": status(unreachable, open=-1),
        "bad-argument": status(6018),
        "not-supported": status(-2),
    }
    statuses = StatusMap(legacy_codes={}, vhc_codes={}, unlisted={}, sources={"transport": transport})
    return Table(
        functions={each.name: each for each in rows},
        records_out={},
        records_in={},
        statuses=statuses,
        routes=(),
        console=default_table().console,
        digest="abc123",
    )


OPEN = row(
    "csOpenCom", ScalarArgument(kind="scalar", name="pComNum", c_type="int"), contexts=("open",), ordinal=32
)
CLOSE = row("csCloseCom")
GET = row(
    "hisGet",
    TextArgument(kind="text", name="cOne", width=1, terminated=False),
    RecordArgument(kind="record", name="pBuffer", record="r", length="iLen"),
    LengthArgument(kind="length", name="iLen"),
    ordinal=202,
)
HIDDEN = row("hidden", export=False)
TABLE = table(OPEN, CLOSE, GET, HIDDEN, row("csLast"))
FILES = {HEADER, CDEF, EXPORTS, DEFINITION, SYMBOLS}


def test_every_output_names_the_digest_and_leaves_no_placeholder() -> None:
    rendered = render(TABLE, TEMPLATES)
    assert rendered.keys() == FILES
    for text in rendered.values():
        assert "abc123" in text
        assert "$" not in text
        assert "hidden" not in text


def test_unknown_ordinals_are_numbered_above_200_around_the_known() -> None:
    assert ordinals(TABLE) == {"csOpenCom": 32, "csCloseCom": 201, "hisGet": 202, "csLast": 203}
    lines = render(TABLE, TEMPLATES)[DEFINITION].splitlines()
    assert [line.strip() for line in lines[lines.index("EXPORTS") + 1 :]] == [
        "csOpenCom @32",
        "csCloseCom @201",
        "hisGet @202",
        "csLast @203",
    ]


def test_cffi_reads_the_declarations() -> None:
    ffi = cffi.FFI()
    ffi.cdef(render(TABLE, TEMPLATES)[CDEF])
    assert ffi.typeof("int(*)(char *, char *, short *)") is not None
    declared = {line for line in render(TABLE, TEMPLATES)[CDEF].splitlines() if line.startswith("int")}
    assert declared == {
        "int csOpenCom(int pComNum);",
        "int csCloseCom(void);",
        "int hisGet(char *cOne, char *pBuffer, short *iLen);",
        "int csLast(void);",
    }


def test_header_declares_the_same_with_the_calling_convention() -> None:
    rendered = render(TABLE, TEMPLATES)
    declared = {line for line in rendered[HEADER].splitlines() if line.startswith("int")}
    assert {line.replace("CSHIS_CALL ", "") for line in declared} == {
        line for line in rendered[CDEF].splitlines() if line.startswith("int")
    }
    assert all("CSHIS_CALL" in line for line in declared)


def test_stub_describes_its_row() -> None:
    text = render(TABLE, TEMPLATES)[EXPORTS]
    hash_of_get = signature_hash("hisGet", slots(TABLE, GET))
    assert f'{{"hisGet", 0x{hash_of_get:08x}u, 4000, 6018, 3, slots_hisGet}}' in text
    assert "{CSHIS_TEXT, 1, false, -1, false, -1, 0}" in text
    assert "{CSHIS_RECORD, 0, true, 2, false, -1, 0}" in text
    assert "{{.pointer = cOne}, {.pointer = pBuffer}, {.pointer = iLen}}" in text
    assert '{"csOpenCom", ' in text
    assert "u, -1, 6018, 1, slots_csOpenCom}" in text
    assert "{{.value = pComNum}}" in text


def test_ignored_arguments_are_declared_and_not_sent() -> None:
    words = [IgnoredArgument(kind="ignored", name=name, c_type="long") for name in ("P1", "P2")]
    rows = table(row("csPart", words[0], *GET.arguments), row("csAll", *words))
    text = render(rows, TEMPLATES)[EXPORTS]
    assert "csPart(intptr_t P1, char *cOne, char *pBuffer, short *iLen)" in text
    assert "{CSHIS_RECORD, 0, true, 2, false, -1, 0}" in text
    assert "sent[] = {{.pointer = cOne}, {.pointer = pBuffer}, {.pointer = iLen}};" in text
    assert "csAll(intptr_t P1, intptr_t P2)" in text
    assert text.count("words[] = {{.whole = (uintptr_t)P1}, ") == 2
    assert "(&cshis_rows[1], 0, words)" in text


def test_unsupported_row_answers_by_itself() -> None:
    text = render(table(row("csGone", *GET.arguments, status="unsupported")), TEMPLATES)[EXPORTS]
    body = text[text.index("csGone(") :]
    assert "int CSHIS_CALL csGone(char *cOne, char *pBuffer, short *iLen)" in text
    assert "(&cshis_rows[0], 0, words)" in body
    assert '{"csGone", 0, 0, 4000, -2, ' in body


def test_text_of_a_row_cannot_end_its_comment() -> None:
    text = render(table(row("csEvil", title="*/ int evil;", summary="a\n*/ b")), TEMPLATES)[HEADER]
    comment = text[text.index("/* 1.1 csEvil") : text.index("int CSHIS_CALL csEvil")]
    assert comment.count("*/") == 1
    assert comment.endswith(" */\n")


def test_unchanged_files_are_left_alone(tmp_path: Path) -> None:
    assert {path.name for path in generate(TABLE, TEMPLATES, tmp_path)} == FILES
    assert generate(TABLE, TEMPLATES, tmp_path) == []
    (tmp_path / SYMBOLS).write_text("edited")
    assert [path.name for path in generate(TABLE, TEMPLATES, tmp_path)] == [SYMBOLS]
    assert {path.name for path in tmp_path.iterdir()} == FILES


def test_code_that_looks_like_success_is_refused() -> None:
    with pytest.raises(TableError, match="csCloseCom: transport/bridge-unreachable gives 0"):
        render(table(CLOSE, unreachable=0), TEMPLATES)
    with pytest.raises(TableError, match="65536"):
        render(table(CLOSE, unreachable=65536), TEMPLATES)


def test_row_with_too_many_arguments_is_refused() -> None:
    many = [ScalarArgument(kind="scalar", name=f"a{i}", c_type="int") for i in range(33)]
    with pytest.raises(TableError, match="33 arguments"):
        render(table(row("csMany", *many)), TEMPLATES)
