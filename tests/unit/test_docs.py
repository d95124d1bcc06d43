"""The documentation: its links lead somewhere, its commands exist, the README stays a page."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import click
import pytest

from bridge.cli.main import main

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        ROOT / "mappings" / "README.md",
        *ROOT.glob("docs/**/*.md"),
        *ROOT.glob("native/*.md"),
    ]
)
FENCED = re.compile(r"^ *```.*?^ *```$", re.DOTALL | re.MULTILINE)
EACH = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def prose(text: str) -> str:
    """A page without its code."""
    return re.sub(r"`[^`\n]+`", "", re.sub(FENCED, "", text))


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as the hosts of repositories make them: letters, digits, hyphens."""
    found: dict[str, int] = {}
    made = set()
    for heading in re.findall(r"^#{1,6} +(.+?) *$", re.sub(FENCED, "", text), re.MULTILINE):
        shown = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        name = re.sub(r"[^\w\- ]", "", shown.lower()).replace(" ", "-")
        count = found.get(name, 0)
        found[name] = count + 1
        made.add(f"{name}-{count}" if count else name)
    return made


def dead_links(page: Path, text: str) -> list[str]:
    """The relative links of a page that lead to no file or no heading."""
    dead = []
    for link in re.findall(r"\]\(([^)\s]+)\)", prose(text)):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        if not (page.parent / path).exists() or not (page.parent / path).resolve().is_relative_to(ROOT):
            dead.append(link)
        elif anchor:
            there = (page.parent / path).read_text(encoding="utf-8") if path else text
            dead += [] if anchor in anchors(there) else [link]
    return dead


def code(text: str) -> list[str]:
    """What stands in a page as code: the lines of blocks, and the spans between backquotes."""
    blocks = re.findall(FENCED, text)
    return [*"\n".join(blocks).splitlines(), *re.findall(r"`([^`\n]+)`", re.sub(FENCED, "", text))]


def unknown_commands(text: str) -> list[str]:
    """The commands of a page that there are not: of cshis-bridge, of make, and modules started by Python."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    unknown = []
    for line in code(text):
        for words in re.findall(r"(?<![\"'\w])cshis-bridge((?: [a-z][a-z-]*(?![\w.=]))+)", line):
            if not is_command(words.split()):
                unknown.append(f"cshis-bridge{words}")
        for name in re.findall(r"^(?:\w+=\S+ )?make ([a-z-]+)", line):
            if name not in targets:
                unknown.append(f"make {name}")
        for name in re.findall(r"python -m ((?:bridge|native|benchmarks|tests)[\w.]*)", line):
            if not can_be_found(name):
                unknown.append(f"python -m {name}")
    return unknown


def is_command(words: list[str]) -> bool:
    """Whether the words name commands, each within the one before, as far as there are groups of them."""
    group: click.Command = main
    for word in words:
        if not isinstance(group, click.Group):
            return True
        found = group.get_command(click.Context(group), word)
        if found is None:
            return False
        group = found
    return True


def can_be_found(module: str) -> bool:
    """Whether Python finds the module; the tests run in the project's folder."""
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


@EACH
def test_every_link_leads_somewhere(page: Path) -> None:
    assert dead_links(page, page.read_text(encoding="utf-8")) == []


@EACH
def test_every_command_exists(page: Path) -> None:
    assert unknown_commands(page.read_text(encoding="utf-8")) == []


@EACH
def test_a_page_of_docs_is_in_the_list_of_pages(page: Path) -> None:
    index = ROOT / "docs" / "README.md"
    if page.is_relative_to(index.parent) and page != index:
        assert f"]({page.relative_to(index.parent).as_posix()})" in index.read_text(encoding="utf-8")


def test_the_readme_is_a_page() -> None:
    size = (ROOT / "README.md").stat().st_size
    assert 6_000 <= size <= 8_000


def test_the_readme_says_early_what_was_never_tried() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    before, found, after = text.partition("## Never tried against the real thing\n")
    assert found
    assert len(before) < len(text) / 4
    rows = re.findall(r"^\| .+? \| .+? \| .+? \|$", after.split("\n## ")[0], re.MULTILINE)
    assert len(rows) >= 6


def test_the_readme_shows_commands_that_can_be_typed() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    lines = [line.split("#")[0].strip() for block in blocks for line in block.splitlines()]
    assert len(lines) >= 10
    assert {"make run", "make test"} <= set(lines)
    unknown = [
        line for line in lines if not re.match(r"(make|cshis-bridge) [a-z-]+|\. \.venv/bin/activate$", line)
    ]
    assert unknown == []
    assert unknown_commands(text) == []


def test_contributing_tells_the_budgets_of_ci() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| `make ([a-z-]+)` \| .*? \| (\d+) min[;\s]", text, re.MULTILINE))
    lines = (ROOT / ".ci" / "budgets").read_text(encoding="utf-8").splitlines()
    assert told == dict(line.split() for line in lines if line and not line.startswith("#"))


# --- this test itself ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "dead"),
    [
        ("[a](README.md) [b](docs/) [c](https://example.org/x)", []),
        ("[a](SECURITY.md#limits)", []),
        ("[a](#here)\n\n## Here\n", []),
        ("[a](missing.md)", ["missing.md"]),
        ("[a](SECURITY.md#nowhere)", ["SECURITY.md#nowhere"]),
        ("[a](#there)\n\n## Here\n", ["#there"]),
        ("[a](#here)\n\n```sh\n## Here\n```\n", ["#here"]),
        ("[a](../../etc/passwd)", ["../../etc/passwd"]),
        ("`[a](missing.md)`", []),
    ],
)
def test_a_dead_link_is_found(text: str, dead: list[str]) -> None:
    assert dead_links(ROOT / "README.md", text) == dead


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("`make test` and `LOAD_SECONDS=600 make test-load`", []),
        ("`make tea`", ["make tea"]),
        ("```sh\nmake tea     # in a block\n```", ["make tea"]),
        ("`cshis-bridge sim fault arm`", []),
        ("`cshis-bridge sim fauld arm`", ["cshis-bridge sim fauld arm"]),
        ("```\n.venv/bin/cshis-bridge brew\n```", ["cshis-bridge brew"]),
        ("the cshis-bridge of prose", []),
        ("`cshis-bridge call csGetCardNo CardType=2`", []),
        ("`python -m benchmarks`", []),
        ("`python -m benchmarks.none`", ["python -m benchmarks.none"]),
        ("`python -m native.none.at.all`", ["python -m native.none.at.all"]),
    ],
)
def test_a_command_that_there_is_not_is_found(text: str, unknown: list[str]) -> None:
    assert unknown_commands(text) == unknown


def test_anchors_are_made_as_the_hosts_make_them() -> None:
    text = "# One `two`, three\n## [upload.centre]\n## Viet Nam's portal\n## A (虛擬)\n## Same\n## Same\n"
    expected = {"one-two-three", "uploadcentre", "viet-nams-portal", "a-虛擬", "same", "same-1"}
    assert anchors(text) == expected
