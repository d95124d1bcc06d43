"""The wheels of `make dist`: what they carry, and that they work in an empty folder (make test-wheel)."""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
import sys
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bridge.installing.stamps import recorder_digest, table_digest
from bridge.table.loader import default_table
from native.compiler import compile_program, find_mingw
from native.targets import WINDOWS

ROOT = Path(__file__).parents[2]
CARD = "000073898381"
LINUX = f"linux-{platform.machine()}/libcshis.so"
DLLS = {
    f"{folder}/{dll}"
    for folder in ("win32", "win64")
    for dll in ("cshis.dll", "recorder/cshis.dll", "CsHisX.dll")
}
TRAY = "win64/cshis-tray.exe"
# A hospital program: no Python of ours is in its process. Prints the codes and the record.
PROGRAM = """
import ctypes, sys
library = ctypes.CDLL(sys.argv[1])
print(library.csOpenCom(0))
record, length = ctypes.create_string_buffer(72), ctypes.c_short(72)
print(library.hisGetBasicData(record, ctypes.byref(length)))
print(record.raw[:length.value].decode("cp950"))
"""


def run(*command: object, cwd: Path, **env: str) -> str:
    """Standard output of a command that ends well; nothing of this checkout is in its environment."""
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=_environment(**env),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _environment(**more: str) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("CSHIS_", "PYTHON", "VIRTUAL"))
    }
    return {**kept, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_WARN_SCRIPT_LOCATION": "1", **more}


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel for this machine, built as `make dist` does: with tools of its own."""
    folder = tmp_path_factory.mktemp("wheel")
    build = (sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT)
    run(*build, cwd=folder, CSHIS_BRIDGE_WHEEL="linux")
    (made,) = folder.iterdir()
    return made


@pytest.fixture(scope="session")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python with the wheel and what it asks for, and what further wheels are built with."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=True)
    found = folder / "bin" / "python"
    run(
        found,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-compile",
        wheel,
        "hatchling>=1.25,<2",
        "polib>=1.2,<2",
        cwd=folder,
    )
    return found


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    made = tmp_path / "empty"
    made.mkdir()
    return made


@pytest.fixture
def ready(python: Path, empty: Path) -> Iterator[dict[str, Any]]:
    """The ready line of `serve --simulate`."""
    ports = ("facade", "legacy-http", "channel", "console", "cloud")
    command = [
        *(str(python.with_name("cshis-bridge")), "serve", "--simulate"),
        *("--data-dir", str(empty / "data")),
        *(f"--{port}-port=0" for port in ports),
    ]
    with subprocess.Popen(
        command, cwd=empty, env=_environment(), stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.terminate()
            assert process.wait(30) == 0


def other_wheel(python: Path, folder: Path, **env: str) -> Path:
    """Another wheel of the project, with the tools that ``python`` has."""
    build = (
        python,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--wheel-dir",
        folder,
    )
    run(*build, ROOT, cwd=folder, **env)
    (made,) = folder.glob("*.whl")
    return made


def carried(wheel: Path) -> dict[str, bytes]:
    """The native libraries in a wheel."""
    folder = "bridge/native_libraries/"
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if name.startswith(folder)]
        return {name.removeprefix(folder): archive.read(name) for name in names}


# --- what they carry ----------------------------------------------------------------------------------------


def test_the_wheel_for_this_machine_has_every_library(wheel: Path) -> None:
    found = carried(wheel)
    assert set(found) == {LINUX, *DLLS, TRAY}
    digest = default_table().digest
    for name, content in found.items():
        if "recorder" in name:
            assert recorder_digest(content) == digest
        elif name != TRAY and "CsHisX" not in name:
            assert table_digest(content) == digest


def test_its_name_says_for_which_glibc_it_is(wheel: Path) -> None:
    """Neither older than what the library needs, nor newer than what it was built on."""
    tag = re.fullmatch(r"cshis_bridge-[\d.]+-py3-none-manylinux_2_(\d+)_(\w+)\.whl", wheel.name)
    assert tag is not None, wheel.name
    assert tag[2] == platform.machine()
    needed = {int(minor) for minor in re.findall(rb"GLIBC_2\.(\d+)", carried(wheel)[LINUX])}
    assert max(needed) <= int(tag[1]) <= int(os.confstr("CS_GNU_LIBC_VERSION").split(".")[1])


def test_the_wheel_for_windows_has_what_windows_runs(python: Path, tmp_path: Path) -> None:
    made = other_wheel(python, tmp_path, CSHIS_BRIDGE_WHEEL="windows")
    assert made.name.endswith("-py3-none-win32.win_amd64.win_arm64.whl")
    assert set(carried(made)) == {*DLLS, TRAY}


def test_it_has_the_table_and_no_embedded_library(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert "bridge/mappings/status.yaml" in names
    assert [name for name in names if name.startswith("bridge/words/") and not name.endswith(".py")] == [
        "bridge/words/locale/zh_TW/LC_MESSAGES/cshis-bridge.mo"
    ]
    assert not [name for name in names if "embedded.so" in name or name.startswith(("native/", "tests/"))]


# --- an empty folder ----------------------------------------------------------------------------------------


def test_serve_call_and_install_library(python: Path, empty: Path, ready: dict[str, Any]) -> None:
    command = python.with_name("cshis-bridge")
    assert "測試十" in run(command, "call", "hisGetBasicData", "--config", ready["config"], cwd=empty)
    library = empty / "nhi" / "lib" / "cshis50.so"
    install = (command, "install-library", "--path", library, "--config", ready["config"])
    run(*install, cwd=empty)
    printed = run(sys.executable, "-c", PROGRAM, library, cwd=empty).splitlines()
    assert printed[:2] == ["0", "0"]
    assert printed[2].startswith(f"{CARD}測試十")
    assert run(*install, cwd=empty) == "in place already\n"
    run(command, "install-library", "--path", library, "--undo", cwd=empty)
    assert not library.exists()


@pytest.mark.parametrize("bits", WINDOWS)
def test_install_dll(python: Path, wheel: Path, empty: Path, bits: int) -> None:
    source = empty / "his.c"
    source.write_text("int main(void) { return 0; }\n")
    program = compile_program(source, empty / "HIS" / "his.exe", compiler=find_mingw(WINDOWS[bits]))
    command = (python.with_name("cshis-bridge"), "install-dll", program.parent)
    run(*command, cwd=empty)
    dll = program.with_name("cshis.dll")
    assert dll.read_bytes() == carried(wheel)[f"win{bits}/cshis.dll"]
    assert program.with_name("cshis-bridge.ini").read_bytes() == b"bridge=127.0.0.1:5068\r\n"
    run(*command, "--undo", cwd=empty)
    dll.write_bytes(
        compile_program(
            source, empty / "official.dll", "-shared", compiler=find_mingw(WINDOWS[bits])
        ).read_bytes()
    )
    run(*command, "--recorder", cwd=empty)
    assert dll.read_bytes() == carried(wheel)[f"win{bits}/recorder/cshis.dll"]


def test_without_a_c_compiler_it_still_installs(python: Path, empty: Path, tmp_path: Path) -> None:
    """A checkout's `pip install .` on a machine without one; install-library says what is missing."""
    made = other_wheel(python, tmp_path, CC="no-such-compiler")
    assert LINUX not in carried(made)
    assert made.name.endswith("-py3-none-any.whl")
    place = tmp_path / "place"
    run(python, "-m", "pip", "install", "--quiet", "--no-deps", "--target", place, made, cwd=empty)
    done = subprocess.run(
        [python, "-m", "bridge", "install-library", "--path", empty / "cshis50.so"],
        cwd=empty,
        env=_environment(PYTHONPATH=str(place)),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert str(place) in done.stderr
    assert "apt-get install gcc" in done.stderr
    assert not list(empty.iterdir())
