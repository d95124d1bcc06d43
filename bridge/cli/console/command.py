"""``cshis-bridge console``: what the console has, and its own settings."""

from __future__ import annotations

import click

from bridge.cli.lazy_group import LazyGroup

SENTENCES = {
    "detect": "Makes the reader (讀卡機) with a card in it the default.",
    "log": "Shows what the console has answered (API 執行記錄).",
    "origins": "Hosts whose web pages may call the console (允許呼叫主機名稱).",
    "readers": "Lists the PC/SC readers (讀卡機) of the machine.",
    "release": "Ends the console's session, to unplug a reader (釋放讀卡機).",
    "sam": "Cloud SAMs (雲端安全模組) of the console.",
    "start": "Starts the console (主控台) of this machine.",
    "use-reader": "Makes the reader NAME the default.",
}


def _command(name: str) -> click.Command | None:
    match name:
        case "detect":
            from bridge.cli.console.readers import detect as found
        case "log":
            from bridge.cli.console.log import log as found
        case "origins":
            from bridge.cli.console.origins import origins as found
        case "readers":
            from bridge.cli.console.readers import readers as found
        case "release":
            from bridge.cli.console.program import release as found
        case "start":
            from bridge.cli.console.program import start as found
        case "sam":
            from bridge.cli.console.sam import sam as found
        case "use-reader":
            from bridge.cli.console.readers import use_reader as found
        case _:
            return None
    return found


@click.group(cls=LazyGroup, sentences=SENTENCES, find=_command)
def console() -> None:
    """Shows and changes the console's own settings (主控台設定).

    Cloud SAMs, readers, web pages that may call, its record of calls. The console is that of the bridge that
    runs, or of the settings. It is asked directly; the session of a running bridge goes on. What a change
    means for a bridge at work is said after it.
    """
