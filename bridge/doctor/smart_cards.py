"""The card readers (讀卡機) that this machine itself sees by PC/SC, beside what the console says.

Windows' ``winscard`` and pcsc-lite have the same functions; numbers and texts in them differ in width. A
reader of the insurance (健保讀卡機) on a COM port is no PC/SC reader and is not seen here.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

from bridge.doctor.finding import Finding, ok, unknown, warning
from bridge.plain_text import plain
from bridge.words import said

SYSTEM = 2  # the scope of a context: all readers of the machine
NO_SERVICE, SERVICE_STOPPED, NO_READERS = 0x8010001D, 0x8010001E, 0x8010002E
PRESENT, EXCLUSIVE, MUTE = 0x20, 0x80, 0x200
MOST_SECONDS = 3.0
ATR_BYTES = {True: 36, False: 33}  # on Windows, in pcsc-lite

WHERE_NONE_IS_RIGHT = said(
    "Right where only virtual cards and a cloud SAM (雲端安全模組) are used, or a "
    "reader of the insurance (健保讀卡機) on a COM port; else look at its cable and "
    "driver (驅動程式). Remote Desktop (遠端桌面) shows the readers of the other "
    "machine, and not these."
)


@dataclass(frozen=True, slots=True)
class Reader:
    """A reader by the name that the system gives it, and the flags of what lies in it (SCARD_STATE_...)."""

    name: str
    state: int


class Refused(Exception):
    """PC/SC does not answer as it should. ``number``: its error, SCARD_E_..."""

    def __init__(self, number: int) -> None:
        super().__init__(f"{number:#010x}")
        self.number = number


class Silent(Exception):
    """PC/SC does not answer at all: a driver that hangs holds all who ask."""


class Pcsc:
    """PC/SC by its library. ``windows``: wide texts and 32-bit numbers, else UTF-8 and C's ``long``."""

    def __init__(self, library: Any, *, windows: bool) -> None:
        self._library = library
        self._suffix = "W" if windows else ""
        self._number = ctypes.c_uint32 if windows else ctypes.c_ulong
        self._context = ctypes.c_size_t if windows else ctypes.c_long
        self._text: Any = ctypes.c_wchar_p if windows else ctypes.c_char_p
        self._windows = windows
        self.state_type = self._state_type()

    def readers(self) -> list[Reader]:
        """Every reader. Raises Refused, also where there is none."""
        context = self._context()
        self._ask("SCardEstablishContext", self._number(SYSTEM), None, None, ctypes.byref(context))
        try:
            return [Reader(name, self._state(context, name)) for name in self._names(context)]
        finally:
            self._library.SCardReleaseContext(context)

    def _names(self, context: Any) -> list[str]:
        length = self._number()
        self._ask(f"SCardListReaders{self._suffix}", context, None, None, ctypes.byref(length))
        room: Any
        if self._windows:
            room = ctypes.create_unicode_buffer(length.value)
        else:
            room = ctypes.create_string_buffer(length.value)
        self._ask(f"SCardListReaders{self._suffix}", context, None, room, ctypes.byref(length))
        text = room[: length.value]
        return [name for name in _as_text(text).split("\0") if name]

    def _state(self, context: Any, name: str) -> int:
        wanted = self.state_type()
        wanted.reader = name if self._windows else name.encode()
        at_once, one = self._number(0), self._number(1)
        self._ask(f"SCardGetStatusChange{self._suffix}", context, at_once, ctypes.byref(wanted), one)
        return int(wanted.event)

    def _ask(self, function: str, *arguments: Any) -> None:
        asked = getattr(self._library, function)
        asked.restype = ctypes.c_uint32
        if number := int(asked(*arguments)):
            raise Refused(number)

    def _state_type(self) -> Any:
        """SCARD_READERSTATE."""
        atr = ctypes.c_ubyte * ATR_BYTES[self._windows]
        numbers = [(name, self._number) for name in ("current", "event", "atr_length")]
        fields = [("reader", self._text), ("user_data", ctypes.c_void_p), *numbers, ("atr", atr)]
        return type("ReaderState", (ctypes.Structure,), {"_fields_": fields})


def _as_text(text: str | bytes) -> str:
    return text if isinstance(text, str) else text.decode(errors="replace")


def seen_readers() -> list[Reader]:
    """What this machine sees. Raises Refused, OSError where there is no PC/SC."""
    if sys.platform == "win32":
        return Pcsc(ctypes.WinDLL("winscard"), windows=True).readers()
    return Pcsc(ctypes.CDLL("libpcsclite.so.1"), windows=False).readers()


def _within(seconds: float, look: Callable[[], list[Reader]]) -> list[Reader]:
    """What ``look`` gives or raises. Raises Silent where it takes longer; it is left behind then."""
    answers: SimpleQueue[list[Reader] | Exception] = SimpleQueue()

    def ask() -> None:
        try:
            answers.put(look())
        except Exception as error:  # raised again where it is waited for
            answers.put(error)

    Thread(target=ask, name="smart cards", daemon=True).start()
    try:
        answer = answers.get(timeout=seconds)
    except Empty:
        raise Silent from None
    if isinstance(answer, Exception):
        raise answer
    return answer


def check_smart_cards(
    look: Callable[[], list[Reader]] = seen_readers, seconds: float = MOST_SECONDS
) -> Iterator[Finding]:
    """Nothing where the system has no PC/SC, which Windows always has."""
    try:
        readers = _within(seconds, look)
    except OSError:
        return
    except Silent:
        yield warning(
            "smart_cards",
            said("PC/SC has not answered within {seconds:g} seconds", seconds=seconds),
            said(
                "A reader's driver (驅動程式) hangs: the console and all programs that read cards "
                "may hang, too."
            ),
            said(
                "Pull the reader's plug and put it in again; if that does not help, start the machine anew."
            ),
        )
        return
    except Refused as refused:
        yield _none(refused.number)
        return
    for reader in readers:
        yield _reader(reader)


def plugged_in(
    look: Callable[[], list[Reader]] = seen_readers, seconds: float = MOST_SECONDS
) -> list[str] | None:
    """The names of the readers that this machine sees; None where it does not say."""
    try:
        return [reader.name for reader in _within(seconds, look)]
    except Refused as refused:
        return [] if refused.number in (NO_READERS, NO_SERVICE, SERVICE_STOPPED) else None
    except (OSError, Silent):
        return None


def _none(number: int) -> Finding:
    if number in (NO_SERVICE, SERVICE_STOPPED):
        return unknown(
            "smart_cards",
            said("no PC/SC reader (讀卡機): the system's service for smart cards does not run"),
            said(
                "Windows starts it (SCardSvr) for a reader, unless it is disabled. {where_none_is_right}",
                where_none_is_right=WHERE_NONE_IS_RIGHT,
            ),
        )
    if number == NO_READERS:
        return unknown("smart_cards", said("no PC/SC reader (讀卡機) is seen"), WHERE_NONE_IS_RIGHT)
    return unknown("smart_cards", said("PC/SC cannot be asked for readers ({number:#010x})", number=number))


def _reader(reader: Reader) -> Finding:
    called = said("reader (讀卡機) {name}", name=plain(reader.name))
    if reader.state & MUTE:
        return warning(
            "smart_cards",
            said("{called}: the card in it does not answer", called=called),
            said("No program can read it."),
            said("Put it in again, the chip first and upwards (晶片朝上); wipe its contacts."),
        )
    if reader.state & EXCLUSIVE:
        return ok(
            "smart_cards",
            said("{called}: a card, which one program holds for itself at the moment", called=called),
        )
    return ok(
        "smart_cards",
        said(
            "{called}: {value}",
            called=called,
            value=said("a card") if reader.state & PRESENT else said("no card"),
        ),
    )
