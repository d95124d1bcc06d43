"""Which language the user of a command reads."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from bridge.words import CHINESE, ENGLISH

# As POSIX has it: the first that is set counts; LANGUAGE is a list, and wins.
_VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
_CHINESE_OF_WINDOWS = 0x04  # primary language of a LANGID, its lower ten bits
_NAMES = {"en": ENGLISH, "zh": CHINESE, "zh-tw": CHINESE, "zh-hant": CHINESE, "zh-hant-tw": CHINESE}


def language_named(name: str) -> str | None:
    """The language that a person means by a name, such as ``zh_TW``; None for one that there is not."""
    return _NAMES.get(name.strip().replace("_", "-").lower())


def language_of_user(environment: Mapping[str, str]) -> str:
    """The environment's language, else Windows' own. Any Chinese is zh-TW; any other language English."""
    for variable in _VARIABLES:
        if wanted := environment.get(variable, ""):
            return CHINESE if wanted.lower().startswith("zh") else ENGLISH
    return CHINESE if _windows_is_chinese() else ENGLISH


def _windows_is_chinese() -> bool:
    if sys.platform != "win32":
        return False
    import ctypes

    return bool(ctypes.windll.kernel32.GetUserDefaultUILanguage() & 0x3FF == _CHINESE_OF_WINDOWS)


def can_be_shown(stream: object) -> bool:
    """Whether a stream's encoding has Chinese characters. A stream without one takes all."""
    encoding = getattr(stream, "encoding", None)
    try:
        "繁體中文".encode(encoding or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
