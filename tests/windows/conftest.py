"""Wine for 32-bit and 64-bit programs, the two DLLs and the Windows programs of this folder, built once.

The bridge and its simulators run on this machine as ever; the programs reach them on 127.0.0.1.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bridge.channel.tokenfile import load_token
from bridge.table.codegen.sources import DEFINITION
from native.build import build
from native.compiler import compile_program, find_mingw
from native.targets import WINDOWS
from tests.support.bridge_process import Bridge
from tests.support.fake_bridge import FakeBridge
from tests.support.hosts.driver import Driver
from tests.support.legacy_routes import ChannelRoute, NativeRoute
from tests.support.small_table import small_table
from tests.support.wine import Wine, windows_path, wine
from tests.windows.recording import Recording, install

TESTS = Path(__file__).parents[1]
HOSTS = Path(__file__).with_name("hosts")
DRIVER = TESTS / "support" / "hosts" / "driver.c"
CLINIC = TESTS / "legacy_his" / "clinic.c"
WORK = "CSHIS_TEST_WORK"  # a folder that 32-bit Wine sees as well; set by run.sh
BITS = (32, 64)
UPLOAD = b"<RECS><REC>1</REC></RECS>"
Build = Callable[..., Path]


@pytest.fixture(scope="session")
def work() -> Path:
    """The folder for all that a Windows program is to see."""
    place = os.environ.get(WORK)
    assert place, "these tests are run by `make test-windows`"
    return Path(place)


@pytest.fixture(scope="session", params=BITS, ids=lambda bits: f"win{bits}")
def windows(request: pytest.FixtureRequest, work: Path) -> Iterator[Wine]:
    """Wine, started, for 32 and then for 64 bits."""
    started = wine(request.param, work / f"home{request.param}")
    started.start()
    yield started
    started.stop()


@pytest.fixture(scope="session")
def library(windows: Wine, work: Path) -> Path:
    """cshis.dll of the project's table, in a folder of its own."""
    return build("cshis", work / "table", bits=[windows.bits])[0]


@pytest.fixture(scope="session")
def recorder(windows: Wine, work: Path) -> Path:
    """The recorder of the project's table."""
    return build("recorder", work / "table", bits=[windows.bits])[0]


@pytest.fixture(scope="session")
def original(windows: Wine, library: Path) -> Path:
    """The stand-in for the official DLL (hosts/original.c), at the ordinals of the project's table."""
    definition = library.parents[1] / "generated" / DEFINITION
    flags = ("-shared", "-s", "-O2", "-static-libgcc", "-Wl,--enable-stdcall-fixup", f"-I{HOSTS}")
    return compile_program(
        HOSTS / "original.c",
        library.parent / "original" / "cshis.dll",
        str(definition),
        *flags,
        compiler=find_mingw(WINDOWS[windows.bits]),
    )


@pytest.fixture(scope="session")
def small_library(windows: Wine, work: Path) -> Path:
    """cshis.dll of the small table of tests/native."""
    return build("cshis", work / "small", small_table(), bits=[windows.bits])[0]


@pytest.fixture(scope="session")
def build_program(windows: Wine, work: Path) -> Build:
    """Compiles a C file (by name: one of tests/windows/hosts) for this Windows: (source, *flags)."""

    def build(source: Path | str, *flags: str) -> Path:
        path = HOSTS / source if isinstance(source, str) else source
        program = work / windows.name / f"{path.stem}.exe"
        common = ("-O2", "-static-libgcc", f"-I{DRIVER.parent}", f"-I{HOSTS}")
        return compile_program(path, program, *common, *flags, compiler=find_mingw(WINDOWS[windows.bits]))

    return build


@pytest.fixture(scope="session")
def driver_program(build_program: Build) -> Path:
    """driver.c as a Windows program."""
    return build_program(DRIVER)


@pytest.fixture
def small_driver(
    windows: Wine, small_library: Path, driver_program: Path, fake_bridge: FakeBridge, tmp_path: Path
) -> Iterator[Driver]:
    """A running driver with the small table's DLL, which calls ``fake_bridge`` and waits a second for it.

    It has a token: to ask Wine whose a socket is takes long on a machine with many.
    """
    token_file = tmp_path / "token of the driver"
    fake_bridge.token = load_token(token_file)
    env = windows.environment(
        CSHIS_BRIDGE=fake_bridge.address,
        CSHIS_BRIDGE_TIMEOUT="1",
        CSHIS_BRIDGE_TOKEN_FILE=windows_path(token_file),
    )
    command = windows.command(driver_program)
    with Driver(windows_path(small_library), small_library.parent, env=env, command=command) as driver:
        yield driver


@pytest.fixture
def fake_bridge() -> Iterator[FakeBridge]:
    """A bridge that answers as a test wishes."""
    with FakeBridge() as bridge:
        yield bridge


@pytest.fixture
def environment(bridge: Bridge) -> dict[str, str]:
    """Where the programs find the bridge."""
    return {"CSHIS_BRIDGE": bridge.ready["channel"]}


@pytest.fixture
def doctor(bridge: Bridge) -> None:
    """The doctor's PIN is verified, as after the morning's first call, which has opened COM1."""
    begin_the_morning(bridge)


def begin_the_morning(bridge: Bridge) -> None:
    """The port is opened, the security module and the doctor's PIN are verified."""
    with ChannelRoute(bridge.ready["channel"]) as morning:
        assert morning.call("csOpenCom", pComNum=0) == (0, {})
        assert morning.call("csVerifySAMDC") == (0, {})
    bridge.verify_doctor()


@pytest.fixture
def upload(tmp_path: Path) -> str:
    """A file of 25 bytes as a Windows program names it."""
    assert len(UPLOAD) == 25
    (tmp_path / "up.xml").write_bytes(UPLOAD)
    return windows_path(tmp_path / "up.xml")


@pytest.fixture(scope="session")
def dll_route(
    windows: Wine, library: Path, driver_program: Path, session_bridge: Bridge
) -> Iterator[NativeRoute]:
    """Legacy calls through cshis.dll in a Windows process."""
    env = windows.environment(CSHIS_BRIDGE=session_bridge.ready["channel"])
    command = windows.command(driver_program)
    with NativeRoute(windows.name, windows_path(library), library.parent, env, command) as route:
        yield route


@pytest.fixture
def beside(work: Path, windows: Wine, library: Path) -> Callable[[Path], Path]:
    """Copies cshis.dll beside a program that is linked to it; Windows looks there first."""

    def copy(program: Path) -> Path:
        shutil.copy(library, program.parent / library.name)
        return program

    return copy


@pytest.fixture
def recording(windows: Wine, recorder: Path, original: Path, tmp_path: Path) -> Recording:
    """The recorder before the stand-in."""
    return install(windows, tmp_path / "HIS", recorder, original)


@pytest.fixture
def host(build_program: Build) -> Path:
    """recorded.c."""
    return build_program("recorded.c")
