"""What goes into a wheel, as far as that shows without making one (tests/wheel makes some)."""

from pathlib import Path

import pytest

from bridge.table.loader import default_table
from native import packaging
from native.compiler import CompilerMissing
from native.packaging import cargo, linux_platform


@pytest.mark.parametrize(
    ("versions", "machine", "tag"),
    [
        (["2.2.5", "2.34", "2.3.4"], "linux-x86_64", "manylinux_2_34_x86_64"),
        (["2.2.5"], "linux-aarch64", "manylinux_2_17_aarch64"),
        (["2.9", "2.10"], "linux-x86_64", "manylinux_2_17_x86_64"),
        ([], "linux-x86_64", "linux_x86_64"),
    ],
)
def test_platform_is_that_of_the_newest_function(versions: list[str], machine: str, tag: str) -> None:
    names = b"".join(f"\0GLIBC_{version}".encode() for version in versions)
    assert linux_platform(b"\x7fELF..." + names + b"\0libc.so.6\0", machine) == tag


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as make leaves it, with all DLLs; nothing is compiled."""

    def missing(*given: object) -> list[Path]:
        raise CompilerMissing("no C compiler here")

    monkeypatch.setattr(packaging, "build", missing)
    digest = default_table().digest.encode("utf-16-le")
    for folder in ("win32", "win64"):
        for name in ("cshis.dll", "recorder/cshis.dll", "CsHisX.dll"):
            dll = tmp_path / "build" / "native" / folder / name
            dll.parent.mkdir(parents=True, exist_ok=True)
            dll.write_bytes(b"MZ" + digest)
    (tmp_path / "build" / "native" / "win64" / "cshis-tray.exe").write_bytes(b"MZ")
    return tmp_path


def test_without_a_compiler_the_dlls_go_along_alone(built: Path, tmp_path: Path) -> None:
    found = cargo(built, tmp_path, for_windows=False)
    assert len(found.files) == 9
    assert "bridge/words/locale/zh_TW/LC_MESSAGES/cshis-bridge.mo" in found.files.values()
    assert "bridge/mappings/table.prepared" in found.files.values()
    assert found.platform == "any"
    assert found.missing == ["libcshis.so: no C compiler here"]


def test_a_wheel_for_windows_misses_no_linux_library(built: Path, tmp_path: Path) -> None:
    found = cargo(built, tmp_path, for_windows=True)
    assert set(found.files.values()) >= {"bridge/native_libraries/win32/recorder/cshis.dll"}
    assert (found.platform, found.missing) == ("win32.win_amd64.win_arm64", [])


def test_a_tray_program_that_was_not_built_is_named(built: Path, tmp_path: Path) -> None:
    (built / "build" / "native" / "win64" / "cshis-tray.exe").unlink()
    found = cargo(built, tmp_path, for_windows=True)
    assert found.missing == ["win64/cshis-tray.exe: not built (make native-windows)"]


def test_a_dll_of_another_table_stays_out(built: Path, tmp_path: Path) -> None:
    old = built / "build" / "native" / "win64" / "CsHisX.dll"
    old.write_bytes(b"MZ" + ("0" * 64).encode("utf-16-le"))
    (built / "build" / "native" / "win32" / "cshis.dll").unlink()
    found = cargo(built, tmp_path, for_windows=True)
    assert str(old) not in found.files
    assert len(found.files) == 7
    assert found.missing[0].startswith("win32/cshis.dll: not built")
    assert found.missing[1].startswith("win64/CsHisX.dll: built from another mapping table")
