"""The command ``cshis-bridge``."""

from __future__ import annotations

import click

from bridge import __version__
from bridge.cli.call import call
from bridge.cli.serve import serve
from bridge.cli.sim import sim
from bridge.cli.table import table


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="cshis-bridge")
def main() -> None:
    """Runs unmodified programs of cshis.dll and the VHC SDK on control software 6.0 (讀卡機控制軟體)."""


main.add_command(serve)
main.add_command(call)
main.add_command(sim)
main.add_command(table)
