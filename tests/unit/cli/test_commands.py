"""Every command is there by its own name, and starting one does not import the others."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest

from bridge.cli.main import NAMES, SENTENCES, main

LOADED = """
import sys
from bridge.cli.main import main
main.get_command(None, "serve")
print(*sorted(name for name in sys.modules if name.startswith(("bridge.cli", "bridge.sim"))))
"""


@pytest.mark.parametrize("name", NAMES)
def test_a_command_has_the_name_it_is_found_by(name: str) -> None:
    found = main.get_command(click.Context(main), name)
    assert found is not None
    assert found.name == name
    assert found.get_short_help_str()


@pytest.mark.parametrize("name", NAMES)
def test_the_list_of_commands_says_what_each_says_of_itself(name: str) -> None:
    found = main.get_command(click.Context(main), name)
    assert found is not None
    assert SENTENCES[name] == found.get_short_help_str(10_000)


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_the_help_is_what_click_would_make_of_the_commands(columns: int) -> None:
    group = click.Group("main", help=main.help, params=main.params, context_settings=main.context_settings)
    for name in NAMES:
        group.add_command(main.get_command(click.Context(main), name))
    shown = [
        each.get_help(click.Context(each, info_name="x", terminal_width=columns, **each.context_settings))
        for each in (main, group)
    ]
    assert shown[0] == shown[1]


def test_the_help_imports_none_of_the_commands() -> None:
    code = (
        "import sys\nfrom bridge.cli.main import main\ntry:\n    main(['--help'])\nfinally:\n    "
        "print(*sorted(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = [name for name in done.stderr.split() if name.startswith("bridge")]
    assert loaded == ["bridge", "bridge.cli", "bridge.cli.main", "bridge.cli.streams", "bridge.plain_text"]


def test_an_unknown_name_is_no_command() -> None:
    assert main.get_command(click.Context(main), "nonsense") is None


def test_the_bridge_starts_without_the_other_commands_and_the_simulators() -> None:
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "bridge.cli.serve" in loaded
    assert not loaded & {"bridge.cli.call", "bridge.cli.table.command", "bridge.cli.doctor"}
    assert not [name for name in loaded if name.startswith("bridge.sim")]
