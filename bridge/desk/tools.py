"""What the page looks up: codes, functions, records with their offsets."""

from __future__ import annotations

from dataclasses import asdict

from bridge.desk.both import both
from bridge.table.document.codes import special_codes
from bridge.table.document.records import record_parts
from bridge.table.explain.lookup import Explanation, as_meant, explain
from bridge.table.model.arguments import BlockArgument, RecordArgument
from bridge.table.model.rows import Function, Table

LONGEST_WORD = 64


def words_of(table: Table) -> dict[str, object]:
    """What the page shows beside names and numbers: Chinese titles of functions, meanings of codes and of
    codes for exceptional visits, both in Chinese and English.
    """
    texts = table.texts
    codes = {**table.statuses.vhc_codes, **table.statuses.legacy_codes}
    return {
        "functions": {name: table.title_of(name) for name in (*table.functions, *table.services)},
        "codes": {
            str(code): {"zh": zh, "en": texts.english(code) if texts is not None else ""}
            for code, zh in codes.items()
        },
        "visits": {
            code: {"zh": visit.zh, "en": visit.en, "taken": visit.taken or ""}
            for code, visit in (texts.exceptional.codes.items() if texts is not None else ())
        },
    }


def explained(table: Table, word: str) -> list[dict[str, object]]:
    """Every meaning of a word, as the command ``explain`` knows them; an empty list where there is none."""
    return [_plain(found) for found in explain(table, as_meant(word)[:LONGEST_WORD])]


def functions_with(table: Table, word: str) -> list[dict[str, str]]:
    """The functions that have a word in their name, title, summary or chapter; all of them for ""."""
    wanted = word.strip().lower()
    return [
        {"name": row.name, "title": row.title, "section": row.section, "status": row.status}
        for row in table.functions.values()
        if any(wanted in text.lower() for text in (row.name, row.title, row.summary, row.section))
    ]


def function_of(table: Table, name: str) -> dict[str, object] | None:
    """One function with its arguments, its records by offset, and its own codes; None for an unknown one."""
    row = table.functions.get(name)
    if row is None:
        return None
    return {
        "name": row.name,
        "title": row.title,
        "summary": row.summary,
        "section": row.section,
        "status": row.status,
        "effect": row.effect,
        "arguments": [{"name": each.name, "kind": each.kind} for each in row.arguments],
        "records": _records(table, row),
        "codes": [
            line.removeprefix("- ").replace("**", "").replace("`", "")
            for line in special_codes(table, row)
            if line.startswith("- ")
        ],
    }


def _records(table: Table, row: Function) -> list[dict[str, object]]:
    found = []
    for argument in row.arguments:
        match argument:
            case RecordArgument(record=name):
                named = [(name, table.records_out)]
            case BlockArgument(forms=forms):
                named = [(name, table.records_in) for name in forms]
            case _:
                continue
        for name, records in named:
            record = records[name]
            fields = [asdict(part) for part in record_parts(record, records)]
            found.append({"argument": argument.name, "name": name, "width": record.width, "fields": fields})
    return found


def _plain(found: Explanation) -> dict[str, object]:
    return {
        "what": both(found.what),
        "key": found.key,
        "zh": found.zh,
        "en": found.en,
        "given": [both(text) for text in found.given],
        "becomes": [both(text) for text in found.becomes],
        "advice": None if found.advice is None else {"zh": found.advice.zh, "en": found.advice.en},
        "never": None if found.never is None else {"zh": found.never.zh, "en": found.never.en},
        "steps": None if found.steps is None else {"zh": list(found.steps.zh), "en": list(found.steps.en)},
    }
