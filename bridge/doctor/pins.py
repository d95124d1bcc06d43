"""Who is asked for PINs, and whether that can work here."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.util import find_spec

from bridge.config import PinSettings
from bridge.doctor.finding import Finding, ok, warning
from bridge.words import said

WHY = said("Calls that need a PIN (密碼) end with 5109.")


def check_pins(settings: PinSettings) -> Iterator[Finding]:
    """In: the settings. A window needs tkinter, or Windows; its screen is that of whoever runs the bridge."""
    if settings.provider == "keypad":
        yield ok("pin", said("PINs are typed on the reader's own keys (健保讀卡機)"))
    elif settings.provider == "page":
        yield ok(
            "pin",
            said("PINs are typed on the page (網頁) of this bridge"),
            said("Somebody must have it open: cshis-bridge desk, as the user who runs the bridge."),
        )
    elif settings.provider == "fixed":
        yield ok("pin", said("PINs come from the settings: for simulators and trials, not for a clinic"))
    elif not _has_windows():
        yield warning(
            "pin",
            said("no window can ask for PINs: this Python has no tkinter"),
            WHY,
            said(
                'Debian and Ubuntu: apt-get install python3-tk. Or pin.provider = "keypad", where the '
                "reader has keys."
            ),
        )
    else:
        yield ok(
            "pin",
            said("PINs are asked for in a window"),
            said("It appears on the screen of the user who runs the bridge; a service has none."),
        )


def _has_windows() -> bool:
    """Windows has parts of its own to make them of."""
    return os.name == "nt" or find_spec("_tkinter") is not None
