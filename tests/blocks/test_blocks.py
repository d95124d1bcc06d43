"""Every block of commands in README and docs works as it is printed.

A block marked ``sh`` is typed into bash, line by line, beside a bridge on simulators, in a folder with the
files that the pages speak of. ``serve`` goes on in the background, on free ports; ``make`` is asked whether
it could (its targets are what CI runs). A block that cannot run here has a remark before it that says why:
``<!-- not run: the reason -->``. Blocks of ``bat`` and ``powershell`` are Windows' and are not run.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.blocks.stage import Stage, staged

ROOT = Path(__file__).parents[2]
# Their translations have the same commands (tests/unit/words/test_translations.py).
PAGES = [
    page for page in sorted([ROOT / "README.md", *ROOT.glob("docs/**/*.md")]) if ".zh-TW" not in page.name
]
# A fence, what stands on the line before it, its language and its text.
BLOCK = re.compile(
    r"^(?P<before>[^\n]*)\n(?P<indent> *)```(?P<language>\w*)\n(?P<text>.*?)^ *```$", re.S | re.M
)
NOT_RUN = re.compile(r"<!-- not run: (.{10,}) -->")
LANGUAGES = frozenset(
    {
        "sh", "bat", "powershell", "toml", "ini", "yaml", "xml", "json", "text", "promql", "sql",
        "c", "csharp", "go", "java", "js", "pascal", "php", "python", "ruby", "vb",
    }
)  # fmt: skip
# Commands that say by their exit code what they have found. All others end with 0.
FINDINGS = {
    "doctor": {0, 1, 2}, "journal pending": {0, 1}, "journal resolve": {1}, "readiness": {0, 1},
    "replay": {0, 1}, "upload-result": {0, 1},
}  # fmt: skip


@dataclass(frozen=True)
class Block:
    """A block of commands of a page; ``why``: why it cannot run here, "" where it can."""

    page: Path
    line: int
    text: str
    why: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks(page: Path) -> Iterator[Block]:
    """The blocks of commands of a page."""
    text = page.read_text(encoding="utf-8")
    for match in BLOCK.finditer(text):
        if match["language"] == "sh":
            reason = NOT_RUN.search(match["before"])
            line = text.count("\n", 0, match.start("text"))
            yield Block(page, line, match["text"], reason[1] if reason else "")


ALL = [block for page in PAGES for block in blocks(page)]
RUN = [block for block in ALL if not block.why]


def test_every_block_says_its_language() -> None:
    """One without commands is ``text``."""
    unmarked = [
        f"{page.relative_to(ROOT)}:{text.count(chr(10), 0, match.start('text'))} {match['language']!r}"
        for page in PAGES
        for text in [page.read_text(encoding="utf-8")]
        for match in BLOCK.finditer(text)
        if match["language"] not in LANGUAGES
    ]
    assert unmarked == []


def test_most_blocks_run() -> None:
    assert len(RUN) >= 15
    assert len(RUN) > len(ALL) / 2
    readme = [block for block in RUN if block.page.name.startswith("README") and block.page.parent == ROOT]
    assert len(readme) >= 2


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, client_library: Path) -> Iterator[Stage]:
    with staged(tmp_path_factory.mktemp("blocks"), client_library) as ready:
        yield ready


@pytest.mark.parametrize("block", RUN, ids=str)
def test_the_commands_of_a_block_work(stage: Stage, block: Block) -> None:
    stage.start_anew()
    wrong = [
        f"{done.line}  -> {done.code}\n{done.printed}"
        for done in stage.typed(block.text)
        if done.code not in _expected(done.line) or "Usage:" in done.printed or "Traceback" in done.printed
    ]
    assert wrong == []


def _expected(line: str) -> set[int]:
    words = [word for word in shlex.split(line, comments=True) if word != "cshis-bridge"]
    for length in (2, 1):
        if (found := FINDINGS.get(" ".join(words[:length]))) is not None:
            return found
    return {0}


def test_a_command_that_does_not_work_is_found(stage: Stage) -> None:
    lines = "cshis-bridge sim people\ncshis-bridge brew tea\nmake tea\nmake run  # one that there is\n"
    assert [done.code == 0 for done in stage.typed(lines)] == [True, False, False, True]
