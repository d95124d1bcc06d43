"""cshis.dll as a file: what it exports and at which ordinals, what it needs, what Windows shows of it."""

from __future__ import annotations

import csv
from pathlib import Path

import pefile
import pytest

import bridge
from bridge.installing.version import product_version
from native.build import build
from tests.support.wine import Wine

OWN_ORDINALS = range(201, 65536)
SYSTEM = {"kernel32.dll", "msvcrt.dll", "ws2_32.dll"}  # of every Windows 7 and later
MOST_BYTES = 200_000
MACHINES = {"win32": "IMAGE_FILE_MACHINE_I386", "win64": "IMAGE_FILE_MACHINE_AMD64"}
WINDOWS_7 = (6, 1)


@pytest.fixture(scope="module")
def image(library: Path) -> pefile.PE:
    return pefile.PE(str(library))


def official() -> dict[str, int | None]:
    """The list kept by hand: name -> official ordinal, None where none is known."""
    lines = Path(__file__).with_name("exports.csv").read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader(line for line in lines if not line.startswith("#"))
    return {row["name"]: int(row["ordinal"]) if row["ordinal"] else None for row in rows}


def test_exports_are_the_official_ones_and_no_others(image: pefile.PE) -> None:
    exported = {symbol.name.decode(): symbol.ordinal for symbol in image.DIRECTORY_ENTRY_EXPORT.symbols}
    assert len(exported) == len(image.DIRECTORY_ENTRY_EXPORT.symbols), "an export without a name"
    assert set(exported) == set(official())
    for name, ordinal in official().items():
        assert exported[name] == ordinal or (ordinal is None and exported[name] in OWN_ORDINALS), name
    assert len(set(exported.values())) == len(exported)
    assert not any("@" in name or name.startswith("_") for name in exported)
    assert image.DIRECTORY_ENTRY_EXPORT.name == b"cshis.dll"


def test_every_export_is_code_of_its_own(image: pefile.PE) -> None:
    text = next(section for section in image.sections if section.Name.startswith(b".text"))
    for symbol in image.DIRECTORY_ENTRY_EXPORT.symbols:
        assert symbol.forwarder is None
        assert text.contains_rva(symbol.address), symbol.name


def test_needs_nothing_but_windows(image: pefile.PE) -> None:
    assert {entry.dll.decode().lower() for entry in image.DIRECTORY_ENTRY_IMPORT} <= SYSTEM
    assert not hasattr(image, "DIRECTORY_ENTRY_DELAY_IMPORT")
    header = image.OPTIONAL_HEADER
    assert (header.MajorSubsystemVersion, header.MinorSubsystemVersion) <= WINDOWS_7
    assert (header.MajorOperatingSystemVersion, header.MinorOperatingSystemVersion) <= WINDOWS_7


def test_is_small_and_of_the_right_kind(image: pefile.PE, library: Path, windows: Wine) -> None:
    assert library.stat().st_size < MOST_BYTES
    assert image.FILE_HEADER.Machine == pefile.MACHINE_TYPE[MACHINES[windows.name]]
    assert image.is_dll()
    assert image.FILE_HEADER.NumberOfSymbols == 0
    flags = image.OPTIONAL_HEADER
    assert flags.IMAGE_DLLCHARACTERISTICS_DYNAMIC_BASE
    assert flags.IMAGE_DLLCHARACTERISTICS_NX_COMPAT
    assert image.has_relocs(), "it could not be loaded beside a library that takes its address"


def test_version_resource(image: pefile.PE) -> None:
    tables = [
        entry for info in image.FileInfo[0] if info.Key == b"StringFileInfo" for entry in info.StringTable
    ]
    texts = {key.decode(): value.decode() for key, value in tables[0].entries.items()}
    assert texts["FileVersion"] == bridge.__version__
    assert texts["ProductName"] == "cshis-bridge"
    assert texts["OriginalFilename"] == "cshis.dll"
    assert texts["FileDescription"]
    fixed = image.VS_FIXEDFILEINFO[0]
    major, minor, patch = (int(number) for number in bridge.__version__.split("."))
    assert (fixed.FileVersionMS, fixed.FileVersionLS) == (major << 16 | minor, patch << 16)
    assert texts["ProductVersion"] == f"6.0.{major * 1000 + minor}.{patch}"
    assert (fixed.ProductVersionMS, fixed.ProductVersionLS) == (6 << 16, (major * 1000 + minor) << 16 | patch)


def test_scripts_that_compare_versions_copy_it_over_the_official_one(library: Path) -> None:
    """Whether they look for another one or for a later one; the official ones say 5.1 and so on."""
    version = product_version(library.read_bytes())
    assert version is not None
    assert tuple(map(int, version.split("."))) > (5, 65535, 65535, 65535)


def test_same_sources_give_the_same_bytes(library: Path, windows: Wine, tmp_path: Path) -> None:
    (again,) = build("cshis", tmp_path, bits=[windows.bits])
    assert again.read_bytes() == library.read_bytes()
