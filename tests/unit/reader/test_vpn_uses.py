"""What is remembered of the uses of many clients."""

from __future__ import annotations

from bridge.reader.vpn_pairs import Use
from bridge.reader.vpn_uses import MOST_CLIENTS, LastUses

USE = Use("sam", "30")


def test_the_client_that_signed_longest_ago_is_forgotten_first() -> None:
    uses = LastUses()
    for number in range(MOST_CLIENTS):
        uses.note(f"http {number}", USE)
    uses.note("http 0", Use("hc", "01"))
    uses.note("one more", USE)
    assert uses.of("http 0") == Use("hc", "01")
    assert uses.of("http 1") is None
    assert uses.of("one more") == uses.of("http 2") == USE


def test_what_has_no_name_has_no_use() -> None:
    uses = LastUses()
    uses.note("", USE)
    assert uses.of("") is None
