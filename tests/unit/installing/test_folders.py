"""install-dll for several folders: found, placed, renewed, undone; the folder that scripts copy from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PureWindowsPath

import pytest
from click.testing import CliRunner, Result

from bridge.cli.main import main
from bridge.installing import copies, dll, many, searching
from bridge.installing.copies import Copy, is_official_folder, look_at
from bridge.installing.placed import entries
from bridge.installing.registered import folder_of
from bridge.installing.searching import reason_to_leave, search
from tests.support.pe_headers import portable_executable, version_resource

DIGEST = b"0" * 64
STAMP = b"mapping table " + DIGEST
OFFICIAL_VERSION = version_resource(product=(5, 1, 5, 2))
OFFICIAL = portable_executable("x86", dll=True, content=b"the official DLL" + OFFICIAL_VERSION)
OFFICIAL_64 = portable_executable("x64", dll=True, content=b"the official DLL of 64 bits")
OURS = {
    "win32": portable_executable("x86", dll=True, content=STAMP),
    "win64": portable_executable("x64", dll=True, content=STAMP),
}
NEWER = {name: content + b" newer" for name, content in OURS.items()}
PROGRAM, PROGRAM_64 = portable_executable("x86"), portable_executable("x64")

Command = Callable[..., Result]


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A drive with nothing on it, what the bridge brings beside it, and nothing that runs."""
    monkeypatch.setenv("CSHIS_BRIDGE_DATA_DIR", str(tmp_path / "data"))
    bring(tmp_path, OURS)
    for module in (copies, dll, searching):
        monkeypatch.setattr(module, "library_folder", lambda: tmp_path / "brought")
    monkeypatch.setattr(searching, "loaded_copies", lambda: iter(()))
    monkeypatch.setattr(searching, "program_files", lambda: iter(()))
    monkeypatch.setattr(many, "search", lambda *roots: search(*roots or ([tmp_path / "C"],)))
    drive = tmp_path / "C"
    drive.mkdir()
    return drive


def bring(tmp_path: Path, libraries: dict[str, bytes]) -> None:
    for name, content in libraries.items():
        folder = tmp_path / "brought" / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "cshis.dll").write_bytes(content)


@pytest.fixture
def command() -> Command:
    def invoke(*words: object) -> Result:
        return CliRunner().invoke(main, ["install-dll", *map(str, words)])

    return invoke


def his(machine: Path, name: str, program: bytes | None = PROGRAM, dll: bytes | None = OFFICIAL) -> Path:
    folder = machine / name
    folder.mkdir(parents=True)
    if program is not None:
        (folder / "his.exe").write_bytes(program)
    if dll is not None:
        (folder / "cshis.dll").write_bytes(dll)
    return folder


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


# --- several ------------------------------------------------------------------------------------------------


def test_several_folders_each_with_the_dll_that_it_needs(machine: Path, command: Command) -> None:
    old, new = his(machine, "OLD"), his(machine, "NEW", PROGRAM_64, None)
    result = command(old, new)
    assert result.exit_code == 0, result.output
    assert (old / "cshis.dll").read_bytes() == OURS["win32"]
    assert (new / "cshis.dll").read_bytes() == OURS["win64"]
    assert [entry.folder for entry in entries()] == [new, old]
    assert {str(old), str(new)} <= set(result.output.splitlines())


def test_a_folder_that_fails_keeps_the_others_from_nothing(machine: Path, command: Command) -> None:
    bad, good = his(machine, "BAD", None, None), his(machine, "GOOD")
    result = command(bad, good)
    assert result.exit_code == 1
    assert "has no program for Windows" in result.output
    assert "1 of 2 folders failed" in result.output
    assert content(bad) == {}
    assert (good / "cshis.dll").read_bytes() == OURS["win32"]
    assert [entry.folder for entry in entries()] == [good]


def test_a_dll_in_use_says_who_has_it_and_nothing_is_half_done(
    machine: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy, free = his(machine, "BUSY"), his(machine, "FREE")
    before, opened = content(busy), Path.open

    def as_windows_does(path: Path, mode: str = "r", *more: object, **named: object) -> object:
        if path == busy / "cshis.dll" and "+" in mode:
            error = PermissionError(13, "Permission denied", str(path))
            error.winerror = 32  # type: ignore[attr-defined]
            raise error
        return opened(path, mode, *more, **named)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", as_windows_does)
    monkeypatch.setattr(dll, "users_of", lambda file: ["HIS.EXE (process 7)"])
    result = command(busy, free)
    monkeypatch.undo()
    assert result.exit_code == 1
    assert "is in use: end the programs" in result.output
    assert "HIS.EXE (process 7)" in result.output
    assert content(busy) == before
    assert (free / "cshis.dll").read_bytes() == OURS["win32"]


@pytest.mark.parametrize("program", [None, PROGRAM])
def test_the_dll_that_lies_there_decides_where_programs_do_not(
    machine: Path, command: Command, program: bytes | None
) -> None:
    folder = his(machine, "MIXED", program, OFFICIAL_64)
    (folder / "tool.exe").write_bytes(PROGRAM_64) if program else None
    assert command(folder).exit_code == 0
    assert (folder / "cshis.dll").read_bytes() == OURS["win64"]


# --- finding ------------------------------------------------------------------------------------------------


def test_find_lists_every_copy_and_changes_nothing(
    machine: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    official, ours = his(machine, "A/deep/er"), his(machine, "B")
    command(ours)
    copied = his(machine, "C", dll=OURS["win32"])
    monkeypatch.setattr(
        searching, "loaded_copies", lambda: iter([(official / "cshis.dll", "his.exe (process 5)")])
    )
    result = command("--find", "--root", machine)
    assert result.exit_code == 0
    said = paragraphs(result.output)
    of_official, of_ours, of_copied = (said[str(f / "cshis.dll")] for f in (official, ours, copied))
    assert "32-bit, version 5.1.5.2, sha256" in of_official
    assert "not the bridge's" in of_official
    assert "his.exe (process 5)" in of_official
    assert "the bridge's own, of this version" in of_ours
    assert "cshis.dll.before-bridge" in of_ours
    assert "not put there by install-dll" in of_copied
    assert "not put there by install-dll" not in of_ours
    assert content(official)["cshis.dll"] == OFFICIAL


def paragraphs(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    name = ""
    for line in text.splitlines():
        if line.startswith("  "):
            found[name] += line + "\n"
        else:
            name = line
            found[name] = ""
    return found


def test_find_leaves_out_what_the_bridge_brings_and_links(machine: Path, command: Command) -> None:
    his(machine, "program/native_libraries/win32", None)
    (machine / "again").symlink_to(his(machine, "HIS"))
    result = command("--find", "--root", machine)
    assert list(paragraphs(result.output)) == [str(machine / "HIS" / "cshis.dll")]


def test_find_says_when_the_time_did_not_suffice(machine: Path) -> None:
    his(machine, "HIS")
    assert search([machine], seconds=0).unfinished
    assert not search([machine]).unfinished


def test_found_takes_only_what_a_program_loads(machine: Path, command: Command) -> None:
    taken = his(machine, "HIS")
    left = {
        "scripts copy it": his(machine, "NHI/LIB", None),
        "no program beside it": his(machine, "backup", None),
        "no DLL of": his(machine, "broken", dll=b"MZ"),
    }
    result = command("--found", "--root", machine)
    assert result.exit_code == 0, result.output
    assert (taken / "cshis.dll").read_bytes() == OURS["win32"]
    for reason, folder in left.items():
        assert (folder / "cshis.dll").read_bytes() in (OFFICIAL, b"MZ"), reason
        assert reason in result.output


@pytest.mark.parametrize(
    ("folder", "official"),
    [
        (r"C:\NHI\BIN", True),
        (r"c:\nhi", True),
        (r"D:\NHI\LIB", True),
        (r"C:\HIS\NHI", False),
        ("C:\\", False),
    ],
)
def test_the_folders_of_the_official_software(folder: str, official: bool) -> None:
    assert is_official_folder(PureWindowsPath(folder)) is official


def test_a_copy_that_a_program_elsewhere_has_loaded_is_taken(machine: Path) -> None:
    copy = look_at(his(machine, "shared", None) / "cshis.dll")
    assert reason_to_leave(copy) is not None
    assert reason_to_leave(copy, ["java.exe (process 3)"]) is None


@pytest.mark.parametrize(
    ("text", "folder"),
    [
        (r'"C:\Program Files (x86)\HIS\his.exe" /run', r"C:\Program Files (x86)\HIS"),
        (r"C:\Program Files\HIS\his.exe,0", r"C:\Program Files\HIS"),
        (r"C:\vghtc\HIS.EXE -k netsvcs", r"C:\vghtc"),
        ("C:\\HIS\\", r"C:\HIS"),
        (r"C:\HIS;C:\Other", r"C:\HIS"),
        (r"\SystemRoot\System32\drivers\x.sys", None),
        ("MsiExec.exe /X{3B0C7B5E-7E5C-4C39-9C55-0C0B8B2F6A51}", None),
        ("", None),
    ],
)
def test_the_folder_that_the_registry_means(text: str, folder: str | None) -> None:
    assert folder_of(text) == (None if folder is None else PureWindowsPath(folder))


# --- all of them --------------------------------------------------------------------------------------------


def test_undo_everywhere(machine: Path, command: Command) -> None:
    folders = [his(machine, "A"), his(machine, "B", dll=None)]
    before = [content(folder) for folder in folders]
    assert command(*folders).exit_code == 0
    assert command("--undo").exit_code == 0
    assert [content(folder) for folder in folders] == before
    assert entries() == []
    assert command("--undo").output == "nothing to undo\n"


def test_undo_everywhere_goes_on_after_one_that_cannot(machine: Path, command: Command) -> None:
    changed, other, gone = his(machine, "A"), his(machine, "B"), his(machine, "D")
    assert command(changed, other, gone).exit_code == 0
    (changed / "cshis.dll").write_bytes(b"an update of the program")
    for file in gone.iterdir():
        file.unlink()
    gone.rmdir()
    result = command("--undo")
    assert result.exit_code == 1
    assert "was changed since it was placed" in result.output
    assert (other / "cshis.dll").read_bytes() == OFFICIAL
    assert [entry.folder for entry in entries()] == [changed]


def test_renew_puts_the_new_version_everywhere_and_nothing_else(
    machine: Path, command: Command, tmp_path: Path
) -> None:
    folder = his(machine, "HIS")
    command(folder)
    (folder / "cshis-bridge.ini").write_bytes(b"bridge=127.0.0.1:9\r\n")  # of somebody's own hand
    bring(tmp_path, NEWER)
    assert command("--renew").exit_code == 0
    found = content(folder)
    assert (found["cshis.dll"], found["cshis.dll.before-bridge"]) == (NEWER["win32"], OFFICIAL)
    assert found["cshis-bridge.ini"] == b"bridge=127.0.0.1:9\r\n"
    assert "in place already" in command("--renew").output
    (folder / "cshis-bridge.ini").write_bytes(b"bridge=127.0.0.1:5068\r\n")
    assert command("--undo").exit_code == 0
    assert content(folder) == {"his.exe": PROGRAM, "cshis.dll": OFFICIAL}


def test_renew_where_an_update_has_put_its_own_back(machine: Path, command: Command) -> None:
    folder = his(machine, "HIS")
    command(folder)
    (folder / "cshis.dll").write_bytes(OFFICIAL)
    result = command("--renew")
    assert result.exit_code == 1
    assert "not the bridge's any more" in result.output
    assert "not the bridge's any more" in entries()[0].failed
    assert command(folder).exit_code == 0  # the same that stood there before: it may be replaced again
    assert (folder / "cshis.dll").read_bytes() == OURS["win32"]
    assert entries()[0].failed == ""


def test_undo_where_the_former_dll_is_back_already(machine: Path, command: Command) -> None:
    folder = his(machine, "HIS")
    command(folder)
    (folder / "cshis.dll").write_bytes(OFFICIAL)
    assert command("--undo").exit_code == 0
    assert content(folder) == {"his.exe": PROGRAM, "cshis.dll": OFFICIAL}


# --- C:\NHI\LIB ---------------------------------------------------------------------------------------------


def test_the_folder_that_scripts_copy_from_only_where_it_is_wanted(machine: Path, command: Command) -> None:
    folder = his(machine, "nhi/Lib", None)
    result = command(folder)
    assert result.exit_code == 1
    assert "scripts of hospitals copy" in result.output
    assert content(folder) == {"cshis.dll": OFFICIAL}
    assert command(folder, "--allow-nhi-lib").exit_code == 0
    assert (folder / "cshis.dll").read_bytes() == OURS["win32"]


def test_no_recorder_where_scripts_copy_from(machine: Path, command: Command) -> None:
    folder = his(machine, "NHI/LIB")
    result = command(folder, "--recorder", "--allow-nhi-lib")
    assert result.exit_code == 1
    assert "no recorder" in result.output
    assert content(folder)["cshis.dll"] == OFFICIAL


def test_undo_takes_back_what_scripts_have_copied(machine: Path, command: Command) -> None:
    source, placed = his(machine, "NHI/LIB", None), his(machine, "A")
    assert command(source, "--allow-nhi-lib").exit_code == 0
    assert command(placed).exit_code == 0
    copied = his(machine, "B", dll=(source / "cshis.dll").read_bytes())  # what a script does
    other = his(machine, "D", dll=OFFICIAL_64)
    result = command("--undo", source)
    assert result.exit_code == 0, result.output
    assert (source / "cshis.dll").read_bytes() == (copied / "cshis.dll").read_bytes() == OFFICIAL
    assert (placed / "cshis.dll").read_bytes() == OURS["win32"]
    assert (other / "cshis.dll").read_bytes() == OFFICIAL_64


def test_what_a_script_has_copied_is_no_original(machine: Path, command: Command) -> None:
    folder = his(machine, "HIS", dll=OURS["win32"])
    assert command(folder).exit_code == 0
    assert "cshis.dll.before-bridge" not in content(folder)
    assert command("--undo", folder).exit_code == 0
    assert content(folder) == {"his.exe": PROGRAM}


# --- words that do not go together --------------------------------------------------------------------------


@pytest.mark.parametrize("words", [(), ("--find", "--undo"), ("--find", "."), ("--renew", ".")])
def test_words_that_do_not_go_together(command: Command, words: tuple[str, ...]) -> None:
    assert command(*words).exit_code == 2


def test_a_copy_knows_whose_it_is(machine: Path, command: Command, tmp_path: Path) -> None:
    folder = his(machine, "HIS")
    command(folder)
    copy: Copy = look_at(folder / "cshis.dll")
    assert (copy.kind, copy.current, copy.placed) == ("bridge", True, True)
    bring(tmp_path, NEWER)
    assert not look_at(folder / "cshis.dll").current
