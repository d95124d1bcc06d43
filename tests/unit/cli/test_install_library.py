"""``cshis-bridge install-library``: placing the library, its ini file, and taking both back."""

from __future__ import annotations

import os
import platform
import struct
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bridge.cli.main import main
from bridge.installing import transaction as placing
from bridge.installing.elf import MACHINES, library_machine, runs_on
from bridge.installing.transaction import PlacingRefused, Wanted

MACHINE = {name: number for number, name in MACHINES.items()}
OURS, NEWER, OFFICIAL = b"the library", b"a newer library", b"the official library"


def elf(content: bytes, machine: str = platform.machine(), kind: int = 3) -> bytes:
    """Something that looks like a Linux library: 16 bytes of identity, kind, machine."""
    return b"\x7fELF\x02\x01" + bytes(10) + struct.pack("<HH", kind, MACHINE[machine]) + content


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "nhi" / "lib" / "cshis50.so"


@pytest.fixture
def library(tmp_path: Path) -> Path:
    made = tmp_path / "libcshis.so"
    made.write_bytes(elf(OURS))
    return made


@pytest.fixture
def config(tmp_path: Path) -> Path:
    made = tmp_path / "config.toml"
    made.write_text("[channel]\nport = 6001\n", encoding="utf-8")
    return made


@pytest.fixture
def run(target: Path, library: Path, config: Path) -> object:
    def invoke(*further: object) -> Result:
        given = ["--path", target, "--library", library, "--config", config, *further]
        return CliRunner().invoke(main, ["install-library", *map(str, given)])

    return invoke


def listed(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())} if folder.exists() else {}


# --- without a file before ----------------------------------------------------------------------------------


def test_library_and_ini_are_placed_and_taken_back(run, target: Path, tmp_path: Path) -> None:
    result = run()
    assert result.exit_code == 0, result.output
    assert target.read_bytes() == elf(OURS)
    assert os.access(target, os.X_OK)
    assert (target.parent / "cshis-bridge.ini").read_text() == "bridge=127.0.0.1:6001\n"
    assert run("--undo").exit_code == 0
    assert not (tmp_path / "nhi").exists()


def test_doing_it_again_changes_nothing(run, target: Path) -> None:
    run()
    before = {path: path.stat().st_ino for path in target.parent.iterdir()}
    result = run()
    assert result.output == "in place already\n"
    assert {path: path.stat().st_ino for path in target.parent.iterdir()} == before


def test_nothing_placed_is_nothing_to_undo(run, target: Path) -> None:
    target.parent.mkdir(parents=True)
    target.write_bytes(elf(OFFICIAL))
    result = run("--undo")
    assert (result.exit_code, result.output) == (0, "nothing to undo\n")
    assert target.read_bytes() == elf(OFFICIAL)


# --- with a file before -------------------------------------------------------------------------------------


def test_what_was_there_is_kept_and_restored_exactly(run, target: Path) -> None:
    target.parent.mkdir(parents=True)
    target.write_bytes(elf(OFFICIAL))
    target.chmod(0o640)
    (target.parent / "cshis-bridge.ini").write_text("bridge=192.0.2.1:5068\n")
    os.utime(target, (1_000_000_000, 1_000_000_000))
    before, stat = listed(target.parent), target.stat()
    assert run().exit_code == 0
    assert target.read_bytes() == elf(OURS)
    assert (target.parent / "cshis50.so.before-cshis-bridge").read_bytes() == elf(OFFICIAL)
    assert run("--undo").exit_code == 0
    assert listed(target.parent) == before
    after = target.stat()
    assert (after.st_ino, after.st_mode, after.st_mtime) == (stat.st_ino, stat.st_mode, stat.st_mtime)


def test_a_link_is_kept_as_a_link(run, target: Path) -> None:
    target.parent.mkdir(parents=True)
    (target.parent / "cshis50.so.5").write_bytes(elf(OFFICIAL))
    target.symlink_to("cshis50.so.5")
    assert run().exit_code == 0
    assert not target.is_symlink()
    assert (target.parent / "cshis50.so.5").read_bytes() == elf(OFFICIAL)
    assert run("--undo").exit_code == 0
    assert target.readlink() == Path("cshis50.so.5")


def test_the_same_bytes_that_were_there_before_stay_after_undo(run, target: Path) -> None:
    target.parent.mkdir(parents=True)
    target.write_bytes(elf(OURS))
    assert run().exit_code == 0
    assert run("--undo").exit_code == 0
    assert listed(target.parent) == {"cshis50.so": elf(OURS)}


def test_a_newer_library_replaces_ours_and_keeps_the_first_backup(run, target: Path, library: Path) -> None:
    target.parent.mkdir(parents=True)
    target.write_bytes(elf(OFFICIAL))
    run()
    library.write_bytes(elf(NEWER))
    assert run().exit_code == 0
    assert target.read_bytes() == elf(NEWER)
    assert run("--undo").exit_code == 0
    assert target.read_bytes() == elf(OFFICIAL)


# --- refusals -----------------------------------------------------------------------------------------------


def test_a_backup_is_never_overwritten(run, target: Path) -> None:
    target.parent.mkdir(parents=True)
    target.write_bytes(elf(OFFICIAL))
    (target.parent / "cshis50.so.before-cshis-bridge").write_bytes(b"somebody's")
    before = listed(target.parent)
    result = run()
    assert result.exit_code == 1
    assert "cshis50.so.before-cshis-bridge exists" in result.output
    assert listed(target.parent) == before


@pytest.mark.parametrize("undo", [(), ("--undo",)])
def test_a_file_that_was_changed_since_is_not_touched(run, target: Path, library: Path, undo) -> None:
    target.parent.mkdir(parents=True)
    target.write_bytes(elf(OFFICIAL))
    run()
    target.write_bytes(elf(b"an official update"))
    library.write_bytes(elf(NEWER))
    before = listed(target.parent)
    result = run(*undo)
    assert result.exit_code == 1
    assert "was changed since it was placed" in result.output
    assert listed(target.parent) == before


def test_undo_without_the_backup_changes_nothing(run, target: Path) -> None:
    target.parent.mkdir(parents=True)
    target.write_bytes(elf(OFFICIAL))
    run()
    (target.parent / "cshis50.so.before-cshis-bridge").unlink()
    before = listed(target.parent)
    result = run("--undo")
    assert result.exit_code == 1
    assert "cannot be restored" in result.output
    assert listed(target.parent) == before


def test_a_missing_library_says_how_to_build_it(run, library: Path) -> None:
    library.unlink()
    result = run()
    assert result.exit_code == 1
    assert "make native" in result.output


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"MZ a Windows DLL, which is long enough", "is no Linux library"),
        (elf(OURS, kind=2), "is no Linux library"),
        (elf(OURS, machine="riscv64"), "is made for riscv64, this machine is"),
    ],
)
def test_a_library_that_cannot_be_loaded_here_is_refused(
    run, target: Path, library: Path, content: bytes, message: str
) -> None:
    library.write_bytes(content)
    result = run()
    assert result.exit_code == 1
    assert message in result.output
    assert listed(target.parent) == {}


def test_a_library_for_other_programs_than_those_here_is_refused(run, target: Path) -> None:
    target.parent.mkdir(parents=True)
    target.write_bytes(elf(OFFICIAL, machine="riscv64"))
    result = run()
    assert result.exit_code == 1
    assert "programs need that" in result.output
    assert listed(target.parent) == {"cshis50.so": elf(OFFICIAL, machine="riscv64")}


def test_a_folder_that_may_not_be_written_is_named(
    run, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path, *_: object) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "mkdir", refuse)
    result = run()
    assert result.exit_code == 1
    assert "not permitted; run it as its owner" in result.output
    assert str(target.parent.parent) in result.output


def test_a_changing_port_is_refused(run, target: Path, config: Path) -> None:
    config.write_text("[channel]\nport = 0\n", encoding="utf-8")
    result = run()
    assert result.exit_code == 1
    assert "channel.port is 0" in result.output
    assert listed(target.parent) == {}


@pytest.mark.parametrize(
    ("host", "written"),
    [("0.0.0.0", "127.0.0.1:5068"), ("::", "[::1]:5068"), ("192.0.2.7", "192.0.2.7:5068")],
)
def test_the_ini_names_an_address_that_can_be_called(run, target: Path, config: Path, host, written) -> None:
    config.write_text(f'[channel]\nhost = "{host}"\ntoken_file = "/etc/token"\n', encoding="utf-8")
    assert run().exit_code == 0
    text = (target.parent / "cshis-bridge.ini").read_text()
    assert text == f"bridge={written}\ntoken_file=/etc/token\n"


# --- faults on the way --------------------------------------------------------------------------------------


@pytest.mark.parametrize("before", [False, True])
@pytest.mark.parametrize("failing", [1, 2, 3])
def test_a_fault_on_the_way_leaves_everything_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: bool, failing: int
) -> None:
    folder = tmp_path / "lib"
    wanted = [Wanted(folder / "a.so", b"new a", 0o755), Wanted(folder / "a.ini", b"new ini", 0o644)]
    if before:
        folder.mkdir()
        wanted[0].path.write_bytes(b"old a")
        wanted[1].path.write_bytes(b"old ini")
    there = listed(folder)
    write, calls = placing._write, []

    def full(path: Path, content: bytes, mode: int) -> None:
        calls.append(path)
        if len(calls) == failing:
            raise OSError(28, "No space left on device", str(path))
        write(path, content, mode)

    monkeypatch.setattr(placing, "_write", full)
    with pytest.raises(OSError, match="No space"):
        placing.place(wanted)
    assert listed(folder) == there
    assert folder.exists() == before


def test_a_record_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.so.cshis-bridge.json").write_text("{")
    with pytest.raises(PlacingRefused, match="cannot be read"):
        placing.place([Wanted(tmp_path / "a.so", b"new", 0o755)])


# --- which machine ------------------------------------------------------------------------------------------


def test_the_machine_of_a_library_is_read_from_its_head() -> None:
    assert library_machine(elf(b"", "aarch64")) == "aarch64"
    assert library_machine(elf(b"", kind=1)) is None
    assert library_machine(b"\x7fELF") is None
    big_endian = b"\x7fELF\x01\x02" + bytes(10) + struct.pack(">HH", 3, 20)
    assert library_machine(big_endian) == "machine 20"


def test_programs_of_32_bits_run_on_x86_64_and_not_the_other_way_round() -> None:
    assert runs_on("i386", "x86_64")
    assert runs_on("aarch64", "aarch64")
    assert not runs_on("x86_64", "i386")
    assert not runs_on("aarch64", "x86_64")
