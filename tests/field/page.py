"""The parts of docs/reference/languages.md that are made: ``python -m tests.field.page`` renews them.

Each stands between ``<!-- NAME -->`` and ``<!-- end -->``, NAME being ``table``, ``habits`` or a file of
callers/.
"""

from __future__ import annotations

import re

from tests.field.languages import HABITS, HERE, LANGUAGES, ROOT

PAGE = ROOT / "docs" / "reference" / "languages.md"
_PART = re.compile(r"(<!-- (\S+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)
_FENCES = {"node": "js", "vb6": "vb", "powerbuilder": "text"}  # the others are called as their folders


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


def table() -> str:
    """Languages against habits. Every ``yes`` is a test of test_callers.py, for both builds."""
    lines = [_row(["", *HABITS]), _row(["---"] * (1 + len(HABITS)))]
    for language in LANGUAGES.values():
        lines.append(_row([language.title, *("-" if habit in language.lacks else "yes" for habit in HABITS)]))
    return "".join(lines)


def habits() -> str:
    """What each column means."""
    rows = [_row([f"**{name}**", habit.what]) for name, habit in HABITS.items()]
    return "".join(
        [_row(["column", "what its programs do, and what is looked at"]), _row(["---", "---"]), *rows]
    )


def _file(name: str) -> str:
    text = (HERE / name).read_text(encoding="utf-8")
    folder = name.partition("/")[0]
    return f"```{_FENCES.get(folder, folder)}\n{text}```\n"


def render(page: str) -> str:
    """The page with all its made parts as they are now."""

    def part(found: re.Match[str]) -> str:
        made = {"table": table, "habits": habits}.get(found[2], lambda: _file(found[2]))()
        return found[1] + made + found[4]

    return _PART.sub(part, page)


def files_in(page: str) -> set[str]:
    """The files of callers/ that stand in the page."""
    return {found[2] for found in _PART.finditer(page)} - {"table", "habits"}


if __name__ == "__main__":
    PAGE.write_text(render(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
