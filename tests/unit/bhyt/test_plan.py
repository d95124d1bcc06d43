"""The pure part of a lookup before the portal is asked: account, officer, request."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.bhyt.plan import LookupPlan, plan_lookup, request_of
from bridge.bhyt.portal import Account, Token
from bridge.config import BhytSettings
from bridge.errors import BadArgument, NoAccount, NoOfficer
from tests.unit.bhyt.lookup_bench import CARD, FAMILY, HERE, LOOKUPS, MD5, OFFICER, SETTINGS

OLD = LOOKUPS["NhanLichSuKCB2018"]
OTHER = {"hoTenCb": "Cán Bộ Hai", "cccdCb": "000000000002"}


def plan(lookup: Any = OLD, settings: dict[str, Any] | None = None, **given: object) -> LookupPlan:
    return plan_lookup(
        FAMILY, lookup, {**CARD, **given}, BhytSettings.model_validate(settings or SETTINGS), HERE
    )


def test_the_request_is_that_of_2024() -> None:
    made = plan()
    query, body = request_of(made, Token("a", "i"))
    assert made.request.path == "/api/egw/KQNhanLichSuKCB2024"
    assert query == {"token": "a", "id_token": "i", "username": "00001_TN", "password": MD5}
    assert body == {
        "maThe": "DN4010000000000",
        "hoTen": "Trần Thử Nghiệm",
        "ngaySinh": "05/03/1994",
        **OFFICER,
    }


@pytest.mark.parametrize("lookup", LOOKUPS.values(), ids=LOOKUPS)
def test_what_the_portal_does_not_want_any_more_is_not_sent(lookup: Any) -> None:
    dropped = {name.lower(): "1" for name in lookup.dropped}
    with_them, without = plan(lookup, **dropped), plan(lookup)
    assert request_of(with_them, Token("a", "i")) == request_of(without, Token("a", "i"))


# --- account, token, officer --------------------------------------------------------------------------------


def test_the_clients_own_account_and_token_are_used() -> None:
    made = plan(
        settings={**SETTINGS, "officers": {"b": OTHER}},
        username="B",
        password="f" * 32,
        token="t",
        id_token="u",
    )
    assert (made.account, made.token) == (Account("B", "f" * 32), Token("t", "u"))
    assert made.officer.hoTenCb == OTHER["hoTenCb"]


@pytest.mark.parametrize(
    "brought",
    [{}, {"username": ""}, {"username": None}, {"username": "00001_tn"}, {"password": "f" * 32}],
    ids=str,
)
def test_without_an_own_account_that_of_the_settings_asks(brought: dict[str, object]) -> None:
    assert plan(**brought).account == Account("00001_TN", MD5)


def test_the_settings_may_hold_the_password_or_its_md5() -> None:
    settings = {"username": "u", "password": "password", "officers": {"*": OFFICER}}
    assert plan(settings=settings).account == Account("u", MD5)


@pytest.mark.parametrize(
    "brought", [{"token": "t"}, {"id_token": "u"}, {"token": "", "id_token": "u"}], ids=str
)
def test_half_a_token_is_none(brought: dict[str, object]) -> None:
    assert plan(**brought).token is None


def test_another_account_without_its_password_is_refused() -> None:
    with pytest.raises(NoAccount):
        plan(username="00002_TN")
    with pytest.raises(NoAccount):
        plan(username="00002_TN", token="t", id_token="u")


def test_no_account_anywhere_is_refused() -> None:
    with pytest.raises(NoAccount):
        plan(settings={"officers": {"*": OFFICER}})


def test_each_account_has_its_own_officer_and_the_star_serves_all_others() -> None:
    officers = {"*": OTHER, "00001_TN": OFFICER}
    own = plan(settings={**SETTINGS, "officers": officers})
    other = plan(settings={**SETTINGS, "officers": officers}, username="x", password="f" * 32)
    assert (own.officer.cccdCb, own.officer.entry) == (OFFICER["cccdCb"], 2)
    assert (other.officer.cccdCb, other.officer.entry) == (OTHER["cccdCb"], 1)


def test_nobody_looks_up_in_the_name_of_another_accounts_officer() -> None:
    with pytest.raises(NoOfficer):
        plan(username="x", password="f" * 32)


# --- fields -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CARD)
@pytest.mark.parametrize("value", [None, "", "  ", "\0", True, ["x"], {"x": 1}, 1.5, "\ud800"], ids=repr)
def test_a_field_that_is_missing_or_no_text_is_refused(name: str, value: object) -> None:
    with pytest.raises(BadArgument):
        plan(**{name: value})


@pytest.mark.parametrize("written", [1994, "1994", " 1994 "])
def test_a_bare_year_stays_a_year(written: object) -> None:
    assert plan(ngaysinh=written).fields["ngaySinh"] == "1994"


@pytest.mark.parametrize("name", ["Trần Thử Nghiệm", "Tr\u00e2\u0300n", "  Đỗ  Thị Hậu ", "ĐẶNG THỊ  ƯỚC"])
def test_a_name_is_sent_as_it_came(name: str) -> None:
    assert plan(hoten=name).fields["hoTen"] == name


def test_a_plan_does_not_show_who_it_is_about() -> None:
    shown = repr(plan(username="00001_TN", password=MD5, token="t1t1", id_token="u2u2"))
    secrets = (*CARD.values(), "05/03/1994", MD5, "t1t1", "u2u2", *OFFICER.values())
    assert not [secret for secret in secrets if secret in shown]
