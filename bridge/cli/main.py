"""The command ``cshis-bridge``."""

from __future__ import annotations

from typing import Any

import click

from bridge import __version__
from bridge.cli.lazy_group import LazyGroup
from bridge.cli.streams import carry_all_characters, plain_streams

EXTRAS = {"jinja2": "migration"}  # which extra of the package brings a module
SENTENCES = {
    "call": "Makes the legacy call NAME and prints its code, the meaning and the decoded record.",
    "clear-machine": "Ends all bridges of this installation and takes back what it has done for the whole "
    "machine.",
    "config": "Tells what can be set, with defaults, units and meaning.",
    "console": "Shows and changes the console's own settings (主控台設定): SAMs, readers, web pages, its "
    "record.",
    "desk": "Opens the page of the running bridge (操作頁面): what happens, virtual cards, what to do.",
    "doctor": "Looks at everything a call needs, and says what is wrong and what to do.",
    "explain": "Says what WORD means, where it comes from and what to do (代碼說明), in Chinese and English.",
    "functions": "Lists the functions (函式): name, chapter, effect, whether 6.0 serves them, Chinese name.",
    "hpc": "Cards and credentials of practitioners (醫事人員).",
    "install-dll": "Puts cshis.dll into folders of hospital programs for Windows, finds them, takes it back.",
    "install-library": "Puts the Linux library where programs load the official one.",
    "journal": "What the bridge has noted: changes that need a person, receipts, calls.",
    "prepare-service": "Makes folder and token of the service, with their rights, and says what follows a "
    "crash.",
    "qr": "Presents the virtual card (虛擬健保卡) of a QR code to the programs at a reader.",
    "readiness": "Says how ready the program of TRACE (a file, or a folder of parts) is for control software "
    "6.0: which functions it uses, which of them change, which of its habits are risky.",
    "replay": "Makes the calls of TRACE (a file, or a folder of its parts) again and compares every field.",
    "serve": "Starts the bridge.",
    "serve-bhyt": "Starts a gateway to Viet Nam's portal: lookups and the way through, on several workers.",
    "service": "Runs the bridge as a service of Windows.",
    "set-up-machine": "Does for the whole machine what the installer was asked for: the DLL into HIS "
    "folders, or renewed.",
    "sim": "Steer the simulator of console, cloud and upload centre.",
    "stop": "Ends the bridge that runs.",
    "table": "Looks at the mapping table: which function becomes which requests.",
    "test-card": "Virtual test cards (虛擬健保卡測試卡) for trials, from the insurer's test environment.",
    "trace": "Works on recorded traces: masks them, shows them.",
    "upload": "Uploads FILE (format 2.0, at most 10 MB) and prints its execution number (執行編號).",
    "upload-result": "Prints the result of the check (檢核結果) of the upload with the execution "
    "number CODE.",
}


def _command(name: str) -> click.Command | None:
    match name:
        case "serve":
            from bridge.cli.serve import serve as found
        case "serve-bhyt":
            from bridge.cli.serve_bhyt import serve_bhyt as found
        case "service":
            from bridge.cli.service import service as found
        case "prepare-service":
            from bridge.cli.prepare_service import prepare_service as found
        case "call":
            from bridge.cli.call import call as found
        case "config":
            from bridge.cli.config import config as found
        case "clear-machine":
            from bridge.cli.clear_machine import clear_machine as found
        case "set-up-machine":
            from bridge.cli.set_up_machine import set_up_machine as found
        case "console":
            from bridge.cli.console.command import console as found
        case "journal":
            from bridge.cli.journal import journal as found
        case "desk":
            from bridge.cli.desk import desk as found
        case "explain":
            from bridge.cli.explain import explain as found
        case "functions":
            from bridge.cli.functions import functions as found
        case "hpc":
            from bridge.cli.hpc import hpc as found
        case "doctor":
            from bridge.cli.doctor import doctor as found
        case "qr":
            from bridge.cli.qr import qr as found
        case "readiness":
            from bridge.cli.readiness import readiness as found
        case "replay":
            from bridge.cli.replay import replay as found
        case "sim":
            from bridge.cli.sim.command import sim as found
        case "stop":
            from bridge.cli.stop import stop as found
        case "table":
            from bridge.cli.table.command import table as found
        case "test-card":
            from bridge.cli.test_card import test_card as found
        case "trace":
            from bridge.cli.trace.command import trace as found
        case "upload":
            from bridge.cli.upload import upload as found
        case "upload-result":
            from bridge.cli.upload import upload_result as found
        case "install-library":
            from bridge.cli.install_library import install_library as found
        case "install-dll":
            from bridge.cli.install_dll import install_dll as found
        case _:
            return None
    return found


def _command_or_advice(name: str) -> click.Command | None:
    """The command of this name, or None. One whose extra is not installed is there, and says so."""
    try:
        return _command(name)
    except ModuleNotFoundError as error:
        return _lacking(name, error)


def _lacking(name: str, error: ModuleNotFoundError) -> click.Command:
    """A command in place of the one that cannot be imported. Raises ``error`` where no extra would help."""
    extra = EXTRAS.get((error.name or "").partition(".")[0])
    if extra is None:
        raise error
    advice = f"{name} needs more: pip install 'cshis-bridge[{extra}]'"

    def say() -> None:
        raise click.ClickException(advice)

    anything = {"ignore_unknown_options": True, "allow_extra_args": True}
    return click.Command(name, anything, say, help=f"{advice}.", add_help_option=False)


class _Main(LazyGroup):
    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Begin before click does: its help has Chinese words, too."""
        carry_all_characters()
        with plain_streams():
            return super().main(*args, **kwargs)


@click.group(
    cls=_Main,
    sentences=SENTENCES,
    find=_command_or_advice,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="cshis-bridge")
def main() -> None:
    """Runs unmodified programs of cshis.dll and the VHC SDK on control software 6.0 (讀卡機控制軟體)."""
