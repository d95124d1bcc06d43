"""docs/reference/languages.md: the code in it is the code that runs, and what it names is there."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.field.languages import GO_ON_WINDOWS, HERE, LANGUAGES, NOT_RUN, ROOT
from tests.field.page import PAGE, files_in, render
from tests.support.prototypes import PROTOTYPES

TEXT = PAGE.read_text(encoding="utf-8")
DECLARATIONS = {
    **{name: language.declaration for name, language in LANGUAGES.items()},
    **NOT_RUN,
}
FUNCTIONS = {
    "csOpenCom",
    "csCloseCom",
    "csVerifySAMDC",
    "csGetVersionEx",
    "hisGetCardStatus",
    "hisGetBasicData",
    "hisGetSeqNumber256",
    "hisWriteMultiPrescriptSign",
    "csUnGetSeqNumber",
    "hisWriteInoculateData",
    "csUploadData",
}
Kinds = list[str]  # of the arguments, in order: text, number, address (of a number)


def test_code_and_table_of_the_page_are_those_that_run() -> None:
    assert render(TEXT) == TEXT, "docs/reference/languages.md is old; run: python -m tests.field.page"


def test_every_declaration_stands_in_the_page() -> None:
    named = {f"{folder}/{file}" for folder, file in DECLARATIONS.items()}
    assert files_in(TEXT) == {*named, f"go/{GO_ON_WINDOWS}"}
    assert {folder.name for folder in HERE.iterdir()} == set(DECLARATIONS)


def test_files_that_the_page_names_are_there() -> None:
    named = set(re.findall(r"`((?:tests|findings)/[\w/.]+)`", TEXT))
    assert {name for name in named if not (ROOT / name).exists()} == set()
    assert len(named) > 6


def _kind(parameter: str) -> str:
    return {"num": "number", "len": "address", "cnt": "address", "res": "address"}.get(parameter, "text")


OFFICIAL = {name: [_kind(each.kind) for each in PROTOTYPES[name]] for name in FUNCTIONS}


def visual_basic() -> dict[str, Kinds]:
    source = (HERE / "vb6" / NOT_RUN["vb6"]).read_text(encoding="utf-8").replace("_\n", "")
    kinds = {"ByVal String": "text", "ByVal Integer": "number", "ByRef Integer": "address"}
    found = re.findall(r'Declare Function (\w+) Lib "cshis.dll" \((.*?)\) As Long\n', source)
    return {
        name: [kinds[f"{way} {kind}"] for way, kind in re.findall(r"(By\w+) \w+ As (\w+)", arguments)]
        for name, arguments in found
    }


def powerbuilder() -> dict[str, Kinds]:
    source = (HERE / "powerbuilder" / NOT_RUN["powerbuilder"]).read_text(encoding="utf-8")
    kinds = {"string": "text", "REF string": "text", "int": "number", "REF int": "address"}
    found = re.findall(
        r'FUNCTION long (\w+)\((.*?)\) LIBRARY "cshis.dll"(?: ALIAS FOR "(\w+);Ansi")?\n', source
    )
    assert all(alias == (name if "string" in arguments else "") for name, arguments, alias in found)
    return {
        name: [kinds[each.strip().rpartition(" ")[0]] for each in arguments.split(",") if each]
        for name, arguments, _ in found
    }


@pytest.mark.parametrize("declared", [visual_basic, powerbuilder])
def test_declarations_that_nobody_runs_are_the_official_prototypes(
    declared: Callable[[], dict[str, Kinds]],
) -> None:
    assert declared() == OFFICIAL
