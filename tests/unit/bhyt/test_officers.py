"""On whom a lookup is booked: the program's own officer, or one of the settings; never half of each."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.bhyt.officers import PROGRAMS_OWN, Officer, officer_for
from bridge.config import BhytSettings
from bridge.errors import NoOfficer

LISTED = {"hoTenCb": "Cán Bộ Một", "cccdCb": "000000000001"}
OTHER = {"hoTenCb": "Cán Bộ Hai", "cccdCb": "000000000002"}
OWN = ("Cán Bộ Ba", "000000000003")
HALF = [
    ("Cán Bộ Ba", ""),
    ("", "000000000003"),
    ("Cán Bộ Ba", "3"),
    (" \0", "000000000003"),
    ("Cán Bộ Ba", "\uff10" * 12),
]


def officer(sent: tuple[str, str], username: str = "00001_TN", **settings: Any) -> Officer:
    return officer_for(username, *sent, BhytSettings.model_validate(settings))


def test_the_programs_own_officer_counts() -> None:
    found = officer(OWN, officers={"00001_TN": LISTED})
    assert (found.hoTenCb, found.cccdCb, found.entry, found.ignored) == (*OWN, PROGRAMS_OWN, "")
    assert found.whose == "the officer whom the program sent"


def test_blanks_and_the_nul_of_c_programs_around_it_do_no_harm() -> None:
    found = officer((" Cán Bộ Ba\0", "000000000003 "), officers={"00001_TN": LISTED})
    assert (found.hoTenCb, found.cccdCb) == OWN


def test_without_one_the_settings_fill_in() -> None:
    found = officer(("", ""), officers={"*": OTHER, "00001_tn": LISTED})
    assert (found.hoTenCb, found.cccdCb, found.entry, found.ignored) == (*LISTED.values(), 2, "")
    assert found.whose == "bhyt.officers, entry 2"


@pytest.mark.parametrize("sent", HALF, ids=repr)
def test_half_an_officer_is_never_completed_with_another_persons_half(sent: tuple[str, str]) -> None:
    found = officer(sent, officers={"00001_TN": LISTED})
    assert (found.hoTenCb, found.cccdCb) == tuple(LISTED.values())
    assert found.ignored == "it is not a name and 12 digits"


def test_a_setting_turns_it_round() -> None:
    found = officer(OWN, officers={"00001_TN": LISTED}, officer_from="settings")
    assert (found.hoTenCb, found.entry, found.ignored) == (LISTED["hoTenCb"], 1, "bhyt.officer_from says so")


def test_where_the_settings_have_none_the_programs_own_counts_in_any_case() -> None:
    for source in ("program", "settings"):
        found = officer(OWN, officers={"other": LISTED}, officer_from=source)
        assert (found.hoTenCb, found.cccdCb, found.entry) == (*OWN, PROGRAMS_OWN)


@pytest.mark.parametrize("sent", [("", ""), *HALF], ids=repr)
def test_nobody_at_all_is_refused(sent: tuple[str, str]) -> None:
    with pytest.raises(NoOfficer) as caught:
        officer(sent, officers={"other": LISTED})
    assert [part for part in (*sent, *LISTED.values()) if part.strip() and part in str(caught.value)] == []


def test_an_officer_does_not_show() -> None:
    assert not [part for part in OWN if part in repr(officer(OWN))]
