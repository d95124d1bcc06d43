"""The command ``cshis-bridge``."""

from __future__ import annotations

import atexit
import gc
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click

from bridge import __version__
from bridge.cli.lazy_group import LazyGroup, translated
from bridge.cli.speaking import in_its_language
from bridge.cli.streams import carry_all_characters, plain_streams
from bridge.words import ENGLISH, LANGUAGES, spoken, tr

# No plug-in of another package changes what a command does, and none is looked for at every start.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

ASKED_BY_A_SHELL = "_CSHIS_BRIDGE_COMPLETE"  # the variable by which the scripts ask; the name is click's
EXTRAS = {"jinja2": "migration"}  # which extra of the package brings a module
SENTENCES = {
    "call": "Makes one legacy call and prints code, meaning and record.",
    "completion": "Prints the script by which a shell completes names.",
    "clear-machine": "Takes back what set-up-machine has done for all users.",
    "config": "Writes, checks and documents the settings.",
    "console": "Shows and changes the console's own settings (主控台設定).",
    "cutover": "Moves work places to 6.0 in stages (分段上線).",
    "desk": "Opens the page of the running bridge (操作頁面).",
    "doctor": "Looks at everything a call needs, and says what to do.",
    "explain": "Says what a number or word means and what to do (代碼說明).",
    "functions": "Lists the functions (函式) and whether 6.0 serves them.",
    "help": "Shows the help of a command.",
    "hpc": "Cards and credentials of practitioners (醫事人員).",
    "install-dll": "Puts cshis.dll into the folders of hospital programs.",
    "install-library": "Puts the Linux library where programs look for it.",
    "journal": "Lists changes that need a person, receipts and calls.",
    "prepare-service": "Makes the service's folder, token and certificate.",
    "qr": "Presents the virtual card (虛擬健保卡) of a QR code.",
    "readiness": "Says how ready a recorded program is for 6.0.",
    "replay": "Makes the calls of a trace again and compares every field.",
    "serve": "Starts the bridge.",
    "serve-bhyt": "Starts a gateway to Viet Nam's portal, on several workers.",
    "service": "Runs the bridge as a service of Windows.",
    "set-up-machine": "Does for all users what the installer was asked for.",
    "sim": "Steers the simulator of console, cloud and upload centre.",
    "status": "Says what runs, where, since when, and what is pending.",
    "stop": "Ends the bridge that runs.",
    "table": "Looks at the mapping table: which function asks what.",
    "test-card": "Virtual test cards (虛擬健保卡測試卡) for trials.",
    "trace": "Works on recorded traces: masks them, shows them.",
    "upload": "Uploads visit records (就醫資料) and prints their number.",
    "upload-result": "Prints the result of the check (檢核結果) of an upload.",
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
        case "completion":
            from bridge.cli.completion import completion as found
        case "config":
            from bridge.cli.config import config as found
        case "clear-machine":
            from bridge.cli.clear_machine import clear_machine as found
        case "set-up-machine":
            from bridge.cli.set_up_machine import set_up_machine as found
        case "console":
            from bridge.cli.console.command import console as found
        case "cutover":
            from bridge.cli.cutover.command import cutover as found
        case "journal":
            from bridge.cli.journal import journal as found
        case "desk":
            from bridge.cli.desk import desk as found
        case "explain":
            from bridge.cli.explain import explain as found
        case "functions":
            from bridge.cli.functions import functions as found
        case "help":
            from bridge.cli.help import help_ as found
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
        case "status":
            from bridge.cli.status import status as found
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
        with _what_is_loaded_stays():
            return _command(name)
    except ModuleNotFoundError as error:
        return _lacking(name, error)


@contextmanager
def _what_is_loaded_stays() -> Iterator[None]:
    """Modules are there for good: looking through them, again and again while they are loaded, for what
    nobody needs any more would take a tenth of a start.
    """
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.unfreeze()  # what is new is old now: it is not looked through at the next best moment either
        if on:
            gc.enable()


def _lacking(name: str, error: ModuleNotFoundError) -> click.Command:
    """A command in place of the one that cannot be imported. Raises ``error`` where no extra would help."""
    extra = EXTRAS.get((error.name or "").partition(".")[0])
    if extra is None:
        raise error
    advice = tr("{name} needs more: pip install 'cshis-bridge[{extra}]'", name=name, extra=extra)

    def say() -> None:
        raise click.ClickException(advice)

    anything = {"ignore_unknown_options": True, "allow_extra_args": True}
    return click.Command(name, anything, say, help=f"{advice}.", add_help_option=False)


class _Main(LazyGroup):
    def main(self, args: Sequence[str] | None = None, *further: Any, **kwargs: Any) -> Any:
        """Begin before click does: its help has Chinese words, and a language."""
        carry_all_characters()
        atexit.register(gc.freeze)  # the system takes all memory back: Python need not look through it before
        if ASKED_BY_A_SHELL in os.environ:
            from bridge.cli import completion  # noqa: F401 - it knows one more shell than click does

            return super().main(args, *further, **kwargs)  # which writes bytes
        with in_its_language(args) as rest, plain_streams():
            told = self if spoken() == ENGLISH else translated(self)
            return click.Group.main(told, rest, *further, **kwargs)


@click.group(
    cls=_Main,
    sentences=SENTENCES,
    find=_command_or_advice,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option(
    "--lang",
    type=click.Choice(LANGUAGES),
    expose_value=False,
    help="Language of help and messages.  [default: that of LANG or of Windows]",
)
@click.version_option(
    __version__, "-V", "--version", prog_name="cshis-bridge", help="Show the version and exit."
)
def main() -> None:
    """Runs unmodified programs of cshis.dll and the VHC SDK on control software 6.0 (讀卡機控制軟體).

    \b
    Examples:
      cshis-bridge serve --simulate        a bridge on simulators, without cards
      cshis-bridge status                  what runs
      cshis-bridge doctor                  what is wrong, and what to do
      cshis-bridge explain 5150            what a number on a screen means
      cshis-bridge help journal pending    the help of a command
    """
