"""Pages in both languages say the same: the same headings, tables, commands, code and links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
CHINESE = ".zh-TW.md"
FOLDERS = ("install", "migrate", "operate")
# Both languages stand in one page.
BILINGUAL = {
    "docs/install/debian.md", "docs/install/windows-installer.md",
    "docs/operate/desk.md", "docs/operate/exceptional-visits.md", "docs/operate/monitoring.md",
    "docs/operate/virtual-cards.md",
}  # fmt: skip
COMMAND = re.compile(r"(cshis-bridge|make) [a-z-]+")
FENCED = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)


def pages() -> list[Path]:
    """The pages that are to be there in both languages: the English ones."""
    inside = [page for folder in FOLDERS for page in (ROOT / "docs" / folder).glob("*.md")]
    return sorted(page for page in [ROOT / "README.md", *inside] if not page.name.endswith(CHINESE))


def chinese_of(page: Path) -> Path:
    """The same page in Chinese."""
    return page.with_name(page.name.removesuffix(".md") + CHINESE)


def name(page: Path) -> str:
    """A page as the lists above have it."""
    return page.relative_to(ROOT).as_posix()


PAIRS = [page for page in pages() if chinese_of(page).is_file()]
EACH = pytest.mark.parametrize("page", PAIRS, ids=name)


def test_every_page_is_there_in_both_languages() -> None:
    alone = {name(page) for page in pages() if not chinese_of(page).is_file()}
    assert alone == BILINGUAL


def test_no_translation_has_lost_its_page() -> None:
    lost = [name(page) for page in ROOT.glob(f"docs/**/*{CHINESE}") if page not in map(chinese_of, PAIRS)]
    assert lost == []


def prose(page: Path) -> str:
    """A page without its code."""
    return FENCED.sub("", page.read_text(encoding="utf-8"))


def headings(page: Path) -> list[int]:
    """The levels of the headings."""
    return [len(marks) for marks in re.findall(r"^(#+) ", prose(page), re.MULTILINE)]


def tables(page: Path) -> list[list[int]]:
    """Of each table, how many columns each row has."""
    found: list[list[int]] = []
    inside = False
    for line in prose(page).splitlines():
        row = line.strip().startswith("|")
        if row and not inside:
            found.append([])
        if row:
            found[-1].append(len(re.findall(r"(?<!\\)\|", re.sub(r"`[^`]*`", "", line))) - 1)
        inside = row
    return found


def commands(page: Path) -> list[tuple[str, list[str]]]:
    """The blocks of code: their language, and their lines without remarks and without what is Chinese or
    stands for a picture.
    """
    blocks = FENCED.findall(page.read_text(encoding="utf-8"))
    return [
        (language, [] if language == "text" else list(_plain(text.splitlines()))) for language, text in blocks
    ]


def _plain(lines: list[str]) -> Iterator[str]:
    for line in lines:
        if code := re.split(r"(?:^|\s)#\s", line)[0].rstrip():
            yield code


def links(page: Path) -> list[str]:
    """The files that links of a page lead to, of a translated page the English one."""
    found = re.findall(r"\]\(([^)\s#]+)(?:#[^)\s]*)?\)", prose(page))
    stem = page.name.removesuffix(CHINESE).removesuffix(".md")
    others = {f"{stem}.md", f"{stem}{CHINESE}"}
    return sorted({each.replace(CHINESE, ".md") for each in found} - others)


def code_words(page: Path) -> set[str]:
    """Commands, settings, files, paths: what stands between backquotes in ASCII, as one word or a command."""
    found = re.findall(r"`([^`\n]+)`", prose(page))
    return {each for each in found if each.isascii() and (" " not in each or COMMAND.match(each))}


@EACH
def test_the_headings_are_the_same(page: Path) -> None:
    assert headings(chinese_of(page)) == headings(page)


@EACH
def test_the_tables_are_the_same(page: Path) -> None:
    assert tables(chinese_of(page)) == tables(page)


@EACH
def test_the_code_is_the_same(page: Path) -> None:
    assert commands(chinese_of(page)) == commands(page)


@EACH
def test_the_links_lead_to_the_same_pages(page: Path) -> None:
    assert links(chinese_of(page)) == [each for each in links(page) if not each.endswith(CHINESE)]


@EACH
def test_settings_and_files_are_named_in_both(page: Path) -> None:
    assert code_words(page) - code_words(chinese_of(page)) == set()


@EACH
def test_a_translation_is_chinese(page: Path) -> None:
    """Every paragraph of some length has Chinese characters."""
    for paragraph in re.split(r"\n\s*\n", prose(chinese_of(page))):
        words = re.sub(r"`[^`\n]*`|\]\([^)]*\)", "", paragraph)
        if len(words) > 200:
            assert len(re.findall(r"[\u4e00-\u9fff]", words)) > len(words) / 12, paragraph[:80]
