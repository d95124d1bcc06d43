"""Writes the page of all codes (docs/reference/codes.md): meaning, what leads to each, what to do. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bridge.table.explain.causes import VHC, causes
from bridge.table.explain.lookup import STATUS_TITLES, becomes
from bridge.table.explain.wording import cause_texts
from bridge.table.model.rows import Table
from bridge.table.model.texts import CodeText, Texts

COMMAND = "cshis-bridge table docs --page codes --output docs/reference/codes.md"


def codes_page(table: Table) -> str:
    """The whole page. Raises ValueError for a table without texts."""
    if table.texts is None:
        raise ValueError("the table has no texts (codes.yaml)")
    return "\n".join(_lines(table, table.texts)) + "\n"


def _lines(table: Table, texts: Texts) -> Iterator[str]:
    yield "# Codes 代碼"
    yield ""
    yield f"Generated from `mappings/` by `{COMMAND}`; do not edit."
    yield ""
    yield (
        "`cshis-bridge explain NUMBER` prints one of them (代碼說明). A function's name behind a colon: "
        "only there; *all but*: everywhere else. "
        "*A status that is not listed* is one that nobody has written down yet: "
        "it becomes the failure code of the kind of record that was asked for. What to do stands "
        "[below](#what-to-do-處理方式), by the name in the last column."
    )
    yield ""
    yield "## Return codes of cshis.dll 回傳碼"
    yield ""
    yield from _codes(table, texts, texts.codes, "")
    yield "## Codes of the virtual-card SDK 虛擬健保卡 SDK 代碼"
    yield ""
    yield "On its HTTP paths only; everything else is answered there with the codes above."
    yield ""
    yield from _codes(table, texts, texts.vhc, VHC)
    for source in table.statuses.sources:
        yield from _statuses(table, texts, source)
    yield from _exceptional(texts)
    yield from _advice(texts)


def _codes(table: Table, texts: Texts, codes: Mapping[int, CodeText], door: str) -> Iterator[str]:
    yield "| code | meaning | what leads to it | what to do |"
    yield "|---|---|---|---|"
    by_code = causes(table, door)
    for code in sorted(codes):
        text = codes[code]
        if text.never is not None:
            reason = texts.reasons[text.never]
            given = [f"never: {reason.en}", reason.zh]
        else:
            given = list(cause_texts(table, by_code.get(code, ()))) or ["-"]
        meaning = f"{table.statuses.meaning(code).rstrip('。')}<br>{text.en}"
        yield f"| {code} | {_cell(meaning)} | {_cell('<br>'.join(given))} | {text.do} |"
    yield ""


def _statuses(table: Table, texts: Texts, source: str) -> Iterator[str]:
    yield f"## {STATUS_TITLES[source][0].upper()}{STATUS_TITLES[source][1:]}"
    yield ""
    yield "| status | meaning | becomes | what to do |"
    yield "|---|---|---|---|"
    for key, entry in table.statuses.sources[source].items():
        text = texts.statuses[source][key]
        codes = "<br>".join(becomes(table, source, key)) or str(entry.legacy)
        do = text.do or texts.codes[entry.legacy].do
        yield f"| {key} | {_cell(f'{entry.meaning}<br>{text.en}')} | {_cell(codes)} | {do} |"
    yield f"| *not listed* | | {_cell('<br>'.join(_unlisted(table, source)))} | |"
    yield ""


def _unlisted(table: Table, source: str) -> Iterator[str]:
    yield str(table.statuses.unlisted[source])
    by_context = table.statuses.unlisted_contexts.get(source, {})
    yield from (f"{code}: {context}" for context, code in by_context.items())


def _exceptional(texts: Texts) -> Iterator[str]:
    visits = texts.exceptional
    yield "## Exceptional visits 異常就醫"
    yield ""
    yield (
        "Where a visit number could not be taken. The list of the insurer counts; these are the codes in "
        f"which public programs agree [{visits.provenance}]."
    )
    yield ""
    yield "| code | after the number was taken | meaning |"
    yield "|---|---|---|"
    for code, visit in visits.codes.items():
        yield f"| {code} | {visit.taken or ''} | {_cell(f'{visit.zh}<br>{visit.en}')} |"
    for language in (visits.steps.zh, visits.steps.en):
        yield ""
        yield from (f"{number}. {step}" for number, step in enumerate(language, start=1))
    yield ""


def _advice(texts: Texts) -> Iterator[str]:
    yield "## What to do 處理方式"
    yield ""
    yield "| | |"
    yield "|---|---|"
    for name, advice in texts.advice.items():
        words = "<br>".join(text for text in (advice.zh, advice.vi, advice.en) if text)
        yield f"| {name} | {_cell(words)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
