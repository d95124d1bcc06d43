"""Every command is there by its own name, and starting one does not import the others."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest

from bridge.cli.lazy_group import LazyGroup
from bridge.cli.main import main
from bridge.cli.table.command import table

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
    assert group.sentences[name] == found.get_short_help_str(10_000)


@pytest.mark.parametrize("columns", [40, 80, 200])
@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.name)
def test_the_help_is_what_click_would_make_of_the_commands(group: LazyGroup, columns: int) -> None:
    plain = click.Group(
        group.name, help=group.help, params=group.params, context_settings=group.context_settings
    )
    for name in group.sentences:
        plain.add_command(group.get_command(click.Context(group), name))
    settings = {**main.context_settings, "terminal_width": columns}
    shown = [each.get_help(click.Context(each, info_name="x", **settings)) for each in (group, plain)]
    assert shown[0] == shown[1]


HELP = """
import sys
from bridge.cli.main import main
try:
    main([*sys.argv[1:], "--help"])
finally:
    print(*sorted(sys.modules), file=sys.stderr)
"""
EVERY_START = {
    "bridge", "bridge.cli", "bridge.cli.lazy_group", "bridge.cli.main", "bridge.cli.streams",
    "bridge.plain_text",
}  # fmt: skip


@pytest.mark.parametrize(
    ("group", "own"), [((), set()), (("table",), {"bridge.cli.table", "bridge.cli.table.command"})]
)
def test_the_help_imports_none_of_the_commands(group: tuple[str, ...], own: set[str]) -> None:
    command = [sys.executable, "-c", HELP, *group]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert {name for name in done.stderr.split() if name.startswith("bridge")} == EVERY_START | own


def test_an_unknown_name_is_no_command() -> None:
    assert [group.get_command(click.Context(group), "nonsense") for group in GROUPS] == [None, None]


def test_the_bridge_starts_without_the_other_commands_and_the_simulators() -> None:
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "bridge.cli.serve" in loaded
    assert not loaded & {"bridge.cli.call", "bridge.cli.table.command", "bridge.cli.doctor"}
    assert not [name for name in loaded if name.startswith("bridge.sim")]
