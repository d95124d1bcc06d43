"""HIS folders by the installer: served, renewed by an upgrade that ends what runs, restored at the end.

In this order.
"""

from __future__ import annotations

import json
import shutil

import pytest

from tests.installer.conftest import ROOT, Package
from tests.installer.test_installed import PORTS, RUN, SETTINGS
from tests.installer.windows import Windows
from tests.support.pe_headers import portable_executable

BUILT = ROOT / "build" / "native"
OFFICIAL = portable_executable("x86", dll=True, content=b"the official DLL")
OFFICIAL_64 = portable_executable("x64", dll=True, content=b"the official DLL of 64 bits")
OLD, NEW, VGHTC, BOOT = "HIS", "New HIS", "vghtc/his", "NHI/LIB"
FOLDERS = rf"C:\{OLD};C:\{NEW};C:\nothing;C:\NHI\LIB"
NOTED, PLACED = rf"{SETTINGS}\installed", rf"{SETTINGS}\folders"
DATA = r"C:\at work"
ROOTS = r"Software\Microsoft\SystemCertificates\Root\Certificates"
TRUSTED = (
    "from bridge.config import default_data_dir as d; from bridge.serving.trust import is_trusted as t; "
    "print(t(d() / 'certificate' / 'facade-ca.pem'))"
)
TOKEN = rf"{DATA}\token"


@pytest.fixture(scope="module")
def programs(windows: Windows, package: Package) -> Windows:
    """A PC with a program of 32 bits, one of 64, one that nobody named, and the folder of scripts."""
    if windows.folder.exists():
        assert windows.msiexec("/x", package.msi, "REMOVE_DATA=1") == 0
    for name, program, dll in (
        (OLD, portable_executable("x86"), OFFICIAL),
        (NEW, portable_executable("x64"), None),
        (VGHTC, portable_executable("x64"), OFFICIAL_64),
        (BOOT, None, OFFICIAL),
    ):
        folder = windows.drive / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        if program is not None:
            (folder / "his.exe").write_bytes(program)
        if dll is not None:
            (folder / "cshis.dll").write_bytes(dll)
    (windows.drive / VGHTC / "cshis.dll").chmod(0o444)  # as what was copied from a CD
    return windows


@pytest.fixture(scope="module")
def served(programs: Windows, package: Package) -> Windows:
    assert programs.msiexec("/i", package.msi, f"HIS_FOLDERS={FOLDERS}", "START=none") == 0
    return programs


def dll(windows: Windows, name: str) -> bytes:
    return (windows.drive / name / "cshis.dll").read_bytes()


def built(kind: str) -> bytes:
    return (BUILT / kind / "cshis.dll").read_bytes()


def test_the_folders_that_were_named_have_the_dll_that_they_need(served: Windows) -> None:
    assert (dll(served, OLD), dll(served, NEW)) == (built("win32"), built("win64"))
    assert (served.drive / OLD / "cshis.dll.before-bridge").read_bytes() == OFFICIAL
    assert (served.drive / OLD / "cshis-bridge.ini").read_text("ascii").startswith("bridge=127.0.0.1:5068")


def test_what_was_not_asked_for_stays_as_it_is(served: Windows) -> None:
    """Also the folder that scripts copy from: it has to be allowed by NHI_LIB=1."""
    assert (dll(served, VGHTC), dll(served, BOOT)) == (OFFICIAL_64, OFFICIAL)


def test_what_failed_is_told(served: Windows) -> None:
    log = (served.folder / "set-up.log").read_text(encoding="utf-8")
    assert r"FAILED: C:\nothing" in log
    assert r"FAILED: C:\NHI\LIB" in log
    assert "scripts of hospitals copy" in log
    assert json.loads(served.registry(PLACED)[rf"C:\{NEW}"])["failed"] == ""
    said = json.loads(doctor(served))
    failed = [
        each["what"] for part in said["sections"] for each in part["findings"] if "failed" in each["check"]
    ]
    assert [r"C:\nothing" in what or r"C:\NHI\LIB" in what for what in failed] == [True, True]


def doctor(windows: Windows) -> str:
    """What it prints; it finds much that is wrong on such a PC, and Wine puts a line of its own before it."""
    text = windows.command("doctor", "--json", seconds=120, code=2)
    return text[text.index("{\n") :]


def test_every_copy_is_listed(served: Windows) -> None:
    said = served.command("install-dll", "--find", "--root", "C:\\")
    assert said.count("cshis.dll\n") == 4
    assert r"C:\vghtc\his\cshis.dll" in said
    assert "version 6.0." in said


def test_a_program_that_has_the_dll_loaded_is_named(served: Windows) -> None:
    load = f"import ctypes, time; ctypes.CDLL(r'C:\\{NEW}\\cshis.dll'); print('loaded', flush=True)"
    load += "; time.sleep(99)"
    program = served.run(served.folder / "python.exe", "-c", load)
    try:
        program.wait_for("loaded", 60)
        refused = served.command("install-dll", "--undo", rf"C:\{NEW}", code=1)
        assert "is in use: end the programs" in refused
        assert "python.exe (process" in refused
        assert dll(served, NEW) == built("win64")
        assert "python.exe (process" in served.command("install-dll", "--find", "--root", rf"C:\{NEW}")
    finally:
        program.process.kill()


def test_a_repair_does_again_what_was_asked_for(served: Windows, package: Package) -> None:
    """And brings back a file that is missing."""
    (served.folder / "cshis-bridgew.exe").unlink()
    shutil.rmtree(served.drive / OLD)
    assert served.msiexec("/i", package.msi, "REINSTALL=ALL", "REINSTALLMODE=amus") == 0
    assert (served.folder / "cshis-bridgew.exe").is_file()
    assert "FAILED" in (served.folder / "set-up.log").read_text(encoding="utf-8")


def upgrade(windows: Windows, package: Package, later: Package, *words: str) -> None:
    """As Windows does it: the former version is removed with a word that Wine leaves out."""
    assert (
        windows.msiexec("/x", package.msi, "UPGRADINGPRODUCTCODE={3B0C7B5E-0000-0000-0000-000000000000}") == 0
    )
    assert windows.msiexec("/i", later.msi, *words) == 0


def test_an_upgrade_ends_the_bridge_and_renews_the_dlls(
    served: Windows, package: Package, later: Package
) -> None:
    older = served.drive / "older" / "win64"
    older.mkdir(parents=True)
    (older / "cshis.dll").write_bytes(built("win64") + b"of a version before")
    served.command("install-dll", rf"C:\{NEW}", "--dll-dir", r"C:\older")
    assert dll(served, NEW) != built("win64")
    data = served.drive / "at work"
    data.mkdir(exist_ok=True)
    (data / "config.toml").write_text(f"[channel]\ntoken_file = '{TOKEN}'\n", encoding="utf-8")
    bridge, _ = served.serve("--simulate", "--data-dir", DATA, *PORTS)
    upgrade(served, package, later, "HIS_FOLDERS=auto")
    assert bridge.wait(30) == 0, bridge.text
    assert "stopping" in bridge.text
    assert dll(served, NEW) == built("win64")
    assert "cshis-bridge" not in served.registry(RUN)  # as was said for the version before
    assert dll(served, VGHTC) == built("win64")
    assert dll(served, BOOT) == OFFICIAL


def test_removing_restores_every_folder(served: Windows, later: Package) -> None:
    """With the mark "read-only" where it was; one that somebody has put on ours keeps nothing from going."""
    (served.drive / VGHTC / "cshis-bridge.ini").chmod(0o444)
    assert served.msiexec("/x", later.msi) == 0
    assert not served.folder.exists()
    assert sorted(path.name for path in (served.drive / NEW).iterdir()) == ["his.exe"]
    assert dll(served, VGHTC) == OFFICIAL_64
    assert sorted(path.name for path in (served.drive / VGHTC).iterdir()) == ["cshis.dll", "his.exe"]
    assert (served.drive / VGHTC / "cshis.dll").stat().st_mode & 0o222 == 0
    assert served.registry(PLACED) == {}
    assert served.registry(NOTED)["his_folders"] == "auto"  # as all settings


def test_the_certificate_is_trusted_until_the_bridge_is_removed(programs: Windows, package: Package) -> None:
    """Wine asks nobody."""
    assert programs.msiexec("/i", package.msi, "HIS_FOLDERS=C:\\nothing", "START=none") == 0
    bridge, _ = programs.serve(*PORTS)
    assert "has ended" in programs.command("stop")
    assert bridge.wait(30) == 0, bridge.text
    assert programs.python(TRUSTED) == "True"
    said = json.loads(doctor(programs))
    (trust,) = (f for part in said["sections"] for f in part["findings"] if f["check"] == "facade.trust")
    assert trust["status"] == "ok"
    assert len(own_roots(programs)) == 1
    assert programs.msiexec("/x", package.msi) == 0
    assert own_roots(programs) == []


def own_roots(windows: Windows) -> list[str]:
    """What stands in the user's own store of trusted authorities."""
    asked = windows.run("reg", "query", rf"HKCU\{ROOTS}", "/reg:64")
    asked.wait(60)
    return [line for line in asked.text.splitlines() if line.startswith("HKEY") and not line.endswith(ROOTS)]


def test_data_goes_only_where_it_is_asked_for(programs: Windows, package: Package) -> None:
    assert (
        programs.msiexec(
            "/i", package.msi, "HIS_FOLDERS=C:\\nothing", "START=none", "CLOUD_URL=https://cloud.example"
        )
        == 0
    )
    where = programs.python("from bridge.config import default_data_dir as d; print(d())")
    data = programs.drive.joinpath(*where.removeprefix("C:\\").split("\\"))
    data.mkdir(parents=True, exist_ok=True)
    (data / "config.toml").write_text("[reader]\nlinger = 600\n", encoding="utf-8")
    (data / "of somebody else.txt").write_text("kept", encoding="utf-8")
    assert programs.msiexec("/x", package.msi) == 0
    assert (data / "config.toml").is_file()
    assert programs.registry(SETTINGS)["cloud.url"] == "https://cloud.example"
    (data / "of somebody else.txt").unlink()
    assert programs.msiexec("/i", package.msi, "START=none") == 0
    assert programs.msiexec("/x", package.msi, "REMOVE_DATA=1") == 0
    assert not data.exists()
    assert programs.registry(SETTINGS) == programs.registry(NOTED) == {}
    assert not programs.folder.exists()
