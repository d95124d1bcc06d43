"""What the doctor says of cshis.dll in a program's folder, and of the library on Linux."""

from __future__ import annotations

import platform
import struct
from pathlib import Path

import pytest

from bridge.config import ChannelSettings
from bridge.doctor.finding import Finding
from bridge.doctor.libraries import check_linux, check_program
from bridge.installing.stamps import table_digest
from bridge.table.model.rows import Table
from native.build import CLIENT, build, library_folder
from tests.support.pe_headers import portable_executable

CHANNEL = ChannelSettings()
MACHINES = {"x86_64": 62, "aarch64": 183}
here = pytest.mark.skipif(platform.machine() not in MACHINES, reason="a machine of another kind")


def stamp(digest: str, wide: bool = True) -> bytes:
    return f"mapping table {digest}".encode("utf-16-le" if wide else "ascii")


def folder(tmp_path: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def look(program: Path, table: Table, channel: ChannelSettings = CHANNEL) -> dict[str, Finding]:
    return {finding.check: finding for finding in check_program(program, channel, table)}


def ours(table: Table, machine: str = "x86") -> bytes:
    return portable_executable(machine, dll=True, content=stamp(table.digest))


def test_a_program_that_is_well(tmp_path: Path, table: Table) -> None:
    files = {
        "CSHIS.DLL": ours(table),
        "clinic.exe": portable_executable("x86"),
        "cshis-bridge.ini": b"bridge=127.0.0.1:5068\r\n",
    }
    found = look(folder(tmp_path, files), table)
    assert {finding.status for finding in found.values()} == {"ok"}
    assert "32-bit DLL" in found["library"].what
    assert "clinic.exe" in found["library.bitness"].what
    assert "built from this table" in found["library.table"].what


def test_no_dll(tmp_path: Path, table: Table) -> None:
    finding = look(tmp_path, table)["library"]
    assert (finding.status, "install-dll" in finding.advice) == ("broken", True)


def test_a_file_that_is_no_dll(tmp_path: Path, table: Table) -> None:
    assert look(folder(tmp_path, {"cshis.dll": b"MZ"}), table)["library"].status == "broken"


def test_the_wrong_bitness(tmp_path: Path, table: Table) -> None:
    files = {"cshis.dll": ours(table, "x64"), "clinic.exe": portable_executable("x86")}
    finding = look(folder(tmp_path, files), table)["library.bitness"]
    assert finding.status == "broken"
    assert "the DLL is 64-bit, but the program is not: clinic.exe (32-bit)" in finding.what
    assert "--program" in finding.advice


def test_programs_of_both_kinds(tmp_path: Path, table: Table) -> None:
    files = {
        "cshis.dll": ours(table),
        "clinic.exe": portable_executable("x86"),
        "tool.exe": portable_executable("x64"),
    }
    finding = look(folder(tmp_path, files), table)["library.bitness"]
    assert (finding.status, "not tool.exe (64-bit)" in finding.what) == ("warning", True)


def test_a_net_program_of_any_cpu_fits(tmp_path: Path, table: Table) -> None:
    files = {"cshis.dll": ours(table, "x64"), "clinic.exe": portable_executable("x86", net_flags=1)}
    assert look(folder(tmp_path, files), table)["library.bitness"].status == "ok"


def test_no_program_beside_it(tmp_path: Path, table: Table) -> None:
    assert look(folder(tmp_path, {"cshis.dll": ours(table)}), table)["library.bitness"].status == "unknown"


def test_the_official_dll_is_back(tmp_path: Path, table: Table) -> None:
    finding = look(folder(tmp_path, {"cshis.dll": portable_executable(dll=True)}), table)["library.ours"]
    assert (finding.status, "not the bridge's" in finding.what) == ("broken", True)
    assert "install-dll" in finding.advice


def test_a_dll_of_another_table(tmp_path: Path, table: Table) -> None:
    dll = portable_executable(dll=True, content=stamp("ab" * 32))
    finding = look(folder(tmp_path, {"cshis.dll": dll}), table)["library.table"]
    assert (finding.status, "another table (abababababab)" in finding.what) == ("warning", True)
    assert "make native-windows" in finding.advice


@pytest.mark.parametrize(
    ("ini", "channel", "status"),
    [
        (None, ChannelSettings(), "ok"),
        (None, ChannelSettings(port=6000), "broken"),
        (b"bridge=127.0.0.1:6000\r\n", ChannelSettings(port=6000), "ok"),
        (b"bridge = 127.0.0.1:6000 \n", ChannelSettings(port=6000, host="0.0.0.0"), "ok"),
        (b"bridge=[::1]:5068\n", ChannelSettings(host="::1"), "ok"),
        (b"bridge=127.0.0.1:5068\n", ChannelSettings(token_file=Path("/x/token")), "broken"),
        (b"bridge=127.0.0.1:5068\ntoken_file=/x/token\n", ChannelSettings(token_file=Path("/x/token")), "ok"),
    ],
)
def test_where_it_looks_for_the_bridge(
    tmp_path: Path, table: Table, ini: bytes | None, channel: ChannelSettings, status: str
) -> None:
    files = {"cshis.dll": ours(table), **({"cshis-bridge.ini": ini} if ini is not None else {})}
    assert look(folder(tmp_path, files), table, channel)["library.address"].status == status


# --- Linux --------------------------------------------------------------------------------------------------


def shared_object(machine: int, content: bytes = b"") -> bytes:
    return b"\x7fELF\x02\x01".ljust(16, b"\0") + struct.pack("<HH", 3, machine) + content


def look_linux(path: Path, table: Table) -> dict[str, Finding]:
    return {finding.check: finding for finding in check_linux(CHANNEL, table, path)}


@here
def test_a_library_that_is_well(tmp_path: Path, table: Table) -> None:
    file = tmp_path / "cshis50.so"
    file.write_bytes(shared_object(MACHINES[platform.machine()], stamp(table.digest, wide=False)))
    assert {finding.status for finding in look_linux(file, table).values()} == {"ok"}


@here
def test_the_official_library(tmp_path: Path, table: Table) -> None:
    file = tmp_path / "cshis50.so"
    file.write_bytes(shared_object(MACHINES[platform.machine()]))
    assert look_linux(file, table)["library.ours"].status == "broken"


@pytest.mark.parametrize("content", [shared_object(8), b"text"])
def test_a_library_that_no_program_can_load(tmp_path: Path, table: Table, content: bytes) -> None:
    file = tmp_path / "cshis50.so"
    file.write_bytes(content)
    assert look_linux(file, table)["library"].status == "broken"


def test_no_library(tmp_path: Path, table: Table) -> None:
    assert look_linux(tmp_path / "cshis50.so", table)["library"].status == "unknown"


def test_a_built_library_has_the_stamp(tmp_path: Path, table: Table) -> None:
    build("client", tmp_path, table)
    file = library_folder(tmp_path) / CLIENT
    assert table_digest(file.read_bytes()) == table.digest
    found = look_linux(file, table)
    assert {finding.status for finding in found.values()} == {"ok"}


# --- the recorder -------------------------------------------------------------------------------------------


def recorder(table: Table, machine: str = "x86") -> bytes:
    stamp = f"cshis-bridge recorder of table {table.digest}".encode()
    return portable_executable(machine, dll=True, content=stamp)


OFFICIAL = portable_executable("x86", dll=True, content=b"official")


def test_a_recorder_is_told_from_the_bridge_s_dll(tmp_path: Path, table: Table) -> None:
    files = {
        "cshis.dll": recorder(table),
        "cshis_original.dll": OFFICIAL,
        "clinic.exe": portable_executable("x86"),
    }
    found = look(folder(tmp_path, files), table)
    assert table_digest(files["cshis.dll"]) is None
    assert (found["library.recorder"].status, found["library.original"].status) == ("warning", "ok")
    assert "--undo" in found["library.recorder"].advice
    assert "library.ours" not in found
    assert "library.address" not in found


@pytest.mark.parametrize(
    ("original", "word"),
    [
        (None, "there is no cshis_original.dll"),
        (portable_executable("x64", dll=True), "is 64-bit, the recorder 32-bit"),
        (b"MZ", "is no DLL that can be read"),
    ],
)
def test_a_recorder_with_nothing_behind_it(
    tmp_path: Path, table: Table, original: bytes | None, word: str
) -> None:
    files = {"cshis.dll": recorder(table)} | ({"cshis_original.dll": original} if original else {})
    finding = look(folder(tmp_path, files), table)["library.original"]
    assert (finding.status, word in finding.what) == ("broken", True)


def test_a_recorder_before_one_of_ours(tmp_path: Path, table: Table) -> None:
    files = {"cshis.dll": recorder(table), "cshis_original.dll": ours(table)}
    assert look(folder(tmp_path, files), table)["library.original"].status == "warning"
    (tmp_path / "cshis_original.dll").write_bytes(recorder(table))
    assert look(tmp_path, table)["library.original"].status == "broken"


def test_a_recorder_that_compares_must_find_the_bridge(tmp_path: Path, table: Table) -> None:
    files = {
        "cshis.dll": recorder(table),
        "cshis_original.dll": OFFICIAL,
        "cshis-recorder.ini": b"mode = compare\r\n",
        "cshis-bridge.ini": b"bridge=127.0.0.1:9\r\n",
    }
    assert look(folder(tmp_path, files), table)["library.address"].status == "broken"
