"""``cshis-bridge explain``: what a number on a screen or in a log means, where it comes from, what to do."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterator
from dataclasses import asdict

import click

from bridge.bhyt.loader import load_lookups
from bridge.bhyt.model import LookupFamily
from bridge.cli.names import function_names
from bridge.cli.streams import json_text, styled
from bridge.errors import TableError
from bridge.table.default import default_table
from bridge.table.document.codes import special_codes
from bridge.table.explain.lookup import Explanation, as_meant, explain_old_result, explain_result, known_words
from bridge.table.explain.lookup import explain as meanings
from bridge.table.model.rows import Function, Table
from bridge.words import reason, shown, tr

UNKNOWN = 2
MOST_GUESSES = 4
LOOK_ALIKE = str.maketrans("oil", "011")
INDENT = " " * 2
# A number may begin with a minus, as those that the old programs show.
MINUS = {"ignore_unknown_options": True}


@click.command(context_settings=MINUS)
@click.argument("word", shell_complete=function_names)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of lines.")
def explain(word: str, as_json: bool) -> None:
    """Says what a number or word means and what to do (代碼說明).

    In Chinese and English, with where it comes from. WORD is a return code of cshis.dll (5150, -1) or of the
    virtual-card SDK (1022), a status of console, cloud or upload centre (1002, 3208), a failure that the log
    names (cloud-timeout), a code of an exceptional visit (A020; 異常就醫 says where to look), a maKetQua
    (010; 05, of nhanLichSuKCB) or the name of a function. A number may mean several things; all are said.

    Exit code 0: it is known, 2: it is not.

    \b
    Examples:
      cshis-bridge explain 5150
      cshis-bridge explain 異常就醫
    """
    (table, family), word = _loaded(), as_meant(word)
    found = [*meanings(table, word), *_results(table, family, word)]
    row = {name.lower(): row for name, row in table.functions.items()}.get(word.lower())
    if not found and row is None:
        _unknown(table, family, word)
    if as_json:
        click.echo(json_text({"word": word, "meanings": [*map(_plain, found), *_plain_row(table, row)]}, 2))
        return
    blocks = ["\n".join(_lines(each)) for each in found]
    blocks += ["\n".join(_row_lines(table, row))] if row is not None else []
    click.echo("\n\n".join(blocks))


def _loaded() -> tuple[Table, LookupFamily | None]:
    try:
        return default_table(), load_lookups()
    except TableError as error:
        raise click.ClickException(reason(error)) from error


def _results(table: Table, family: LookupFamily | None, word: str) -> Iterator[Explanation]:
    """The meanings of a result code of the lookups, if it is one."""
    if family is None or table.texts is None:
        return
    if word in family.results:
        result = family.results[word]
        given = tuple(_given_by_the_bridge(family, word))
        yield explain_result(table.texts, word, result.meaning, result.about, given)
    for lookup in family.lookups.values():
        if word in lookup.results:
            old = lookup.results[word]
            about = family.results[old.of[0]].about if old.of else "card"
            yield explain_old_result(table.texts, lookup.name, word, old.meaning, about, old.of)


def _given_by_the_bridge(family: LookupFamily, word: str) -> Iterator[str]:
    """When the bridge gives a result by itself; with the HTTP status where it is not 200."""
    passing = family.pass_through
    yield from (f"{key}: {fault.note}" for key, fault in family.faults.items() if fault.result == word)
    for key, fault in passing.faults.items():
        if fault.result == word:
            yield f"{key} (HTTP {fault.http}): {fault.note}"
    for status, refusal in passing.refusals.items():
        if refusal.result == word:
            yield f"HTTP {status}: {refusal.note}"


def _unknown(table: Table, family: LookupFamily | None, word: str) -> None:
    """Say so, with what may have been meant, and end the command."""
    known = [*known_words(table), *(family.results if family is not None else ()), *table.functions]
    names = {name.lower(): name for name in known}
    typed = word.lower().translate(LOOK_ALIKE)
    near = difflib.get_close_matches(word.lower(), names, MOST_GUESSES, 0.6)
    close = [names[name] for name in dict.fromkeys([*([typed] if typed in names else ()), *near])]
    meant = " " + tr("Did you mean: {names}?", names=", ".join(close)) if close else ""
    click.echo(
        tr(
            "Error: {word} is no code, status or function that the bridge knows.{meant}",
            word=word,
            meant=meant,
        ),
        err=True,
    )
    click.echo(
        tr("A status that nobody has listed becomes the failure code of what was asked for."), err=True
    )
    sys.exit(UNKNOWN)


# --- for people ---------------------------------------------------------------------------------------------


def _lines(found: Explanation) -> Iterator[str]:
    yield f"{styled(found.key, bold=True)}  {shown(found.what)}"
    yield from (f"{INDENT}{text}" for text in (found.zh, found.vi, found.en) if text)
    yield from _listed("from nguồn" if found.vi else tr("from 來源"), found.given)
    yield from _listed(tr("becomes 對應代碼"), found.becomes)
    if found.never is not None:
        yield from _listed(tr("never from 6.0 不會發生"), (found.never.zh, found.never.en))
    if found.advice is not None:
        advice = found.advice
        title = "do cần làm" if advice.vi else tr("do 處理")
        yield from _listed(title, [text for text in (advice.vi or advice.zh, advice.en) if text])
    if found.steps is not None:
        for language in (found.steps.zh, found.steps.en):
            yield from _listed(tr("do 處理"), [f"{n}. {text}" for n, text in enumerate(language, start=1)])


def _listed(title: str, texts: tuple[str, ...] | list[str]) -> Iterator[str]:
    if texts:
        yield f"{INDENT}{styled(title, bold=True)}"
        yield from (f"{INDENT * 2}{shown(text)}" for text in texts)


def _row_lines(table: Table, row: Function) -> Iterator[str]:
    served = tr("function, not served") if row.status == "unsupported" else tr("function, served")
    yield f"{styled(row.name, bold=True)}  {served}"
    yield from (f"{INDENT}{text}" for text in (f"{row.title} ({row.section})", row.summary))
    yield from _listed(tr("codes of its own 專屬代碼"), _own_codes(table, row))
    yield f"{INDENT}{styled(tr('more'), bold=True)}"
    yield f"{INDENT * 2}cshis-bridge table show {row.name}"


def _own_codes(table: Table, row: Function) -> list[str]:
    """Without the marks of Markdown."""
    listed = [line for line in special_codes(table, row) if line.startswith("- ")]
    return [line.removeprefix("- ").replace("**", "").replace("`", "") for line in listed]


# --- for programs -------------------------------------------------------------------------------------------


def _plain(found: Explanation) -> dict[str, object]:
    given = asdict(found) | {
        name: part.model_dump(exclude_defaults=True) if part is not None else None
        for name, part in (("never", found.never), ("advice", found.advice), ("steps", found.steps))
    }
    return {name: value for name, value in given.items() if value not in ("", (), None)}


def _plain_row(table: Table, row: Function | None) -> Iterator[dict[str, object]]:
    if row is not None:
        yield {
            "what": "function",
            "key": row.name,
            "en": row.summary,
            "zh": row.title,
            "section": row.section,
            "status": row.status,
            "effect": row.effect,
            "codes": _own_codes(table, row),
        }
