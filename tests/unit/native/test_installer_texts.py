"""What is told of the Windows installer names what there is: properties, commands and options."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import click
import pytest

from bridge.cli.main import main
from native.installer.properties import all_properties

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/install/windows-installer.md").read_text(encoding="utf-8")
SCRIPT = (ROOT / "packaging/windows/try-it.ps1").read_text(encoding="utf-8")
OTHER_NAMES = {"REG_SZ", "INSTALLER_FLAGS"}
CHINESE, ENGLISH = PAGE.split("\n## English\n")


def unknown_properties(text: str) -> set[str]:
    """Names in capitals with an underscore, in code, that the installer does not know."""
    code = [*re.findall(r"`([^`\n]+)`", text), *re.findall(r"^msiexec .*$", text, re.MULTILINE)]
    named = re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b", "\n".join(code))
    return set(named) - set(all_properties()) - OTHER_NAMES


def unknown_words(command: str) -> list[str]:
    """Of a command without its program: the command or the options that there are not."""
    name, *words = command.split()
    found = main.get_command(click.Context(main), name)
    if found is None:
        return [name]
    options = {option for parameter in found.params for option in parameter.opts}
    return [word for word in words if word.startswith("--") and word.split("=")[0] not in options]


def commands_of_page(text: str) -> list[str]:
    return re.findall(r"cshis-bridgew?\.exe ([a-z][^`\n]*)", text)


def commands_of_script() -> list[str]:
    lists = re.findall(r"@\(('[a-z][^)]*)\)", SCRIPT)
    return [" ".join(re.findall(r"'([\w=-]+)'", words)) for words in lists]


def shape(text: str) -> list[str]:
    """Headings by their level, rows of tables, blocks of code and points, in order."""
    found = re.findall(r"^(#{2,3}(?= )|\|(?=.)|```\w*|- |\d\.(?= )|[^\s].*$)", text, re.MULTILINE)
    marks = [mark if re.fullmatch(r"#+|\||```\w*|- |\d\.", mark) else "text" for mark in found]
    return [mark for before, mark in pairwise(["", *marks]) if mark != "text" or before != "text"]


def test_both_languages_tell_the_same_things() -> None:
    """What differs in number of lines only is the same paragraph."""
    _, _, chinese = CHINESE.partition("\n## ")
    _, _, english = ENGLISH.partition("\n## ")
    assert shape(f"## {chinese}") == shape(f"## {english}")
    assert sorted(re.findall(r"^```\w+\n.*?^```$", CHINESE, re.DOTALL | re.MULTILINE)) == sorted(
        re.findall(r"^```\w+\n.*?^```$", ENGLISH, re.DOTALL | re.MULTILINE)
    )


@pytest.mark.parametrize("text", [CHINESE, ENGLISH], ids=["zh", "en"])
def test_the_properties_of_the_page_are_the_installers(text: str) -> None:
    assert "CLOUD_URL" in text
    assert unknown_properties(text) == set()


def test_a_property_that_there_is_not_is_found() -> None:
    assert unknown_properties("`CLOUD_URLS=x` and\nmsiexec /i a.msi CLOUD_HOST=y\n") == {
        "CLOUD_URLS",
        "CLOUD_HOST",
    }


@pytest.mark.parametrize("text", [CHINESE, ENGLISH], ids=["zh", "en"])
def test_the_commands_of_the_page_can_be_typed(text: str) -> None:
    commands = commands_of_page(text)
    assert len(commands) >= 8
    assert [word for command in commands for word in unknown_words(command)] == []


def test_the_script_uses_what_there_is() -> None:
    commands = commands_of_script()
    assert {command.split()[0] for command in commands} == {"explain", "serve", "call", "install-dll", "stop"}
    assert [word for command in commands for word in unknown_words(command)] == []
    assert (
        unknown_properties("\n".join(f"`{name}`" for name in re.findall(r"'([A-Z]+_[A-Z_]+)=", SCRIPT)))
        == set()
    )


def test_the_script_reads_the_same_in_every_code_page() -> None:
    """PowerShell 5.1 takes a file without a byte order mark for one in the machine's code page."""
    assert SCRIPT.isascii()


@pytest.mark.parametrize(
    ("command", "unknown"),
    [("serve --simulate", []), ("sevre", ["sevre"]), ("stop --data-dirs x", ["--data-dirs"])],
)
def test_a_word_that_there_is_not_is_found(command: str, unknown: list[str]) -> None:
    assert unknown_words(command) == unknown
