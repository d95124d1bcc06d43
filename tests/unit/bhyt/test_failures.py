"""Which codes of finished calls are failures."""

from __future__ import annotations

import pytest

from bridge.bhyt.failures import failed
from bridge.bhyt.loader import load_lookups


@pytest.mark.parametrize(
    ("function", "code", "is_failure"),
    [
        ("KQNhanLichSuKCB2024", 0, False), ("nhanLichSuKCB", 50, False), ("Lskcb2025", 54, True),
        ("KQNhanLichSuKCB2018", 101, True), ("token", 200, False), ("token", 401, True),
        ("KQNhanLichSuKCB2018", 999, False), ("pass:other", 200, False), ("pass:other", 302, False),
        ("pass:guiHoSoGiamDinh", 404, True), ("pass:guiHoSoGiamDinh", 499, True), ("pass:other", 502, True),
    ],
)  # fmt: skip
def test_a_word_about_a_card_is_none(function: str, code: int, is_failure: bool) -> None:
    family = load_lookups()
    assert family is not None
    assert failed(family, function, code) is is_failure
