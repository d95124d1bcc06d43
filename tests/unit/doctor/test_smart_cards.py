"""Card readers by PC/SC: both systems' widths, and what is said of what is seen."""

from __future__ import annotations

import ctypes
from threading import Event
from time import monotonic
from typing import Any

import pytest

from bridge.doctor.smart_cards import (
    EXCLUSIVE,
    MUTE,
    NO_READERS,
    NO_SERVICE,
    PRESENT,
    SERVICE_STOPPED,
    Pcsc,
    Reader,
    Refused,
    check_smart_cards,
    plugged_in,
)

CONTEXT = 0x1234567


class System:
    """winscard or pcsc-lite, as far as it is asked. ``refuses``: a function that answers with a number."""

    def __init__(self, readers: dict[str, int], refuses: dict[str, int] | None = None) -> None:
        self.readers, self.refuses = readers, refuses or {}
        self.open = 0

    def __getattr__(self, name: str) -> Any:
        function, wide = name.removesuffix("W"), name.endswith("W")

        def asked(*arguments: Any) -> int:
            if function in self.refuses:
                return self.refuses[function]
            return int(getattr(self, f"_{function}")(wide, *arguments))

        return asked

    def _SCardEstablishContext(self, _wide: bool, scope: Any, _a: None, _b: None, context: Any) -> int:
        assert scope.value == 2
        context._obj.value = CONTEXT
        self.open += 1
        return 0

    def _SCardReleaseContext(self, _wide: bool, context: Any) -> int:
        assert context.value == CONTEXT
        self.open -= 1
        return 0

    def _SCardListReaders(self, wide: bool, context: Any, groups: None, room: Any, length: Any) -> int:
        assert (context.value, groups) == (CONTEXT, None)
        text = "".join(f"{name}\0" for name in self.readers) + "\0"
        data = text if wide else text.encode()
        if room is not None:
            assert length._obj.value == len(data)
            room[:] = data
        length._obj.value = len(data)
        return 0

    def _SCardGetStatusChange(self, wide: bool, context: Any, timeout: Any, states: Any, count: Any) -> int:
        assert (context.value, timeout.value, count.value) == (CONTEXT, 0, 1)
        state = states._obj
        name = state.reader if wide else state.reader.decode()
        state.event = self.readers[name] | 2
        return 0


@pytest.mark.parametrize("windows", [True, False])
def test_readers_and_what_lies_in_them(windows: bool) -> None:
    there = {
        "Generic EMV Smartcard Reader 0": PRESENT,
        "CASTLES EZ710PU 0": 0x10,
        "讀卡機 é 1": PRESENT | MUTE,
    }
    system = System(there)
    found = Pcsc(system, windows=windows).readers()
    assert [(each.name, each.state & ~2) for each in found] == list(there.items())
    assert system.open == 0


@pytest.mark.parametrize("windows", [True, False])
@pytest.mark.parametrize("function", ["SCardEstablishContext", "SCardListReaders", "SCardGetStatusChange"])
def test_whatever_is_refused_says_so_and_leaves_nothing_open(windows: bool, function: str) -> None:
    system = System({"A 0": 0}, {function: NO_READERS})
    with pytest.raises(Refused) as refused:
        Pcsc(system, windows=windows).readers()
    assert refused.value.number == NO_READERS
    assert system.open == 0


def test_the_widths_of_a_state_are_those_of_the_headers() -> None:
    """Of winscard.h (mingw-w64) and pcsclite.h on 64-bit systems: size, where event and ATR begin."""
    of_windows, of_linux = (Pcsc(None, windows=windows).state_type for windows in (True, False))
    assert (ctypes.sizeof(of_windows), of_windows.event.offset, of_windows.atr.offset) == (64, 20, 28)
    assert (ctypes.sizeof(of_linux), of_linux.event.offset, of_linux.atr.offset) == (80, 24, 40)


@pytest.mark.parametrize(
    ("state", "status", "said"),
    [
        (PRESENT, "ok", "a card"),
        (0x10, "ok", "no card"),
        (PRESENT | EXCLUSIVE, "ok", "holds for itself"),
        (PRESENT | MUTE, "warning", "does not answer"),
    ],
)
def test_what_is_said_of_a_reader(state: int, status: str, said: str) -> None:
    (finding,) = check_smart_cards(lambda: [Reader("EZ\x1b[2J 0", state)])
    assert finding.status == status
    assert finding.what.startswith("reader (讀卡機) EZ\\u001b[2J 0: ")
    assert said in finding.what
    assert bool(finding.why) == (status == "warning")


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (NO_SERVICE, "service for smart cards does not run"),
        (SERVICE_STOPPED, "service for smart cards does not run"),
        (NO_READERS, "no PC/SC reader"),
        (0x80100001, "0x80100001"),
    ],
)
def test_where_no_reader_is_seen_nobody_is_to_blame(number: int, said: str) -> None:
    def look() -> list[Reader]:
        raise Refused(number)

    (finding,) = check_smart_cards(look)
    assert finding.status == "unknown"
    assert said in finding.what
    assert finding.advice or number == 0x80100001


def test_without_pcsc_nothing_is_said() -> None:
    def look() -> list[Reader]:
        raise OSError("libpcsclite.so.1")

    assert list(check_smart_cards(look)) == []


def test_a_driver_that_hangs_does_not_hold_the_doctor() -> None:
    over = Event()

    def look() -> list[Reader]:
        over.wait(30)
        return []

    began = monotonic()
    (finding,) = check_smart_cards(look, seconds=0.1)
    assert monotonic() - began < 5
    over.set()
    assert finding.status == "warning"
    assert "0.1 seconds" in finding.what


def test_the_readers_that_are_plugged_in() -> None:
    def refuses(number: int) -> list[Reader]:
        raise Refused(number)

    def lacks() -> list[Reader]:
        raise OSError("winscard.dll")

    over = Event()

    def hangs() -> list[Reader]:
        over.wait(30)
        return []

    assert plugged_in(lambda: [Reader("A 0", PRESENT), Reader("B 0", 0)]) == ["A 0", "B 0"]
    for number in (NO_READERS, NO_SERVICE, SERVICE_STOPPED):  # Windows stops it with the last reader
        assert plugged_in(lambda number=number: refuses(number)) == []  # type: ignore[misc]
    assert plugged_in(lambda: refuses(0x80100001)) is None
    assert plugged_in(lacks) is None
    assert plugged_in(hangs, seconds=0.05) is None
    over.set()
