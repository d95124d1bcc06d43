"""Which account of the settings a program may use, and from where: one hospital never asks as another."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.bhyt.accounts import lent_account
from bridge.bhyt.portal import Account
from bridge.config import BhytSettings
from bridge.errors import NoAccount

FIRST, SECOND = "1" * 32, "2" * 32
TWO = {
    "accounts": {
        "00001_TN": {"password_md5": FIRST},
        "00002_TN": {"password_md5": SECOND, "clients": ["10.1.2.0/24", "2001:db8::/32"]},
    }
}


def lent(named: str, client: str, **changes: Any) -> Account:
    return lent_account(BhytSettings.model_validate({**TWO, **changes}), named, client)


@pytest.mark.parametrize("named", ["00001_TN", "00001_tn", ""])
@pytest.mark.parametrize("client", ["127.0.0.1", "127.8.0.1", "::1", "::ffff:127.0.0.1"])
def test_an_account_without_clients_serves_this_machine(named: str, client: str) -> None:
    assert lent(named, client) == Account("00001_TN", FIRST)


@pytest.mark.parametrize("named", ["00002_TN", ""])
@pytest.mark.parametrize("client", ["10.1.2.200", "2001:db8::7", "::ffff:10.1.2.3"])
def test_a_program_gets_the_account_of_its_network(named: str, client: str) -> None:
    assert lent(named, client) == Account("00002_TN", SECOND)


@pytest.mark.parametrize(
    ("named", "client"),
    [
        ("00001_TN", "10.1.2.3"),
        ("00002_TN", "127.0.0.1"),
        ("00002_TN", "10.1.3.1"),
        ("00003_TN", "127.0.0.1"),
        ("", "10.1.3.1"),
        ("", ""),
        ("00001_TN", "localhost"),
    ],
)
def test_nobody_asks_with_an_account_that_does_not_serve_its_address(named: str, client: str) -> None:
    with pytest.raises(NoAccount) as caught:
        lent(named, client)
    assert client not in str(caught.value) or not client


def test_of_several_accounts_none_is_guessed() -> None:
    both = {name: {**entry, "clients": ["127.0.0.1"]} for name, entry in TWO["accounts"].items()}
    with pytest.raises(NoAccount, match=r"2 of bhyt\.accounts serve its address"):
        lent("", "127.0.0.1", accounts=both)
    assert lent("", "127.0.0.1", accounts=both, username="00002_tn") == Account("00002_TN", SECOND)


def test_the_usual_account_is_for_those_whom_it_serves() -> None:
    assert lent("", "10.1.2.3", username="00001_TN").username == "00002_TN"
    assert lent("", "127.0.0.1", username="00001_TN").username == "00001_TN"


def test_a_single_account_needs_no_section() -> None:
    single = {"username": "00009_TN", "password": "password"}
    assert lent("", "127.0.0.1", **single) == Account("00009_TN", "5f4dcc3b5aa765d61d8327deb882cf99")
    assert lent("00002_TN", "10.1.2.3", **single).username == "00002_TN"
    with pytest.raises(NoAccount):
        lent("00009_TN", "10.1.2.3", **single)


def test_no_account_at_all_is_said() -> None:
    with pytest.raises(NoAccount, match=r"neither bhyt\.username nor bhyt\.accounts is set"):
        lent_account(BhytSettings(), "", "127.0.0.1")
