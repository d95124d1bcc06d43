"""Marks given as numbers in place of digits."""

from __future__ import annotations

import pytest

from bridge.calls.call import LegacyCall, OutBuffer
from bridge.calls.plan import Plan, make_plan
from bridge.errors import BadArgument
from bridge.table.default import default_table

TABLE = default_table()
VISITS = "hisGetSeqNumber256"


def _plan(after_check: bytes, newborn: bytes) -> Plan:
    row = TABLE.functions[VISITS]
    given = {
        "cTreatItem": b"01",
        "cBabyTreat": newborn,
        "cTreatAfterCheck": after_check,
        "pBuffer": OutBuffer(296),
    }
    return make_plan(TABLE, row, LegacyCall(VISITS, given))


@pytest.mark.parametrize("number", range(1, 10))
def test_a_byte_below_ten_is_its_digit(number: int) -> None:
    digit = str(number).encode()
    assert [s.body for s in _plan(bytes([number]), b"1").steps] == [s.body for s in _plan(digit, b"1").steps]


@pytest.mark.parametrize("mark", [b"", b"\0", b"\0\xff", b"\0x"])
def test_the_byte_0_is_blank(mark: bytes) -> None:
    assert [s.body for s in _plan(mark, b" ").steps] == [s.body for s in _plan(b" ", b" ").steps]


@pytest.mark.parametrize("mark", [b"\n", b"\x0b", b"\r\n", b"\x0e", b"\x1b", b"\x1f", b"\x7f"])
def test_no_other_control_character_is_a_mark(mark: bytes) -> None:
    with pytest.raises(BadArgument, match="control character"):
        _plan(mark, b"1")
