"""What the installer is told, does and takes back for the whole machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.installing import copies, dll, machine_setup, many, searching
from bridge.installing.given import Given
from bridge.installing.machine_setup import check_settings, clear_folders, set_up_folders
from bridge.installing.placed import entries
from bridge.installing.searching import search
from bridge.installing.user_data import remove_data
from tests.support.pe_headers import portable_executable

OFFICIAL = portable_executable("x86", dll=True, content=b"the official DLL")
OURS = portable_executable("x86", dll=True, content=b"mapping table " + b"0" * 64)


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CSHIS_BRIDGE_DATA_DIR", str(tmp_path / "data"))
    (tmp_path / "brought" / "win32").mkdir(parents=True)
    (tmp_path / "brought" / "win32" / "cshis.dll").write_bytes(OURS)
    for module in (copies, dll, searching):
        monkeypatch.setattr(module, "library_folder", lambda: tmp_path / "brought")
    monkeypatch.setattr(searching, "loaded_copies", lambda: iter(()))
    monkeypatch.setattr(searching, "program_files", lambda: iter(()))
    for asking in (many, machine_setup):
        monkeypatch.setattr(asking, "search", lambda: search([tmp_path / "C"]))
    (tmp_path / "C").mkdir()
    return tmp_path / "C"


def his(machine: Path, name: str) -> Path:
    folder = machine / name
    folder.mkdir(parents=True)
    (folder / "his.exe").write_bytes(portable_executable("x86"))
    (folder / "cshis.dll").write_bytes(OFFICIAL)
    return folder


@pytest.mark.parametrize(
    ("text", "folders", "finds"),
    [
        ("", [], False),
        ("/C/A;/C/B", ["/C/A", "/C/B"], False),
        (' "/C/A" ; auto;', ["/C/A"], True),
        ("AUTO", [], True),
    ],
)
def test_the_folders_that_the_installer_was_told(text: str, folders: list[str], finds: bool) -> None:
    given = Given(his_folders=text)
    assert ([str(folder) for folder in given.folders], given.finds) == (folders, finds)


@pytest.mark.parametrize(("text", "allowed"), [("", False), ("0", False), ("1", True), ("Yes", True)])
def test_the_folder_of_scripts_has_to_be_allowed(machine: Path, text: str, allowed: bool) -> None:
    boot = his(machine, "NHI/LIB")
    lines = list(set_up_folders(Given(his_folders=str(boot), nhi_lib=text)))
    assert ((boot / "cshis.dll").read_bytes() == OURS) is allowed
    assert any("scripts of hospitals copy" in line for line in lines) is not allowed


def test_what_failed_is_tried_again_the_next_time(machine: Path) -> None:
    (line,) = set_up_folders(Given(his_folders=str(machine / "HIS")))
    assert line.startswith(f"FAILED: {machine / 'HIS'}")
    folder = his(machine, "HIS")
    list(set_up_folders(Given()))
    assert (folder / "cshis.dll").read_bytes() == OURS
    assert [entry.failed for entry in entries()] == [""]


def test_a_folder_that_depends_on_where_one_stands_is_refused(machine: Path) -> None:
    """The installer stands somewhere else than whoever wrote it."""
    (line,) = set_up_folders(Given(his_folders="HIS"))
    assert line.startswith("FAILED: HIS: a full path is needed")
    assert entries() == []


def test_settings_with_which_no_bridge_starts_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody sees that a program without a window does not start."""
    assert list(check_settings()) == []
    monkeypatch.setenv("CSHIS_BRIDGE_CHANNEL__PORT", "abc")
    (line,) = check_settings()
    assert line.startswith("FAILED: the bridge does not start with these settings: ")
    assert "channel.port: must be a whole number" in line


def test_what_is_found_and_what_is_left(machine: Path) -> None:
    folder, boot = his(machine, "HIS"), his(machine, "NHI/LIB")
    lines = list(set_up_folders(Given(his_folders="auto")))
    assert (folder / "cshis.dll").read_bytes() == OURS
    assert (boot / "cshis.dll").read_bytes() == OFFICIAL
    assert any(line.startswith(f"left as it is: {boot}") for line in lines)


def test_clearing_restores_and_says_what_it_could_not(machine: Path) -> None:
    one, other = his(machine, "A"), his(machine, "B")
    list(set_up_folders(Given(his_folders=f"{one};{other}")))
    (other / "cshis.dll").write_bytes(b"an update of the program")
    lines, well = clear_folders()
    assert (one / "cshis.dll").read_bytes() == OFFICIAL
    assert not well
    assert any(line.startswith(f"FAILED: {other}") for line in lines)
    (other / "cshis.dll").write_bytes(OURS)
    assert clear_folders()[1]


# --- data ---------------------------------------------------------------------------------------------------


def filled(folder: Path) -> Path:
    (folder / "certificate").mkdir(parents=True)
    for name in ("journal.sqlite3", "journal.sqlite3-wal", "config.toml", "certificate/facade.key"):
        (folder / name).write_text("x", encoding="utf-8")
    return folder


def test_a_data_folder_goes_with_all_that_the_bridge_made(tmp_path: Path) -> None:
    folder = filled(tmp_path / "cshis-bridge")
    assert remove_data(folder) == ""
    assert not folder.exists()
    assert remove_data(folder) == ""


def test_what_the_bridge_did_not_make_stays_and_is_told(tmp_path: Path) -> None:
    folder = filled(tmp_path / "cshis-bridge")
    (folder / "letter.txt").write_text("x", encoding="utf-8")
    assert "letter.txt" in remove_data(folder)
    assert [path.name for path in folder.iterdir()] == ["letter.txt"]


@pytest.mark.parametrize("name", ["cshis-bridge", "cshis-bridge/certificate"])
def test_nothing_behind_a_link_is_deleted(tmp_path: Path, name: str) -> None:
    """This runs with the rights of the system, and whoever owns the folder may lay a link there."""
    elsewhere = filled(tmp_path / "elsewhere")
    folder = tmp_path / "home" / name
    folder.parent.mkdir(parents=True)
    folder.symlink_to(elsewhere if name == "cshis-bridge" else elsewhere / "certificate")
    assert remove_data(tmp_path / "home" / "cshis-bridge") != ""
    assert (elsewhere / "journal.sqlite3").is_file()
    assert (elsewhere / "certificate" / "facade.key").is_file()
