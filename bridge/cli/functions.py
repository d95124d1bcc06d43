"""``cshis-bridge functions``: which functions there are, what they are called and whether they are served."""

from __future__ import annotations

import sys

import click

from bridge.cli.streams import json_text
from bridge.table.default import default_table
from bridge.table.model.rows import Function
from bridge.words import tr

NOTHING = 2


@click.command()
@click.argument("word", default="")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of lines.")
def functions(word: str, as_json: bool) -> None:
    """Lists the functions (函式) and whether 6.0 serves them.

    Name, chapter, effect, whether it is served, Chinese name. With WORD only those that have it in name,
    Chinese name or description.

    Exit code 0: there are some, 2: there is none with WORD.

    \b
    Examples:
      cshis-bridge functions 退掛
      cshis-bridge functions prescription
    """
    found = [row for row in default_table().functions.values() if _has(row, word.lower())]
    if not found:
        click.echo(tr("Error: no function has {word} in its name or description.", word=word), err=True)
        sys.exit(NOTHING)
    if as_json:
        click.echo(json_text([_plain(row) for row in found], 2))
        return
    width = max(len(row.name) for row in found)
    for row in found:
        served = {"unsupported": "-2", "beyond": tr("served (6.0 dropped it)")}.get(row.status, tr("served"))
        effect = "" if row.status == "unsupported" else row.effect
        click.echo(f"{row.name:<{width}}  {row.section:<5} {effect:<9}  {served}  {row.title}")


def _has(row: Function, word: str) -> bool:
    return any(word in text.lower() for text in (row.name, row.title, row.summary, row.section))


def _plain(row: Function) -> dict[str, object]:
    return {
        "name": row.name,
        "section": row.section,
        "title": row.title,
        "summary": row.summary,
        "effect": row.effect,
        "status": row.status,
        "served": row.status != "unsupported",
    }
