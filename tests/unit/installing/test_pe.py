"""Reading for which machine a Windows program is made."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest

from bridge.installing.pe import Executable, NotExecutable, read_executable
from tests.support.pe_headers import IL_ONLY, NEEDS_32_BITS, START, portable_executable


def read(data: bytes) -> Executable:
    return read_executable(BytesIO(data))


@pytest.mark.parametrize("machine", ["x86", "x64", "ARM64"])
@pytest.mark.parametrize("dll", [False, True])
def test_machine_and_kind(machine: str, dll: bool) -> None:
    assert read(portable_executable(machine, dll=dll)) == Executable(machine, is_dll=dll)


def test_an_uncommon_machine_is_named_by_its_number() -> None:
    data = bytearray(portable_executable())
    data[START + 4 : START + 6] = b"\xc4\x01"  # 32-bit ARM
    assert read(bytes(data)).machine == "machine 0x01C4"


@pytest.mark.parametrize(
    ("machine", "flags", "any_cpu"),
    [
        ("x86", IL_ONLY, True),
        ("x86", IL_ONLY | NEEDS_32_BITS, False),  # "x86"
        ("x86", IL_ONLY | NEEDS_32_BITS | 0x20000, False),  # "any CPU, 32-bit preferred"
        ("x86", 0, False),  # C++/CLI with native code
        ("x64", IL_ONLY, False),
    ],
)
def test_a_net_program_of_any_cpu_is_told_from_one_of_32_bits(
    machine: str, flags: int, any_cpu: bool
) -> None:
    assert read(portable_executable(machine, net_flags=flags)) == Executable(machine, any_cpu=any_cpu)


def test_fewer_data_directories_than_the_net_one() -> None:
    data = bytearray(portable_executable(net_flags=IL_ONLY))
    data[START + 24 + 92] = 14
    assert not read(bytes(data)).any_cpu


@pytest.mark.parametrize(
    ("name", "machine"), [("t32.exe", "x86"), ("t64.exe", "x64"), ("t64-arm.exe", "ARM64")]
)
def test_a_real_program(name: str, machine: str) -> None:
    launchers = pytest.importorskip("pip._vendor.distlib", reason="pip brings programs for Windows")
    program = Path(launchers.__file__).with_name(name)
    if not program.exists():
        pytest.skip("this pip comes without its programs for Windows, as Debian's does")
    with program.open("rb") as file:
        assert read_executable(file) == Executable(machine)


# --- what is none -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "ends within"),
        (b"\x7fELF".ljust(100, b"\0"), "does not begin"),
        (b"#!/bin/sh\n", "does not begin"),
        (b"MZ".ljust(0x3C, b"\0") + b"\x40\0\0\0" + b"NE".ljust(64, b"\0"), "16-bit"),
        (b"MZ".ljust(0x3C, b"\0") + b"\xff\xff\xff\xff", "ends within"),
    ],
)
def test_no_program(data: bytes, message: str) -> None:
    with pytest.raises(NotExecutable, match=message):
        read(data)


def test_a_file_that_ends_anywhere_within_its_headers() -> None:
    whole = portable_executable(net_flags=IL_ONLY)
    assert read(whole).any_cpu
    for length in range(len(whole)):
        with pytest.raises(NotExecutable, match="ends within"):
            read(whole[:length])


def test_a_net_header_that_lies_nowhere() -> None:
    with pytest.raises(NotExecutable, match="no section"):
        read(portable_executable(net_flags=IL_ONLY, net_address=0x9000))


def test_an_unknown_optional_header() -> None:
    data = bytearray(portable_executable())
    data[START + 24 : START + 26] = b"\x07\x01"
    with pytest.raises(NotExecutable, match="0x0107"):
        read(bytes(data))
