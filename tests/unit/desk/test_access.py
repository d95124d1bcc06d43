"""Keys, links and sessions: how often and how long they are good."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.desk.access import (
    KEY_FILE,
    LINK_SECONDS,
    MOST_LINKS,
    MOST_SESSIONS,
    SESSION_SECONDS,
    Access,
    forget_key,
    read_key,
)
from bridge.errors import ConfigError


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def access(clock: Clock, tmp_path: Path) -> Access:
    made = Access(clock)
    made.leave_key(tmp_path)
    return made


def link(access: Access, folder: Path) -> str:
    token = access.link(read_key(folder))
    assert token is not None
    return token


def session(access: Access, folder: Path) -> str:
    token = access.enter(link(access, folder))
    assert token is not None
    return token


def test_a_link_is_good_once_and_for_a_short_time(access: Access, clock: Clock, tmp_path: Path) -> None:
    first, second = link(access, tmp_path), link(access, tmp_path)
    assert access.enter(first) is not None
    assert access.enter(first) is None
    clock.now += LINK_SECONDS
    assert access.enter(second) is None
    clock.now -= LINK_SECONDS
    assert access.enter(second) is None  # one try too late is one try


def test_each_token_is_good_for_its_own_thing(access: Access, tmp_path: Path) -> None:
    key, a_link, a_session = read_key(tmp_path), link(access, tmp_path), session(access, tmp_path)
    assert access.link(a_link) is access.link(a_session) is access.link("") is None
    assert access.enter(key) is access.enter(a_session) is access.enter("") is None
    assert [access.admits(each) for each in (key, a_link, "", a_session)] == [False, False, False, True]


def test_a_session_goes_on_by_being_used_and_ends(access: Access, clock: Clock, tmp_path: Path) -> None:
    token = session(access, tmp_path)
    for _ in range(3):
        clock.now += SESSION_SECONDS - 1
        assert access.admits(token)
    access.leave(token)
    assert not access.admits(token)
    token = session(access, tmp_path)
    clock.now += SESSION_SECONDS
    assert not access.admits(token)


def test_there_are_not_many_of_them(access: Access, tmp_path: Path) -> None:
    links = [link(access, tmp_path) for _ in range(MOST_LINKS + 1)]
    assert access.enter(links[0]) is None
    first = session(access, tmp_path)
    kept = session(access, tmp_path)
    for _ in range(MOST_SESSIONS - 1):
        assert access.admits(kept)
        session(access, tmp_path)
    assert not access.admits(first)
    assert access.admits(kept)


def test_without_a_key_nothing_is_a_key() -> None:
    assert Access().link("") is None


def test_the_key_is_its_users_alone_and_goes_with_the_bridge(access: Access, tmp_path: Path) -> None:
    file = tmp_path / KEY_FILE
    assert file.stat().st_mode & 0o077 == 0
    before = read_key(tmp_path)
    access.leave_key(tmp_path)
    assert access.link(before) is None
    assert access.link(read_key(tmp_path)) is not None
    forget_key(file)
    with pytest.raises(ConfigError, match="restart it"):
        read_key(tmp_path)


def test_without_room_for_a_key_nobody_opens_the_page_and_the_bridge_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    access = Access()
    missing = access.leave_key(tmp_path / "no such folder")
    assert "nobody can open the desk" in caplog.text
    assert access.link("") is None
    forget_key(missing)
