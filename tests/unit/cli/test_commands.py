"""Every command is there by its own name, and starting one does not import the others."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from bridge.cli.lazy_group import Group, LazyGroup, first_sentence
from bridge.cli.main import main
from bridge.cli.table.command import table
from bridge.words import ENGLISH, LANGUAGES, speak
from bridge.words.wrapping import columns

GROUPS = (main, table)
EACH_COMMAND = pytest.mark.parametrize(
    ("group", "name"), [(group, name) for group in GROUPS for name in group.sentences]
)

LOADED = """
import sys
from bridge.cli.main import main
main.get_command(None, "serve")
print(*sorted(name for name in sys.modules if name.startswith(("bridge.cli", "bridge.sim"))))
"""


@EACH_COMMAND
def test_a_command_has_the_name_it_is_found_by(group: LazyGroup, name: str) -> None:
    found = group.get_command(click.Context(group), name)
    assert found is not None
    assert found.name == name
    assert found.get_short_help_str()


@EACH_COMMAND
def test_the_list_of_commands_says_what_each_says_of_itself(group: LazyGroup, name: str) -> None:
    found = group.get_command(click.Context(group), name)
    assert found is not None
    assert group.sentences[name] == first_sentence(found.help or "")


def every_command(group: click.Group = main, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The names of all commands and groups of commands."""
    for name in group.list_commands(click.Context(group)):
        yield (*path, name)
        found = group.get_command(click.Context(group), name)
        if isinstance(found, click.Group):
            yield from every_command(found, (*path, name))


def command_at(path: tuple[str, ...]) -> tuple[click.Group, click.Command]:
    """The group that a command belongs to, and the command."""
    group: click.Group = main
    for name in path[:-1]:
        found = group.get_command(click.Context(group), name)
        assert isinstance(found, click.Group)
        group = found
    command = group.get_command(click.Context(group), path[-1])
    assert command is not None
    return group, command


@pytest.mark.parametrize("path", list(every_command()), ids=" ".join)
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_command_does_is_one_whole_line(path: tuple[str, ...], language: str) -> None:
    """On a screen of 80 columns, beside the names of its group."""
    speak(language)
    try:
        group, command = command_at(path)
        assert isinstance(group, Group)
        sentence = group.sentence_of(click.Context(group), path[-1])
        names = group.list_commands(click.Context(group))
        assert sentence == first_sentence(command.help or "")
    finally:
        speak(ENGLISH)
    assert sentence.endswith("." if language == ENGLISH else "。")
    assert 2 + max(map(len, names)) + 2 + columns(sentence) <= 80


HELP = """
import sys
from bridge.cli.main import main
try:
    main([*sys.argv[1:], "--help"])
finally:
    print(*sorted(sys.modules), file=sys.stderr)
"""
EVERY_START = {
    "bridge", "bridge.cli", "bridge.cli.lazy_group", "bridge.cli.main", "bridge.cli.speaking",
    "bridge.cli.streams", "bridge.plain_text", "bridge.words", "bridge.words.language",
    "bridge.words.wrapping",
}  # fmt: skip


@pytest.mark.parametrize(
    ("group", "own"), [((), set()), (("table",), {"bridge.cli.table", "bridge.cli.table.command"})]
)
def test_the_help_imports_none_of_the_commands(group: tuple[str, ...], own: set[str]) -> None:
    command = [sys.executable, "-c", HELP, *group]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert {name for name in done.stderr.split() if name.startswith("bridge")} == EVERY_START | own


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("jornal", "there is no command jornal. Did you mean: journal?"),
        ("sim lod", "there is no command lod. Did you mean: load"),
        ("sim card hc remov", "there is no command remov. Did you mean: remove?"),
        ("xyzzy", "there is no command xyzzy.\n"),
        ("call hisGetBasicDat", "there is no function hisGetBasicDat. Did you mean: hisGetBasicData"),
        (
            "call csGetCardNo CardTyp=1",
            "no in-argument CardTyp; it has: CardType. Did you mean: CardType?",
        ),
        ("table show hisGetBasicDat", "there is no row hisGetBasicDat. Did you mean: hisGetBasicData"),
        ("serve --simulat", "--simulate"),
    ],
)
def test_a_wrong_name_is_an_error_of_usage_that_says_what_was_meant(typed: str, meant: str) -> None:
    done = CliRunner().invoke(main, typed.split())
    assert (done.exit_code, meant in done.stderr) == (2, True), done.stderr


def test_an_unknown_name_is_no_command() -> None:
    assert [group.get_command(click.Context(group), "nonsense") for group in GROUPS] == [None, None]


def test_the_bridge_starts_without_the_other_commands_and_the_simulators() -> None:
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "bridge.cli.serve" in loaded
    assert not loaded & {"bridge.cli.call", "bridge.cli.table.command", "bridge.cli.doctor"}
    assert not [name for name in loaded if name.startswith("bridge.sim")]
