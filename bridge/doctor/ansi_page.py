"""The code page by which this machine's programs with ANSI texts read and write records (系統地區設定)."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator

from bridge.doctor.finding import Finding, ok, warning
from bridge.words import said

TAIWAN = 950
BYTES_SURVIVE = (936, 1252)  # of those that were tried: findings/ansi-round-trip.sh
SET_IT = said(
    "Set the system locale (系統地區設定) to Chinese (Traditional, Taiwan), with the "
    "box for UTF-8 (使用 Unicode UTF-8 提供全球語言支援) empty, and start Windows anew."
)


def ansi_page() -> int | None:
    """The number of the code page; None where there is no Windows."""
    if sys.platform == "win32":
        return int(ctypes.windll.kernel32.GetACP())
    return None


def check_ansi_page(page: int | None) -> Iterator[Finding]:
    """In: the machine's code page for ANSI programs, None for no finding."""
    if page is None:
        return
    if page == TAIWAN:
        yield ok("text.ansi_page", said("programs with ANSI texts have code page 950 here, as records do"))
        return
    shown = said("names are shown as other characters")
    then = shown if page in BYTES_SURVIVE else said("{shown} or lost, and fields move", shown=shown)
    yield warning(
        "text.ansi_page",
        said("programs with ANSI texts have code page {page} here, records 950", page=page),
        said(
            "VB6, PowerBuilder and Delphi to 2007 make texts of records by it, and records of texts: {then}.",
            then=then,
        ),
        SET_IT,
    )
