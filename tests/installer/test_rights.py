"""Who may use what the bridge writes, as the installed Python sets it and sees it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

import pytest

from tests.installer.conftest import Package
from tests.installer.windows import Windows

BEGINNING = """
import logging, os, pathlib
from bridge import private_files as p
from bridge.windows import rights as r, security as s
logging.basicConfig(format="%(message)s", handlers=[logging.StreamHandler(__import__("sys").stdout)])
me = s.user_sid()
base = pathlib.Path(r"C:\\rights")
def who(file): return r.others(s.rights_of(file), (me,))
"""


@pytest.fixture(scope="module", autouse=True)
def _installed(windows: Windows, package: Package) -> Iterator[None]:
    if not windows.folder.exists():
        assert windows.msiexec("/i", package.msi, "START=none") == 0
    (windows.drive / "rights").mkdir()
    yield
    assert windows.msiexec("/x", package.msi) == 0


def said(windows: Windows, code: str) -> list[str]:
    return windows.python(BEGINNING + textwrap.dedent(code)).replace("\r", "").splitlines()


def test_what_is_made_is_private_from_its_first_moment(windows: Windows) -> None:
    found = said(
        windows,
        """
        print(who(base))
        p.make_private_folder(base / "above" / "own"); print(who(base / "above" / "own"))
        d = s.open_file(base / "file", os.O_RDWR, s.own_list(folder=False)); print(who(d)); os.close(d)
        p.write_private(base / "text", "a"); print(who(base / "text"))
        d = p.create_private(base / "new"); print(who(d)); os.write(d, b"a\\n"); os.close(d)
        print((base / "new").read_bytes())
        p.touch_private(base / "touched"); print(who(base / "touched"))
        """,
    )
    assert found == ["('S-1-1-0',)", "()", "()", "()", "()", "b'a\\n'", "()"]


def test_what_was_open_is_closed_and_said(windows: Windows) -> None:
    found = said(
        windows,
        """
        data = base / "data"; data.mkdir(); (data / "old").write_text("a")
        print(who(data), who(data / "old"))
        p.private_directory(data); print(who(data))
        os.close(p.open_private(data / "old")); print(who(data / "old"), (data / "old").read_text())
        """,
    )
    assert found[0] == "('S-1-1-0',) ('S-1-1-0',)"
    assert r"C:\rights\data was open to" in found[1]
    assert found[2:] == ["()", "() a"]


def test_what_is_there_is_opened_as_before(windows: Windows) -> None:
    """Appended to, emptied, refused where a new one is wanted; a device stays what it is."""
    found = said(
        windows,
        """
        file = base / "log"; file.write_text("one ")
        with open(file, "a", opener=lambda f, flags: p.open_private(base / "log", flags)) as f: f.write("two")
        print(file.read_text())
        os.close(p.open_private(file, os.O_RDWR | os.O_TRUNC)); print(file.stat().st_size)
        try: p.create_private(file)
        except FileExistsError: print("is there")
        try: p.open_private(base / "nowhere" / "file")
        except FileNotFoundError: print("no folder")
        os.close(p.open_private(pathlib.Path("NUL"))); print("nul")
        """,
    )
    assert found == ["one two", "0", "is there", "no folder", "nul"]


def test_a_key_that_everybody_may_read_is_refused(windows: Windows) -> None:
    found = said(
        windows,
        """
        key = base / "key"; key.write_text("a")
        try: p.check_secret_file(key, "facade.key_file")
        except p.ConfigError as error: print(error)
        s.set_list(key, s.own_list(folder=False)); p.check_secret_file(key, "facade.key_file"); print("good")
        print(p.strangers(key), p.is_foreign(key))
        """,
    )
    assert found[0].startswith(
        r"facade.key_file C:\rights\key may be read by every user; as its owner: icacls"
    )
    assert found[1:] == ["good", "() False"]


def test_doctor_says_who_else_may_read(windows: Windows) -> None:
    """The first time an open folder, then one that a bridge has closed."""
    data = windows.drive / "rights" / "looked-at"
    data.mkdir()
    (data / "journal.sqlite3").write_bytes(b"")
    asked = windows.run(windows.folder / "cshis-bridge.exe", "doctor", "--data-dir", r"C:\rights\looked-at")
    asked.wait(120)
    assert r"others can use C:\rights\looked-at\journal.sqlite3: Everyone" in asked.text
    assert "icacls" in asked.text
    said(windows, 'p.private_directory(base / "looked-at")')
    asked = windows.run(windows.folder / "cshis-bridge.exe", "doctor", "--data-dir", r"C:\rights\looked-at")
    asked.wait(120)
    assert "only its owner can read keys, journal and token" in asked.text
