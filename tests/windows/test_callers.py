"""Programs as hospitals run them, each in another language's way of calling, each a Windows program."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pefile
import pytest

from native.compiler import run_compiler
from native.targets import WINDOWS
from tests.support.bridge_process import Bridge
from tests.support.wine import Wine, windows_path
from tests.windows.conftest import CLINIC, HOSTS, Build
from tests.windows.test_dll_file import official

CARD = "000073898381"
BASIC = f"{CARD}測試十"


def lines(done: subprocess.CompletedProcess[str]) -> dict[str, str]:
    """What a program has printed, by function; it must have ended well."""
    assert done.returncode == 0, done.stdout + done.stderr
    return dict(line.partition(" ")[::2] for line in done.stdout.splitlines())


@pytest.mark.parametrize("port", ["0", "-1"])
def test_clinic(
    windows: Wine, library: Path, build_program: Build, bridge: Bridge, environment: dict[str, str], port: str
) -> None:
    """The program of `make run`, its source unchanged."""
    clinic = build_program(CLINIC, "-fexec-charset=BIG5")
    done = windows.run(clinic, windows_path(library), port, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "測試十" in done.stdout
    assert "all as expected" in done.stdout
    newest = bridge.sim.stored(CARD)["visits"][0]
    assert (newest["sequence"], newest["rolled_back"]) == ("W001", True)


def import_library(windows: Wine, place: Path) -> Path:
    """The import library that the definition file written by hand describes."""
    text = (HOSTS / "official.def").read_text(encoding="utf-8")
    if windows.bits == 64:  # no decoration there
        text = re.sub(r"@\d+( @\d+)", r"\1", text)
    definition = place / "official.def"
    definition.write_text(text, encoding="utf-8")
    made = place / "libofficial.a"
    tool = WINDOWS[windows.bits].windres.replace("windres", "dlltool")
    run_compiler([tool, "--kill-at", "-d", str(definition), "-l", str(made)])
    return made


def test_linked_by_ordinal(
    windows: Wine,
    build_program: Build,
    beside: Callable[[Path], Path],
    bridge: Bridge,
    environment: dict[str, str],
    tmp_path: Path,
) -> None:
    program = build_program("by_ordinal.c", str(import_library(windows, tmp_path)))
    imports = {
        symbol.ordinal: symbol.name
        for entry in pefile.PE(str(program)).DIRECTORY_ENTRY_IMPORT
        if entry.dll == b"cshis.dll"
        for symbol in entry.imports
    }
    assert len(imports) == 14
    assert set(imports.values()) == {None}, "linked by name"
    assert set(imports) <= set(official().values())
    told = lines(windows.run(beside(program), env=environment))
    assert (told["csOpenCom"], told["csVerifySAMDC"], told["csCloseCom"]) == ("0", "0", "0")
    assert told["csGetHospID"] == "0 10 [3501200000]"
    assert told["csGetCardNo"] == f"0 12 [{CARD}]"
    assert told["hisGetBasicData"].startswith(f"0 72 [{BASIC}")
    assert told["hisGetRegisterBasic"].startswith(f"0 78 [{BASIC}")
    assert told["hisGetSeqNumber256"].startswith("0 296 [")
    assert told["csUnGetSeqNumber"] == "0"
    assert told["hpcGetHPCStatus"] == "0 1"
    assert (told["csEnableHCAAPI"], told["csHisAPI"]) == ("-2", "-2")


@pytest.mark.usefixtures("doctor")
def test_like_visual_basic_6(
    windows: Wine, library: Path, build_program: Build, environment: dict[str, str], upload: str
) -> None:
    """Every export once; the program itself checks codes, lengths, guards, strings and the stack."""
    told = lines(windows.run(build_program("vb6.c"), windows_path(library), upload, env=environment))
    assert told.pop("vb6:") == f"{len(official())} calls"
    assert set(told) == set(official())


@pytest.mark.usefixtures("doctor")
def test_like_c_sharp(
    windows: Wine, library: Path, build_program: Build, environment: dict[str, str]
) -> None:
    told = lines(windows.run(build_program("csharp.c"), windows_path(library), env=environment))
    assert told["hisGetBasicData"].startswith(f"0 72 [{BASIC}")
    assert told["hpcGetHPCStatus"] == "0 1"
    assert told["hisGetSeqNumber256N1"] == "0 316"
    assert (told["csUnGetSeqNumber"], told["csCloseCom"]) == ("0", "0")


@pytest.mark.usefixtures("doctor")
def test_like_delphi(
    windows: Wine,
    library: Path,
    build_program: Build,
    environment: dict[str, str],
    upload: str,
    bridge: Bridge,
) -> None:
    told = lines(windows.run(build_program("delphi.c"), windows_path(library), upload, env=environment))
    assert told["csGetCardNo"] == f"0 12 [{CARD}]"
    assert told["hisGetBasicData"].startswith(f"0 72 [{BASIC}")
    assert told["hisGetEmergentTel"] == "0 14 [0912345678    ]"
    assert told["csUploadData"].startswith("0 50 [")
    assert bridge.sim.stored(CARD)["emergency_tel"] == "0912345678"
