"""The Chinese texts by the English ones: ``zh_TW.po`` compiled as gettext has it.

A wheel has the compiled file. In a checkout it is made when the source is newer, so that a changed text is
seen at once.
"""

from __future__ import annotations

import gettext
import os
from collections.abc import Callable
from pathlib import Path

FOLDER = Path(__file__).parent
DOMAIN = "cshis-bridge"
SOURCE = FOLDER / "zh_TW.po"
COMPILED = FOLDER / "locale" / "zh_TW" / "LC_MESSAGES" / f"{DOMAIN}.mo"


def chinese() -> Callable[[str], str]:
    """What gives the Chinese of an English text; the text itself where there is none."""
    if SOURCE.is_file():
        _renew()
    try:
        with COMPILED.open("rb") as file:
            return gettext.GNUTranslations(file).gettext
    except OSError:
        return str


def _renew() -> None:
    """Compile the source if it is newer. Without polib, or where nothing can be written, what is there
    stays.
    """
    try:
        if COMPILED.is_file() and COMPILED.stat().st_mtime >= SOURCE.stat().st_mtime:
            return
        compile_catalogue(COMPILED)
    except (ImportError, OSError):
        return


def compile_catalogue(target: Path) -> Path:
    """Write the compiled file, whole or not at all. Raises OSError."""
    import polib  # of the build and the checkout, not of an installation

    target.parent.mkdir(parents=True, exist_ok=True)
    half = target.with_name(f"{target.name}.{os.getpid()}")
    try:
        polib.pofile(str(SOURCE)).save_as_mofile(str(half))
        half.replace(target)
    finally:
        half.unlink(missing_ok=True)
    return target
