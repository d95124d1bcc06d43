"""The facade's authority in the store of its user: asked for once, the former one taken away."""

from __future__ import annotations

import hashlib
import logging
import ssl
from pathlib import Path

import pytest

from bridge.app import Options, _may_be_trusted
from bridge.config import FacadeSettings, Settings
from bridge.serving import trust as trusting
from bridge.serving.certificate import ensure_certificate
from bridge.serving.trust import fingerprint, is_trusted, trust, untrust


class Store:
    """A store of a user who says yes or no."""

    def __init__(self, says_no: bool = False) -> None:
        self.asked: list[bytes] = []
        self.removed: list[bytes] = []
        self.says_no = says_no

    def add(self, certificate: bytes) -> None:
        self.asked.append(certificate)
        if self.says_no:
            raise OSError(1223, "The operation was canceled by the user.")

    def remove(self, sum_: bytes) -> bool:
        self.removed.append(sum_)
        return True


@pytest.fixture
def authority(tmp_path: Path) -> Path:
    return ensure_certificate(tmp_path / "certificate")[2]


def test_it_is_asked_once(authority: Path) -> None:
    store = Store()
    trust(authority, store.add, store.remove)
    trust(authority, store.add, store.remove)
    assert store.asked == [ssl.PEM_cert_to_DER_cert(authority.read_text())]
    assert store.removed == []
    assert fingerprint(authority) == hashlib.sha1(store.asked[0], usedforsecurity=False).digest()


def test_who_said_no_is_not_asked_again(authority: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = Store(says_no=True)
    with caplog.at_level(logging.WARNING):
        trust(authority, store.add, store.remove)
        trust(authority, store.add, store.remove)
    assert len(store.asked) == 1
    assert "browsers will warn" in caplog.text


def test_another_authority_takes_the_place_of_the_former(authority: Path) -> None:
    store, former = Store(), fingerprint(authority)
    trust(authority, store.add, store.remove)
    for file in authority.parent.glob("facade*"):
        file.unlink()
    ensure_certificate(authority.parent)
    trust(authority, store.add, store.remove)
    assert store.removed == [former]
    assert len(set(store.asked)) == 2


def test_what_cannot_be_read_or_noted_asks_nobody(authority: Path, tmp_path: Path) -> None:
    store = Store()
    trust(tmp_path / "nowhere.pem", store.add, store.remove)
    authority.with_name("trust.txt").mkdir()
    trust(authority, store.add, store.remove)
    assert store.asked == []


def test_removing_knows_the_one_that_is_there_and_the_one_that_was_asked_for(
    authority: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bytes] = []
    monkeypatch.setattr(trusting.root_store, "remove_from_all", lambda sum_, name: seen.append(sum_) or 2)
    authority.with_name("trust.txt").write_text(f"asked {'ab' * 20}\n")
    assert untrust(authority) == 4
    assert trusting.COMMON_NAME.encode() in ssl.PEM_cert_to_DER_cert(authority.read_text())
    assert set(seen) == {fingerprint(authority), b"\xab" * 20}
    assert untrust(authority.with_name("missing") / "facade-ca.pem") == 0


def test_where_nobody_can_tell(authority: Path) -> None:
    assert is_trusted(authority) is None


# --- for whom -----------------------------------------------------------------------------------------------


def options(data_dir: Path, simulate: bool = False) -> Options:
    return Options(simulate, None, None, None, 0, 0, None, None, data_dir, None)


@pytest.mark.parametrize(
    ("system", "trust_setting", "given", "elsewhere", "simulate", "service", "asked"),
    [
        ("win32", "user", None, False, False, False, True),
        ("linux", "user", None, False, False, False, False),
        ("win32", "off", None, False, False, False, False),
        ("win32", "user", Path("own.pem"), False, False, False, False),
        ("win32", "user", None, True, False, False, False),
        ("win32", "user", None, False, True, False, False),
        ("win32", "user", None, False, False, True, False),
    ],
)
def test_only_a_persons_own_bridge_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: str, trust_setting: str, given: Path | None,
    elsewhere: bool, simulate: bool, service: bool, asked: bool,
) -> None:  # fmt: skip
    monkeypatch.setattr("bridge.app.sys.platform", system)
    monkeypatch.setattr("bridge.app.runs_as_service", lambda: service)
    monkeypatch.setattr("bridge.app.chosen_data_dir", lambda: tmp_path)  # not out of a registry
    facade = FacadeSettings.model_validate(
        {"trust": trust_setting, "certificate_file": given, "key_file": given}
    )
    folder = tmp_path / "other" if elsewhere else tmp_path
    assert _may_be_trusted(options(folder, simulate), Settings(facade=facade)) is asked
