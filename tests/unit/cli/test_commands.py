"""Every command is there by its own name, and starting one does not import the others."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest

from bridge.cli.main import NAMES, main

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


def test_an_unknown_name_is_no_command() -> None:
    assert main.get_command(click.Context(main), "nonsense") is None


def test_the_bridge_starts_without_the_other_commands_and_the_simulators() -> None:
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "bridge.cli.serve" in loaded
    assert not loaded & {"bridge.cli.call", "bridge.cli.table.command", "bridge.cli.doctor"}
    assert not [name for name in loaded if name.startswith("bridge.sim")]
