"""``cshis-bridge install-dll``: the right DLL into a program's folder, its ini file, and taking both back."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bridge.cli.main import main
from bridge.config import ChannelSettings
from bridge.errors import ConfigError
from bridge.installing import programs
from bridge.installing.ini import bridge_ini_windows
from tests.support.pe_headers import IL_ONLY, portable_executable

OFFICIAL = portable_executable("x86", dll=True, content=b"the official DLL")
OURS_32 = portable_executable("x86", dll=True, content=b"ours, 32 bits")
OURS_64 = portable_executable("x64", dll=True, content=b"ours, 64 bits")
PROGRAM_32, PROGRAM_64 = portable_executable("x86"), portable_executable("x64")
ANY_CPU = portable_executable("x86", net_flags=IL_ONLY)
INI = b"bridge=127.0.0.1:6001\r\n"

Install = Callable[..., Result]


@pytest.fixture(autouse=True)
def _own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it is noted what was placed."""
    monkeypatch.setenv("CSHIS_BRIDGE_DATA_DIR", str(tmp_path / "data"))


@pytest.fixture
def clinic(tmp_path: Path) -> Path:
    """The folder of a hospital program, without programs yet."""
    folder = tmp_path / "HIS"
    folder.mkdir()
    return folder


@pytest.fixture
def dll_dir(tmp_path: Path) -> Path:
    for name, content in (("win32", OURS_32), ("win64", OURS_64)):
        (tmp_path / "built" / name).mkdir(parents=True)
        (tmp_path / "built" / name / "cshis.dll").write_bytes(content)
    return tmp_path / "built"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    made = tmp_path / "config.toml"
    made.write_text("[channel]\nport = 6001\n", encoding="utf-8")
    return made


@pytest.fixture
def install(clinic: Path, dll_dir: Path, config: Path) -> Install:
    def invoke(*further: object) -> Result:
        given = [clinic, "--dll-dir", dll_dir, "--config", config, *further]
        return CliRunner().invoke(main, ["install-dll", *map(str, given)])

    return invoke


def listed(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def refused(result: Result, *words: str) -> None:
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    for word in words:
        assert word in result.output


# --- installing ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("program", "dll"), [(PROGRAM_32, OURS_32), (PROGRAM_64, OURS_64)])
def test_the_dll_of_the_programs_bitness(clinic: Path, install: Install, program: bytes, dll: bytes) -> None:
    (clinic / "CLINIC.EXE").write_bytes(program)
    result = install()
    assert result.exit_code == 0, result.output
    assert (clinic / "cshis.dll").read_bytes() == dll
    assert (clinic / "cshis-bridge.ini").read_bytes() == INI
    assert not list(clinic.glob("*.before-bridge"))


def test_the_dll_before_is_kept_and_never_overwritten(clinic: Path, install: Install, dll_dir: Path) -> None:
    (clinic / "clinic.exe").write_bytes(PROGRAM_32)
    (clinic / "cshis.dll").write_bytes(OFFICIAL)
    assert install().exit_code == 0
    newer = OURS_32 + b", newer"
    (dll_dir / "win32" / "cshis.dll").write_bytes(newer)
    assert install().exit_code == 0
    assert (clinic / "cshis.dll").read_bytes() == newer
    assert (clinic / "cshis.dll.before-bridge").read_bytes() == OFFICIAL


def test_again_changes_nothing(clinic: Path, install: Install) -> None:
    (clinic / "clinic.exe").write_bytes(PROGRAM_32)
    (clinic / "cshis.dll").write_bytes(OFFICIAL)
    install()
    before = listed(clinic)
    result = install()
    assert (result.exit_code, result.output) == (0, "in place already\n")
    assert listed(clinic) == before


def test_a_dll_in_capitals_is_the_same_one(clinic: Path, install: Install) -> None:
    (clinic / "clinic.exe").write_bytes(PROGRAM_32)
    (clinic / "CSHIS.DLL").write_bytes(OFFICIAL)
    before = listed(clinic)
    assert install().exit_code == 0
    assert (clinic / "CSHIS.DLL").read_bytes() == OURS_32
    assert not (clinic / "cshis.dll").exists()
    assert install("--undo").exit_code == 0
    assert listed(clinic) == before


# --- which program ------------------------------------------------------------------------------------------


def test_programs_of_one_kind_need_no_choice(clinic: Path, install: Install) -> None:
    for name in ("clinic.exe", "unins000.exe"):
        (clinic / name).write_bytes(PROGRAM_32)
    (clinic / "OLD.EXE").write_bytes(b"MZ a program for DOS".ljust(100, b"\0"))
    assert install().exit_code == 0
    assert (clinic / "cshis.dll").read_bytes() == OURS_32


def test_programs_of_several_kinds_need_one(clinic: Path, install: Install) -> None:
    (clinic / "clinic.exe").write_bytes(PROGRAM_64)
    (clinic / "setup.exe").write_bytes(PROGRAM_32)
    before = listed(clinic)
    refused(install(), "clinic.exe (64-bit), setup.exe (32-bit)", "--program")
    assert listed(clinic) == before
    assert install("--program", "clinic.exe").exit_code == 0
    assert (clinic / "cshis.dll").read_bytes() == OURS_64


def test_a_folder_without_programs_needs_one(clinic: Path, install: Install, tmp_path: Path) -> None:
    (clinic / "his.jar").write_bytes(b"PK")
    refused(install(), "has no program for Windows", "--program")
    (tmp_path / "java.exe").write_bytes(PROGRAM_64)
    assert install("--program", tmp_path / "java.exe").exit_code == 0
    assert (clinic / "cshis.dll").read_bytes() == OURS_64


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "there is no program"),
        (b"PK", "no program of 32 or 64 bits"),
        (portable_executable("ARM64"), "made for ARM64: there is no cshis.dll"),
    ],
)
def test_a_named_program_that_cannot_be_served(
    clinic: Path, install: Install, content: bytes | None, words: str
) -> None:
    (clinic / "clinic.exe").write_bytes(PROGRAM_32)
    if content is not None:
        (clinic / "other.exe").write_bytes(content)
    refused(install("--program", "other.exe"), words)
    assert not (clinic / "cshis.dll").exists()


def test_only_arm_programs(clinic: Path, install: Install) -> None:
    (clinic / "clinic.exe").write_bytes(portable_executable("ARM64"))
    refused(install(), "ARM64", "32-bit or x64 edition")


def test_a_program_of_other_bitness_than_the_dll_it_is_said_to_load(clinic: Path, install: Install) -> None:
    (clinic / "viewer.exe").write_bytes(PROGRAM_64)
    (clinic / "cshis.dll").write_bytes(OFFICIAL)
    before = listed(clinic)
    refused(install("--program", "viewer.exe"), "64-bit, but the cshis.dll", "32-bit")
    assert listed(clinic) == before


def test_the_bitness_of_the_dll_before_counts_also_after_installing(clinic: Path, install: Install) -> None:
    (clinic / "clinic.exe").write_bytes(PROGRAM_32)
    (clinic / "cshis.dll").write_bytes(OFFICIAL)
    install()
    (clinic / "viewer.exe").write_bytes(PROGRAM_64)
    refused(install("--program", "viewer.exe"), "but the cshis.dll")


def test_a_new_edition_of_the_program_with_other_bitness(clinic: Path, install: Install) -> None:
    (clinic / "clinic.exe").write_bytes(PROGRAM_32)
    install()
    (clinic / "clinic.exe").write_bytes(PROGRAM_64)
    assert install().exit_code == 0
    assert (clinic / "cshis.dll").read_bytes() == OURS_64


@pytest.mark.parametrize(
    ("before", "machine", "dll"),
    [(OFFICIAL, "AMD64", OURS_32), (None, "AMD64", OURS_64), (None, "x86", OURS_32), (b"", "AMD64", OURS_64)],
)
def test_a_net_program_of_any_cpu(
    clinic: Path,
    install: Install,
    monkeypatch: pytest.MonkeyPatch,
    before: bytes | None,
    machine: str,
    dll: bytes,
) -> None:
    monkeypatch.setattr(programs.platform, "machine", lambda: machine)
    (clinic / "clinic.exe").write_bytes(ANY_CPU)
    if before is not None:
        (clinic / "cshis.dll").write_bytes(before)
    assert install().exit_code == 0
    assert (clinic / "cshis.dll").read_bytes() == dll


# --- undoing ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "before", [{}, {"cshis.dll": OFFICIAL}, {"cshis.dll": b"", "cshis-bridge.ini": b"bridge=x"}]
)
def test_undo_restores_exactly_what_was_there(
    clinic: Path, install: Install, before: dict[str, bytes]
) -> None:
    (clinic / "clinic.exe").write_bytes(PROGRAM_32)
    for name, content in before.items():
        (clinic / name).write_bytes(content)
    at_first = listed(clinic)
    assert install().exit_code == 0
    assert listed(clinic) != at_first
    assert install("--undo").exit_code == 0
    assert listed(clinic) == at_first
    assert install("--undo").output == "nothing to undo\n"


def test_undo_needs_neither_the_built_dll_nor_a_program(
    clinic: Path, install: Install, dll_dir: Path
) -> None:
    (clinic / "clinic.exe").write_bytes(PROGRAM_32)
    install()
    (clinic / "clinic.exe").unlink()
    (dll_dir / "win32" / "cshis.dll").unlink()
    assert install("--undo").exit_code == 0
    assert listed(clinic) == {}


def test_undo_leaves_a_dll_that_somebody_put_there_since(clinic: Path, install: Install) -> None:
    (clinic / "clinic.exe").write_bytes(PROGRAM_32)
    (clinic / "cshis.dll").write_bytes(OFFICIAL)
    install()
    (clinic / "cshis.dll").write_bytes(b"an update of the program's maker")
    before = listed(clinic)
    refused(install("--undo"), "was changed since it was placed")
    assert listed(clinic) == before


def test_undo_is_whole_or_not_at_all(clinic: Path, install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the second of its files may not be deleted."""
    (clinic / "clinic.exe").write_bytes(PROGRAM_32)
    (clinic / "cshis.dll").write_bytes(OFFICIAL)
    at_first = listed(clinic)
    install()
    before, delete = listed(clinic), Path.unlink

    def refuse(path: Path, missing_ok: bool = False) -> None:
        if path.name == "cshis-bridge.ini":
            raise PermissionError(13, "Permission denied", str(path))
        delete(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", refuse)
    refused(install("--undo"), "cshis-bridge.ini", "not permitted")
    monkeypatch.undo()
    assert listed(clinic) == before
    assert install("--undo").exit_code == 0
    assert listed(clinic) == at_first


def test_undo_says_when_what_was_kept_is_not_what_it_restores(clinic: Path, install: Install) -> None:
    (clinic / "clinic.exe").write_bytes(PROGRAM_32)
    (clinic / "cshis.dll").write_bytes(OFFICIAL)
    install()
    (clinic / "cshis.dll.before-bridge").write_bytes(b"another")
    done = install("--undo")
    assert (done.exit_code, (clinic / "cshis.dll").read_bytes()) == (0, b"another")
    assert f"{clinic / 'cshis.dll'} is not the file that was kept" in done.output


def test_undo_where_the_drive_numbers_no_files(
    clinic: Path, install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    (clinic / "clinic.exe").write_bytes(PROGRAM_32)
    (clinic / "cshis.dll").write_bytes(OFFICIAL)
    install()
    monkeypatch.setattr("os.path.samestat", lambda first, second: True)
    lstat = Path.lstat
    numberless = type("Stat", (), {"st_ino": 0, "st_mode": 0o100644})
    monkeypatch.setattr("os.lstat", lambda path, **more: numberless() if Path(path).exists() else lstat(path))
    assert install("--undo").exit_code == 0
    assert (clinic / "cshis.dll").read_bytes() == OFFICIAL


# --- refusals -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["missing", "clinic.exe"])
def test_a_folder_that_is_none(clinic: Path, name: str) -> None:
    (clinic / "clinic.exe").write_bytes(PROGRAM_32)
    result = CliRunner().invoke(main, ["install-dll", str(clinic / name)])
    assert result.exit_code == 2
    assert name in result.output
    assert "does not exist" in result.output or "is a file" in result.output


def test_a_dll_that_is_not_built(clinic: Path, install: Install, dll_dir: Path) -> None:
    (clinic / "clinic.exe").write_bytes(PROGRAM_64)
    (dll_dir / "win64" / "cshis.dll").unlink()
    refused(install(), "does not exist", "make native-windows", "--dll-dir")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (OURS_64, "is 64-bit, and the program needs a 32-bit DLL"),
        (PROGRAM_32, "is a program, not a DLL"),
        (OURS_32[:100], "ends within its headers"),
    ],
)
def test_a_built_dll_that_is_not_what_it_should_be(
    clinic: Path, install: Install, dll_dir: Path, content: bytes, words: str
) -> None:
    (clinic / "clinic.exe").write_bytes(PROGRAM_32)
    (dll_dir / "win32" / "cshis.dll").write_bytes(content)
    refused(install(), words)
    assert list(listed(clinic)) == ["clinic.exe"]


def test_a_backup_of_unknown_origin(clinic: Path, install: Install) -> None:
    (clinic / "clinic.exe").write_bytes(PROGRAM_32)
    (clinic / "cshis.dll").write_bytes(OFFICIAL)
    (clinic / "cshis.dll.before-bridge").write_bytes(b"somebody's")
    before = listed(clinic)
    refused(install(), "cshis.dll.before-bridge exists", "move it away")
    assert listed(clinic) == before


@pytest.mark.parametrize("undoing", [False, True])
@pytest.mark.parametrize(
    ("number", "words"), [(32, "is in use: end the programs"), (5, "not permitted"), (None, "not permitted")]
)
def test_a_dll_that_windows_does_not_let_go(
    clinic: Path,
    install: Install,
    monkeypatch: pytest.MonkeyPatch,
    number: int | None,
    words: str,
    undoing: bool,
) -> None:
    (clinic / "clinic.exe").write_bytes(PROGRAM_32)
    (clinic / "cshis.dll").write_bytes(OFFICIAL)
    if undoing:
        install()
    before = listed(clinic)
    opened = Path.open

    def as_windows_does(path: Path, mode: str = "r", *further: object, **named: object) -> object:
        if path == clinic / "cshis.dll" and "+" in mode:
            error = PermissionError(13, "Permission denied", str(path))
            if number is not None:
                error.winerror = number  # type: ignore[attr-defined, unused-ignore]
            raise error
        return opened(path, mode, *further, **named)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", as_windows_does)
    refused(install(*(["--undo"] if undoing else [])), "cshis.dll", words)
    monkeypatch.undo()
    assert listed(clinic) == before


def test_a_fault_in_the_middle_leaves_what_was_there(
    clinic: Path, install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    (clinic / "clinic.exe").write_bytes(PROGRAM_32)
    (clinic / "cshis.dll").write_bytes(OFFICIAL)
    before = listed(clinic)
    opened = Path.open

    def full(path: Path, mode: str = "r", *further: object, **named: object) -> object:
        if "ini" in path.name and mode == "xb":
            raise OSError(28, "No space left on device", str(path))
        return opened(path, mode, *further, **named)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", full)
    refused(install(), "No space left on device")
    monkeypatch.undo()
    assert listed(clinic) == before


def test_settings_without_a_fixed_port(clinic: Path, install: Install, config: Path) -> None:
    (clinic / "clinic.exe").write_bytes(PROGRAM_32)
    config.write_text("[channel]\nport = 0\n", encoding="utf-8")
    refused(install(), "channel.port is 0")


# --- the ini file -------------------------------------------------------------------------------------------


def test_the_token_file_stands_in_the_code_page_of_windows(tmp_path: Path) -> None:
    channel = ChannelSettings(host="::", port=6001, token_file=tmp_path / "王診所" / "token")
    lines = bridge_ini_windows(channel).decode("cp950").split("\r\n")
    assert lines == ["bridge=[::1]:6001", f"token_file={tmp_path / '王診所' / 'token'}", ""]


def test_a_token_file_that_a_program_of_windows_could_not_open(tmp_path: Path) -> None:
    channel = ChannelSettings(token_file=tmp_path / "游錫堃" / "token")
    with pytest.raises(ConfigError, match="堃 in its path"):
        bridge_ini_windows(channel)


def test_the_record_says_what_was_placed(clinic: Path, install: Install) -> None:
    (clinic / "clinic.exe").write_bytes(PROGRAM_32)
    (clinic / "cshis.dll").write_bytes(OFFICIAL)
    install()
    record = json.loads((clinic / "cshis.dll.cshis-bridge.json").read_text(encoding="utf-8"))
    assert {name: entry["backup"] for name, entry in record["files"].items()} == {
        "cshis.dll": "cshis.dll.before-bridge",
        "cshis-bridge.ini": None,
    }


# --- the recorder -------------------------------------------------------------------------------------------

DIGEST = b"0" * 64
RECORDER_32 = portable_executable("x86", dll=True, content=b"cshis-bridge recorder of table " + DIGEST)


@pytest.fixture
def recorders(dll_dir: Path) -> None:
    (dll_dir / "win32" / "recorder").mkdir()
    (dll_dir / "win32" / "recorder" / "cshis.dll").write_bytes(RECORDER_32)


@pytest.fixture
def in_use(clinic: Path, recorders: None) -> dict[str, bytes]:
    """A program with the official DLL, as it is before."""
    (clinic / "CLINIC.EXE").write_bytes(PROGRAM_32)
    (clinic / "cshis.dll").write_bytes(OFFICIAL)
    return listed(clinic)


def test_recorder_before_the_official_dll_and_back(
    clinic: Path, install: Install, in_use: dict[str, bytes]
) -> None:
    result = install("--recorder")
    assert result.exit_code == 0, result.output
    found = listed(clinic)
    assert (found["cshis.dll"], found["cshis_original.dll"]) == (RECORDER_32, OFFICIAL)
    assert set(found) - set(in_use) == {"cshis_original.dll", "cshis.dll.cshis-bridge.json"}
    assert install("--recorder").output == "in place already\n"
    assert install("--undo").exit_code == 0
    assert listed(clinic) == in_use


def test_recorder_that_compares(clinic: Path, install: Install, in_use: dict[str, bytes]) -> None:
    assert install("--recorder", "--compare").exit_code == 0
    found = listed(clinic)
    assert (found["cshis-recorder.ini"], found["cshis-bridge.ini"]) == (b"mode=compare\r\n", INI)
    assert install("--undo").exit_code == 0
    assert listed(clinic) == in_use


def test_recorder_and_bridge_do_not_take_each_other_s_place(
    clinic: Path, dll_dir: Path, install: Install, in_use: dict[str, bytes]
) -> None:
    assert install("--recorder").exit_code == 0
    refused(install(), "is the recorder", "--undo")
    assert install("--undo").exit_code == 0
    ours = portable_executable("x86", dll=True, content=b"mapping table " + DIGEST)
    (dll_dir / "win32" / "cshis.dll").write_bytes(ours)
    assert install().exit_code == 0
    refused(install("--recorder"), "is the bridge's own", "--undo")
    assert (clinic / "cshis.dll").read_bytes() == ours


def test_recorder_without_an_official_dll(clinic: Path, install: Install, recorders: None) -> None:
    (clinic / "CLINIC.EXE").write_bytes(PROGRAM_32)
    refused(install("--recorder"), "there is no cshis.dll")
    (clinic / "cshis.dll").write_bytes(b"MZ")
    refused(install("--recorder"), "is no DLL of 32 or 64 bits")
    (clinic / "cshis.dll").write_bytes(RECORDER_32)
    refused(install("--recorder"), "is a recorder already")


def test_recorder_of_the_wrong_bitness(clinic: Path, install: Install, in_use: dict[str, bytes]) -> None:
    (clinic / "CLINIC.EXE").write_bytes(PROGRAM_64)
    refused(install("--recorder"), "64-bit", "32-bit")
    (clinic / "CLINIC.EXE").write_bytes(PROGRAM_32)
    (clinic / "cshis_original.dll").write_bytes(b"whatever")
    refused(install("--recorder"), "cshis_original.dll exists")


def test_compare_is_for_the_recorder(install: Install) -> None:
    assert install("--compare").exit_code == 2
