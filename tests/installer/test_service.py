"""The bridge as a service of Windows: set up by a property, started and ended by Windows, removed."""

from __future__ import annotations

import hashlib
import ssl
import time
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from native.compiler import compile_program, find_mingw
from native.targets import WINDOWS
from tests.installer.conftest import Package
from tests.installer.test_installed import CLINIC, PORTS, RUN, SETTINGS
from tests.installer.windows import Windows
from tests.support.wine import windows_path

KEY = r"SYSTEM\CurrentControlSet\Services\cshis-bridge"
DATA = r"C:\ProgramData\cshis-bridge"
OWN_PORTS = ("FACADE_PORT=0", "FACADE_LEGACY_HTTP_PORT=0", "CHANNEL_PORT=0")
PINS = '[pin]\nprovider = "fixed"\n[pin.fixed]\nhpc = "654321"\nhc = "1234"\n'
READERS = "S-1-5-32-545"  # Users
SECONDS = 90


@pytest.fixture(scope="module")
def pc(windows: Windows, package: Package) -> Windows:
    """A PC with nothing of the bridge, whatever other tests have left."""
    if windows.folder.exists():
        assert windows.msiexec("/x", package.msi) == 0
    if windows.registry(SETTINGS):
        assert windows.run("reg", "delete", f"HKLM\\{SETTINGS}", "/f", "/reg:64").wait(60) == 0
    return windows


@pytest.fixture(scope="module")
def upstreams(pc: Windows, package: Package) -> Iterator[list[str]]:
    """Console and cloud, of a bridge that nobody calls: the properties that name them. It also keeps Wine
    from ending, which it does when nothing but services runs.
    """
    with zipfile.ZipFile(package.portable) as archive:
        archive.extractall(pc.drive / "simulators")
    program = pc.drive / "simulators" / "cshis-bridge" / "cshis-bridge.exe"
    running = pc.run(program, "serve", "--simulate", "--data-dir", r"C:\simulators\data", *PORTS)
    running.wait_for('"ready"', 120)
    settings = tomllib.loads((pc.drive / "simulators/data/running.toml").read_text(encoding="utf-8"))
    yield [
        f"{section}_{name}={settings[section.lower()][name.lower()]}"
        for section in ("CONSOLE", "CLOUD")
        for name in ("URL", "CA_FILE")
    ]
    running.process.kill()


@pytest.fixture(scope="module")
def service(pc: Windows, package: Package, upstreams: list[str]) -> Iterator[Windows]:
    """As a roll-out does it. What is remembered of it goes at the end: later tests want no service."""
    words = ("START=service", f"SERVICE_READERS={READERS}")
    assert pc.msiexec("/i", package.msi, *words, *OWN_PORTS, *upstreams) == 0
    yield pc
    assert pc.run("reg", "delete", f"HKLM\\{SETTINGS}", "/f", "/reg:64").wait(60) == 0


def folder(windows: Windows) -> Path:
    return windows.drive / "ProgramData" / "cshis-bridge"


def log_of(windows: Windows) -> str:
    file = folder(windows) / "cshis-bridge.log"
    return file.read_text(encoding="utf-8") if file.exists() else ""


def wait_for(windows: Windows, word: str, times: int) -> None:
    until = time.monotonic() + SECONDS
    while log_of(windows).count(word) < times:
        assert time.monotonic() < until, log_of(windows)
        time.sleep(0.2)


def net(windows: Windows, word: str) -> None:
    done = windows.run("net", word, "cshis-bridge")
    assert done.wait(SECONDS) == 0, done.text


def test_windows_starts_it_and_nobody_has_to_log_on(service: Windows) -> None:
    wait_for(service, "listens at", 1)
    known = service.registry(KEY)
    assert known["ObjectName"] == r"NT SERVICE\cshis-bridge"
    assert known["ImagePath"].endswith(rf'cshis-bridge-service.exe service --data-dir "{DATA}"')
    assert "cshis-bridge" not in service.registry(RUN)


def test_it_has_a_token_that_others_may_read(service: Windows) -> None:
    assert service.registry(SETTINGS)["channel.token_file"] == rf"{DATA}\token"
    assert len((folder(service) / "token").read_text(encoding="ascii").strip()) == 64


def trusted(windows: Windows) -> bool:
    """Whether the machine trusts what the service shows: asked as a program of any user would."""
    authority = rf"{DATA}\certificate\facade-ca.pem"
    code = (
        "from pathlib import Path; from bridge.serving.trust import fingerprint; "
        f"from bridge.windows.root_store import has; print(has(fingerprint(Path(r'{authority}')), 'machine'))"
    )
    return windows.python(code) == "True"


def test_the_machine_trusts_its_certificate(service: Windows) -> None:
    """Which was made before its first start, by who has the rights to have it trusted. A second time, by
    hand, changes nothing: neither the certificate nor who may read the token.
    """
    assert trusted(service)
    made = (folder(service) / "certificate" / "facade.pem").read_bytes()
    assert "gets a new certificate" not in log_of(service)
    assert "trusts the new certificate" in (service.folder / "set-up.log").read_text(encoding="utf-8")
    service.command("prepare-service")
    assert (folder(service) / "certificate" / "facade.pem").read_bytes() == made
    assert service.registry(rf"{SETTINGS}\installed")["service_readers"] == READERS


def test_nobody_is_asked_in_a_window_that_nobody_sees(service: Windows) -> None:
    """Windows lets a service make one."""
    began = time.monotonic()
    call = service.run(service.folder / "cshis-bridge.exe", "call", "hpcVerifyHPCPIN", "--data-dir", DATA)
    call.wait(SECONDS)
    assert "hpcVerifyHPCPIN -> 5109" in call.text
    assert time.monotonic() - began < 40  # and not the minute for which a person would be waited for
    assert "nobody sees the windows" in log_of(service) or "no screen" in log_of(service)


def test_its_end_is_a_clean_one(service: Windows) -> None:
    net(service, "stop")
    assert log_of(service).rstrip().endswith("stopping")


def test_a_program_reads_a_card(service: Windows) -> None:
    """By the DLL, which install-dll has told of the token."""
    (folder(service) / "config.toml").write_text(PINS, encoding="utf-8")
    net(service, "start")
    wait_for(service, "listens at", 2)
    his = service.drive / "HIS-of-the-service"
    his.mkdir()
    flags = ("-O2", "-static-libgcc", "-fexec-charset=BIG5")
    clinic = compile_program(CLINIC, his / "clinic.exe", *flags, compiler=find_mingw(WINDOWS[64]))
    service.command("install-dll", r"C:\HIS-of-the-service", "--config", rf"{DATA}\running.toml")
    assert rf"token_file={DATA}\token" in (his / "cshis-bridge.ini").read_text(encoding="ascii")
    program = service.run(clinic, windows_path(his / "cshis.dll"))
    assert program.wait(120) == 0, program.text
    assert "all as expected" in program.text
    ini = his / "cshis-bridge.ini"
    with_token = ini.read_bytes()
    ini.write_bytes(with_token.splitlines()[0])
    refused = service.run(clinic, windows_path(his / "cshis.dll"))
    assert refused.wait(120) != 0
    ini.write_bytes(with_token)  # else the removal would leave it alone, and say so


def test_the_service_goes_with_the_product(service: Windows, package: Package) -> None:
    """Ended cleanly before; what it has noted stays. Its certificate is trusted no more."""
    pem = (folder(service) / "certificate" / "facade-ca.pem").read_text(encoding="ascii")
    sha1 = hashlib.sha1(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()
    assert trusted(service)
    assert service.msiexec("/x", package.msi) == 0
    assert service.registry(KEY) == {}
    code = f"from bridge.windows.root_store import has; print(has(bytes.fromhex('{sha1}'), 'machine'))"
    left = service.run(service.drive / "simulators/cshis-bridge/python.exe", "-c", code)
    assert (left.wait(60), left.text.strip()) == (0, "False")
    assert log_of(service).rstrip().endswith("stopping")
    assert (folder(service) / "journal.sqlite3").is_file()
    assert not service.folder.exists()
