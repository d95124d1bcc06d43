"""Wild pointers, lying lengths, a bridge that talks nonsense: a code each time, and the program lives on."""

from __future__ import annotations

import pytest

from tests.native.test_client_library import BAD_REPLIES, basic_data
from tests.support.bridge_process import Bridge
from tests.support.fake_bridge import FakeBridge
from tests.support.hosts.driver import NULL, Driver, room, scalar, short, text
from tests.support.legacy_routes import NativeRoute
from tests.support.prototypes import POINTERS, PROTOTYPES, UNSUPPORTED, Parameter
from tests.support.small_table import UNREACHABLE

BAD_ARGUMENT, NO_SUCH_VISIT = 6018, 5150
# The second page, a kernel address of 32 bits, one that is free as a rule, the last byte.
WILD = (0x10, 0x1000, 0xC0000000, 0x7FFD0000, 0xFFFFFFFF)


def sound(parameter: Parameter) -> str:
    """A word that nobody could object to."""
    match parameter.kind:
        case "in" | "size":
            return text(b"1\0")
        case "out" | "text":
            return room(4000)
        case "len":
            return short(4000)
        case "cnt" | "res":
            return short(1)
        case "num":
            return scalar(1)
    return scalar(0)


POINTED = [
    (name, position)
    for name, parameters in PROTOTYPES.items()
    if name not in UNSUPPORTED
    for position, parameter in enumerate(parameters)
    if parameter.kind in POINTERS
]


@pytest.mark.parametrize("wild", [NULL, *(scalar(address) for address in WILD)])
def test_every_pointer_of_every_function(dll_route: NativeRoute, bridge: Bridge, wild: str) -> None:
    """One wild pointer among sound ones, each in turn; nothing is sent."""
    assert len(POINTED) > 150
    for name, position in POINTED:
        words = [sound(parameter) for parameter in PROTOTYPES[name]]
        words[position] = wild
        code, _ = dll_route.raw(name, *words)
        assert code == BAD_ARGUMENT, f"{name}, argument {position}"
    assert bridge.changes() == []


@pytest.mark.parametrize("name", sorted(UNSUPPORTED))
def test_what_6_0_dropped_looks_at_nothing(dll_route: NativeRoute, name: str) -> None:
    words = [scalar(WILD[0])] * len(PROTOTYPES[name])
    assert dll_route.raw(name, *words)[0] == -2


def test_string_that_ends_at_an_unreadable_page(dll_route: NativeRoute, bridge: Bridge) -> None:
    """Ten bytes, no NUL, and nothing readable behind them: too long to be true for a time, not for a mark."""
    assert dll_route.raw("csUnGetSeqNumber", text(b"1150101120"))[0] == BAD_ARGUMENT
    assert dll_route.raw("csOpenCom", scalar(0))[0] == 0
    code, answers = dll_route.raw(
        "hisGetSeqNumber256N1", text(b"01\0"), text(b" \0"), text(b"1"), room(316), short(316)
    )
    assert (code, answers[4].number) == (0, 316)


def test_buffer_shorter_than_its_length_says(dll_route: NativeRoute, bridge: Bridge) -> None:
    """Forty bytes before an unreadable page, said to be 72: nothing is written, not even what would fit."""
    assert dll_route.raw("csOpenCom", scalar(0))[0] == 0
    code, answers = dll_route.raw("hisGetBasicData", text(b"\xa5" * 40), short(72))
    assert (code, answers[1].number) == (BAD_ARGUMENT, 72)
    code, answers = dll_route.raw("csGetHospID", room(10), short(32000))
    assert (code, answers[1].number) == (0, 10), "more room was claimed than there is, and it did no harm"


@pytest.mark.parametrize("capacity", [0, -1, -32768, 1, 71])
def test_no_or_too_little_room(dll_route: NativeRoute, bridge: Bridge, capacity: int) -> None:
    assert dll_route.raw("csOpenCom", scalar(0))[0] == 0
    code, answers = dll_route.raw("hisGetBasicData", room(80), short(capacity))
    assert (code, answers[0].data, answers[1].number) == (BAD_ARGUMENT, b"\xa5" * 80, capacity)


def test_long_string(dll_route: NativeRoute, bridge: Bridge) -> None:
    """The documented width is that of a time, at which there is no visit."""
    for data in (b"11501011200001\0", b"1150101120000" + b" " * 5000 + b"\0", b"1150101120000" + b"x" * 5000):
        assert dll_route.raw("csUnGetSeqNumber", text(data))[0] == NO_SUCH_VISIT


@pytest.mark.parametrize("name", BAD_REPLIES)
def test_bad_reply_is_a_failure_and_writes_nothing(
    small_driver: Driver, fake_bridge: FakeBridge, name: str
) -> None:
    """What tests/native does with the Linux library."""
    fake_bridge.behave = BAD_REPLIES[name]
    answer = small_driver.call("hisGetBasicData", room(80), short(72))
    assert (answer.code, answer.data(0), answer.number(1)) == (UNREACHABLE, b"\xa5" * 80, 72)
    assert answer.intact
    fake_bridge.behave = basic_data
    assert small_driver.call("hisGetBasicData", room(80), short(72)).code == 0
    assert fake_bridge.opened == 2
