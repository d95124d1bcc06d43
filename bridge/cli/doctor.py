"""``cshis-bridge doctor``: the command."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Literal

import click

from bridge.cli.streams import json_text, styled
from bridge.doctor.examine import examine
from bridge.doctor.finding import Status, exit_code
from bridge.doctor.report import as_json, lines

COLOURS: dict[Status, str] = {"ok": "green", "warning": "yellow", "broken": "red", "unknown": "cyan"}


@click.command()
@click.option("--json", "in_json", is_flag=True, help="Print JSON.")
@click.option("--config", type=click.Path(path_type=Path), help="Settings file (TOML).")
@click.option(
    "--data-dir", type=click.Path(file_okay=False, path_type=Path), help="The bridge's data directory."
)
@click.option(
    "--program",
    "programs",
    multiple=True,
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Also look at the cshis.dll in this folder of a hospital program. May be repeated.",
)
@click.option("--bhyt", "portal_only", is_flag=True, help="Only what Viet Nam's portal needs (serve-bhyt).")
def doctor(
    in_json: bool, config: Path | None, data_dir: Path | None, programs: tuple[Path, ...], portal_only: bool
) -> None:
    """Looks at everything a call needs, and says what to do.

    Settings, data directory, journal; console (主控台), SAM (安全模組), reader (讀卡機); cloud; clock;
    certificates; PINs; ports; DLL; Viet Nam's portal with accounts and officers, where it is used. It changes
    nothing and begins no session; of the portal it asks a token for each account.

    Exit code 0 all well, 1 warnings only, 2 something is broken.

    \b
    Examples:
      cshis-bridge doctor
      cshis-bridge doctor --program "C:\\HIS"
    """
    logging.basicConfig(level=logging.CRITICAL, stream=sys.stderr)
    sections = examine(config, data_dir, programs, portal_only)
    if in_json:
        click.echo(json_text(as_json(sections), indent=2))
    else:
        for line in lines(sections, _painted):
            click.echo(line)
    sys.exit(exit_code(sections))


def _painted(text: str, look: Status | Literal["title"]) -> str:
    """With colours, which click takes away where there is no terminal."""
    return styled(text, bold=True) if look == "title" else styled(text, fg=COLOURS[look])
