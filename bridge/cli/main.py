"""The command ``cshis-bridge``."""

from __future__ import annotations

from typing import Any

import click

from bridge import __version__
from bridge.cli.call import call
from bridge.cli.doctor.command import doctor
from bridge.cli.install import install_library
from bridge.cli.install_dll import install_dll
from bridge.cli.journal import journal
from bridge.cli.serve import serve
from bridge.cli.sim import sim
from bridge.cli.streams import never_fail_on_characters
from bridge.cli.table import table
from bridge.cli.test_card import test_card
from bridge.cli.upload import upload, upload_result


class _Commands(click.Group):
    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Begin before click does: its help has Chinese words, too."""
        never_fail_on_characters()
        return super().main(*args, **kwargs)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="cshis-bridge")
def main() -> None:
    """Runs unmodified programs of cshis.dll and the VHC SDK on control software 6.0 (讀卡機控制軟體)."""


main.add_command(serve)
main.add_command(call)
main.add_command(journal)
main.add_command(doctor)
main.add_command(sim)
main.add_command(table)
main.add_command(test_card)
main.add_command(upload)
main.add_command(upload_result)
main.add_command(install_library)
main.add_command(install_dll)
