"""Settings of Viet Nam's card lookups: what goes together, what a mistake looks like, what must not show."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from bridge.config import BhytSettings, Settings, load_settings, save_settings
from bridge.errors import ConfigError

OFFICER = {"hoTenCb": "Cán Bộ Thử Nghiệm", "cccdCb": "000000000001"}
ROOT = Path(__file__).parents[3]
MD5 = "5f4dcc3b5aa765d61d8327deb882cf99"


@pytest.mark.parametrize(
    "given",
    [
        {"officers": {"*": OFFICER}},
        {"username": "u", "password": "p"},
        {"accounts": {"u": {"password": "p"}}},
        {"serve": True},
    ],
    ids=str,
)
def test_they_are_off_until_an_officer_or_an_account_is_named_or_they_are_wanted(
    given: dict[str, Any],
) -> None:
    assert not BhytSettings().enabled
    assert BhytSettings.model_validate(given).enabled


def test_all_accounts_stand_together() -> None:
    given = {"username": "a", "password": "password", "accounts": {"b": {"password_md5": "f" * 32}}}
    known = BhytSettings.model_validate(given).known_accounts
    assert {name: account.md5 for name, account in known.items()} == {"a": MD5, "b": "f" * 32}


@pytest.mark.parametrize(
    "given",
    [
        {"username": "u"},
        {"password": "p"},
        {"password_md5": MD5},
        {"username": "u", "password": "p", "password_md5": MD5},
        {"username": "u", "password_md5": "p"},
        {"username": "u", "password_md5": f"{MD5}0"},
        {"officers": {"u": {"hoTenCb": "x"}}},
        {"officers": {"u": {**OFFICER, "cccdCb": "1"}}},
        {"officers": {"u": {**OFFICER, "cccdCb": "００００００００００００"}}},
        {"officers": {"u": {**OFFICER, "hoTenCb": ""}}},
        {"officers": {"u": {**OFFICER, "hoten": ""}}},
        {"officers": {"u": OFFICER, "U": OFFICER}},
        {"accounts": {"u": {"password": "p"}, "U": {"password": "p"}}},
        {"accounts": {"u": {}}},
        {"accounts": {"u": {"password": "p", "password_md5": MD5}}},
        {"accounts": {"u": {"password_md5": "p"}}},
        {"accounts": {"u": {"password": "p", "clients": ["10.0.0.1/8"]}}},
        {"accounts": {"u": {"password": "p", "clients": ["somewhere"]}}},
        {"accounts": {"u": {"password": "p"}}, "username": "v"},
        {"accounts": {"u": {"password": "p"}}, "username": "U", "password": "q"},
        {"officer_from": "both"},
    ],
    ids=str,
)
def test_what_does_not_go_together_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        BhytSettings.model_validate(given)


def test_a_mistake_is_named_and_does_not_show_the_secret(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text('[bhyt]\nusername = "u"\npassword_md5 = "bimat"\n', encoding="utf-8")
    with pytest.raises(
        ConfigError, match=r"a\.toml, line 1: bhyt: password_md5 has 32 hexadecimal digits"
    ) as caught:
        load_settings(file)
    assert "bimat" not in str(caught.value)


def test_saved_settings_reach_the_same_portal(tmp_path: Path) -> None:
    given = {
        "username": "u",
        "password": "mật khẩu",
        "accounts": {"01234_BV": {"password_md5": MD5, "clients": ["10.0.0.0/8"]}},
        "officers": {"01234_BV": OFFICER, "*": OFFICER},
    }
    written = Settings.model_validate({"bhyt": given, "data_dir": tmp_path})
    save_settings(written, tmp_path / "saved.toml")
    assert load_settings(tmp_path / "saved.toml").model_dump() == written.model_dump()


def test_secrets_do_not_show() -> None:
    given = {"username": "u", "password": "bimat", "accounts": {"v": {"password_md5": MD5}}}
    settings = BhytSettings.model_validate({**given, "officers": {"u": OFFICER}})
    assert not [secret for secret in ("bimat", MD5, *OFFICER.values()) if secret in repr(settings)]


@pytest.mark.parametrize("page", ["README.md", "vi.md"])
def test_the_examples_of_the_documentation_are_settings(page: str, tmp_path: Path) -> None:
    text = (ROOT / "docs" / "bhyt" / page).read_text(encoding="utf-8")
    examples = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    assert len(examples) == 3
    for number, example in enumerate(examples):
        file = tmp_path / f"{number}.toml"
        file.write_text(example, encoding="utf-8")
        assert load_settings(file).bhyt.enabled
