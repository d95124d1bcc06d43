"""The lines that the tray program reads from its standard input (native/tray/parts.h)."""

from __future__ import annotations

from collections.abc import Sequence

from bridge.tray.look import PRODUCT, Look
from bridge.tray.menu import Entry
from bridge.tray.words import Language, text

_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": ""})
BYE = b"bye\n"
ALIVE = b"here\n"


def look_line(look: Look, language: Language) -> bytes:
    """The icon and its tip."""
    return _line("look", look.colour, look.tip(language))


def balloon_line(look: Look, language: Language) -> bytes:
    """A message beside the icon: the first reason, and where more is to be had."""
    return _line("balloon", _title(text(look.reasons[0], language)), text("advice", language))


def gone_line(language: Language) -> bytes:
    """What to say should the bridge end otherwise than it should."""
    return _line("gone", *_words("gone", language))


def stays_line(look: Look, language: Language) -> bytes:
    """The icon stays as it is when nothing more comes, without a further message."""
    return _line("gone", look.tip(language), "", "")


def hung_line(language: Language, seconds: float) -> bytes:
    """What to say should the bridge say nothing for so long, not even ALIVE."""
    return _line("hung", str(max(1, round(seconds))), *_words("hung", language))


def menu_lines(entries: Sequence[Entry]) -> bytes:
    """The whole menu."""
    return b"".join((_line("menu"), *map(_entry, entries), _line("shown")))


def _entry(entry: Entry) -> bytes:
    kind = "default" if entry.default else "plain" if entry.steps or not entry.text else "off"
    return _line("entry", kind, entry.text, *(f"{step.word} {step.about}" for step in entry.steps))


def _words(name: str, language: Language) -> tuple[str, str, str]:
    """Tip, title and text of a message."""
    title = _title(text(name, language))
    return title, title, text(f"{name}.advice", language)


def _title(said: str) -> str:
    return f"{PRODUCT}: {said}"


def _line(*fields: str) -> bytes:
    return "\t".join(field.translate(_ESCAPES) for field in fields).encode("utf-8", "replace") + b"\n"
