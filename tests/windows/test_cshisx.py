"""CsHisX.dll, the COM component: registered and driven late-bound, by VBScript and through IDispatch in C."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

import httpx
import pefile
import pytest

from bridge import __version__
from native.build import build
from tests.support.bridge_process import Bridge, running_bridge
from tests.support.fake_bridge import FakeBridge
from tests.support.wine import Wine, windows_path
from tests.windows.conftest import HOSTS, Build

CLASS = "{3C1DD4A2-0134-4BEF-8F14-FE4498F3A504}"
PROGRAM_ID = "CsHisX.nhicshisx.1"
ANY_VERSION = "CsHisX.nhicshisx"
MACHINE, USER = r"HKLM\Software\Classes", r"HKCU\Software\Classes"
KEYS = (rf"CLSID\{CLASS}", PROGRAM_ID, ANY_VERSION)
SYSTEM = {"kernel32.dll", "msvcrt.dll", "ws2_32.dll", "ole32.dll", "oleaut32.dll", "advapi32.dll"}
MOST_BYTES = 200_000
COM_CALLS = {"DllCanUnloadNow", "DllGetClassObject", "DllRegisterServer", "DllUnregisterServer"}
SAM, HOSPITAL = "001000000103", "3501200000"
NO_BRIDGE = {"CSHIS_BRIDGE": "127.0.0.1:1"}
NO_CONSOLE, BAD_ARGUMENT = "4000", "6018"
THREADS, ROUNDS = 4, 5
LIBRARIES = ("-lole32", "-loleaut32", "-luuid")
# VBScript's own numbers of these errors.
MISMATCH, TOO_FEW, UNKNOWN = "13", "450", "438"


@pytest.fixture(scope="module", autouse=True)
def awake(windows: Wine) -> Iterator[None]:
    """Wine stays started between the many short programs of this file.

    It must be up before the first of them: what that one had to start would hold its output open.
    """
    command, env = windows.command(Path("cmd.exe")), windows.environment()
    with subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as waiting:
        assert waiting.stdout is not None
        assert waiting.stdout.readline(), "cmd.exe does not start"
        yield
        waiting.communicate(timeout=60)  # no more input ends it


@pytest.fixture(scope="session")
def component(windows: Wine, work: Path) -> Path:
    """CsHisX.dll of the project's table, in a folder of its own."""
    return build("cshisx", work / "component", bits=[windows.bits])[0]


@pytest.fixture(scope="module")
def registrar(build_program: Build) -> Path:
    return build_program("registration.c", "-ladvapi32")


@pytest.fixture(scope="module")
def latebound(build_program: Build) -> Path:
    return build_program("latebound.c", *LIBRARIES)


@pytest.fixture(scope="module")
def script(work: Path) -> Path:
    """The VBScript where Wine sees it."""
    return Path(shutil.copy(HOSTS / "cshisx.vbs", work))


@pytest.fixture
def registered(windows: Wine, component: Path) -> Iterator[None]:
    """The component as regsvr32 registers it, and nothing of it afterwards."""
    registrations(windows, component, "/s")
    yield
    registrations(windows, component, "/s", "/u")


def registrations(windows: Wine, component: Path, *how: str) -> None:
    done = windows.run(Path("regsvr32.exe"), *how, windows_path(component))
    assert done.returncode == 0, done.stdout + done.stderr


def registry(windows: Wine, key: str) -> str | None:
    """What stands in a key of the registry and below it, None where there is no such key."""
    done = windows.run(Path("reg.exe"), "query", key, "/s")
    return done.stdout if done.returncode == 0 else None


def call_export(windows: Wine, registrar: Path, component: Path, *what: str) -> str:
    """The HRESULT of an export of the component that a program calls itself."""
    done = windows.run(registrar, windows_path(component), *what)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


def lines(done: subprocess.CompletedProcess[str]) -> dict[str, str]:
    """What a program has printed: the rest of each line by its first word. It must have ended well."""
    assert done.returncode == 0, done.stdout + done.stderr
    told = [line.partition(" ") for line in done.stdout.splitlines() if line.strip()]
    assert len({name for name, _, _ in told}) == len(told)
    return {name: rest.strip() for name, _, rest in told}


def run_script(windows: Wine, script: Path, env: dict[str, str], *arguments: str) -> dict[str, str]:
    """What the script has printed. It must have come to its end: a fault gives no exit code."""
    program = Path("cscript.exe")
    told = lines(windows.run(program, "/nologo", windows_path(script), *arguments, env=env))
    assert "end" in told, told
    return told


def upload(bridge: Bridge, random: str, signature: str) -> str:
    """The upload centre's answer to a program that sends a pair there itself, past the bridge."""
    centre = tomllib.loads(bridge.config.read_text(encoding="utf-8"))["upload"]["centre"]["url"]
    body = {
        "sSamid": SAM,
        "sHospid": HOSPITAL,
        "sClientrandom": random,
        "sSignature": signature,
        "sType": "ZZ",
        "sPatData": base64.b64encode(b"<RECS/>").decode(),
        "sUploadDT": "20250101120000000",
    }
    with httpx.Client(verify=bridge.console_ca, trust_env=False) as client:
        reply = client.post(f"{centre.rstrip('/')}/VNHI_Upload", json=body)
    return str(reply.raise_for_status().json()["RtnCode"])


# --- the file -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def image(component: Path) -> pefile.PE:
    return pefile.PE(str(component))


def test_file(image: pefile.PE, component: Path) -> None:
    assert {symbol.name.decode() for symbol in image.DIRECTORY_ENTRY_EXPORT.symbols} == COM_CALLS
    assert {entry.dll.decode().lower() for entry in image.DIRECTORY_ENTRY_IMPORT} <= SYSTEM
    assert component.stat().st_size < MOST_BYTES
    assert image.has_relocs()
    assert image.OPTIONAL_HEADER.IMAGE_DLLCHARACTERISTICS_NX_COMPAT


def test_version_resource(image: pefile.PE) -> None:
    tables = [
        entry for info in image.FileInfo[0] if info.Key == b"StringFileInfo" for entry in info.StringTable
    ]
    texts = {key.decode(): value.decode() for key, value in tables[0].entries.items()}
    assert (texts["FileVersion"], texts["OriginalFilename"]) == (__version__, "CsHisX.dll")


def test_same_sources_give_the_same_bytes(component: Path, windows: Wine, tmp_path: Path) -> None:
    (again,) = build("cshisx", tmp_path, bits=[windows.bits])
    assert again.read_bytes() == component.read_bytes()


# --- registration -------------------------------------------------------------------------------------------


def test_registers_for_the_machine(windows: Wine, component: Path, registered: None) -> None:
    own = registry(windows, rf"{MACHINE}\CLSID\{CLASS}")
    assert own is not None
    assert windows_path(component) in own
    assert "Both" in own
    assert PROGRAM_ID in own
    for name in (PROGRAM_ID, ANY_VERSION):
        assert CLASS in (registry(windows, rf"{MACHINE}\{name}\CLSID") or "").upper()
    assert PROGRAM_ID in (registry(windows, rf"{MACHINE}\{ANY_VERSION}\CurVer") or "")
    assert all(registry(windows, rf"{USER}\{key}") is None for key in KEYS)


def test_registering_twice_and_removing_leaves_nothing(
    windows: Wine, component: Path, registrar: Path
) -> None:
    for what in ("register", "register", "unregister", "unregister"):
        assert call_export(windows, registrar, component, what) == "00000000"
    for key in KEYS:
        assert registry(windows, rf"{MACHINE}\{key}") is None
        assert registry(windows, rf"{USER}\{key}") is None


def test_registers_for_the_user_alone_without_rights(windows: Wine, component: Path, registrar: Path) -> None:
    """The entries alone: Wine 8 does not look for classes of the user, Windows does."""
    assert call_export(windows, registrar, component, "register", "no-machine") == "00000000"
    assert all(registry(windows, rf"{USER}\{key}") is not None for key in KEYS)
    assert all(registry(windows, rf"{MACHINE}\{key}") is None for key in KEYS)
    assert call_export(windows, registrar, component, "unregister") == "00000000"
    assert all(registry(windows, rf"{USER}\{key}") is None for key in KEYS)


def test_leaves_a_name_that_another_component_took_over(
    windows: Wine, component: Path, registrar: Path
) -> None:
    other = "{00000000-0000-0000-0000-0000000000AA}"
    assert call_export(windows, registrar, component, "register") == "00000000"
    key = rf"{MACHINE}\{PROGRAM_ID}\CLSID"
    assert windows.run(Path("reg.exe"), "add", key, "/ve", "/d", other, "/f").returncode == 0
    assert call_export(windows, registrar, component, "unregister") == "00000000"
    assert other in (registry(windows, key) or "")
    assert registry(windows, rf"{MACHINE}\CLSID\{CLASS}") is None
    assert registry(windows, rf"{MACHINE}\{ANY_VERSION}") is None
    assert windows.run(Path("reg.exe"), "delete", rf"{MACHINE}\{PROGRAM_ID}", "/f").returncode == 0


def test_names_stay_while_the_other_bitness_is_registered(
    windows: Wine, component: Path, registrar: Path
) -> None:
    if windows.bits == 32:  # a Windows of 32 bits has no other
        return
    own = rf"{MACHINE}\CLSID\{CLASS}"
    assert call_export(windows, registrar, component, "register") == "00000000"
    assert windows.run(Path("reg.exe"), "add", own, "/reg:32", "/f").returncode == 0
    assert call_export(windows, registrar, component, "unregister") == "00000000"
    assert registry(windows, own) is None
    assert CLASS in (registry(windows, rf"{MACHINE}\{PROGRAM_ID}\CLSID") or "").upper()
    assert windows.run(Path("reg.exe"), "delete", own, "/reg:32", "/f").returncode == 0
    assert call_export(windows, registrar, component, "unregister") == "00000000"
    assert registry(windows, rf"{MACHINE}\{PROGRAM_ID}") is None


# --- calls --------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("registered")
def test_keeps_the_rules_of_automation(windows: Wine, latebound: Path) -> None:
    done = windows.run(latebound, "rules", env=NO_BRIDGE)
    assert (done.returncode, done.stdout.strip()) == (0, "as promised"), done.stderr


@pytest.mark.usefixtures("registered")
@pytest.mark.parametrize("name", [PROGRAM_ID, ANY_VERSION])
def test_visual_basic_script(windows: Wine, script: Path, bridge: Bridge, name: str) -> None:
    own_upload = f"{bridge.ready['legacy_http']}/V2000/VNHI_Upload"
    told = run_script(windows, script, {"CSHIS_BRIDGE": bridge.ready["channel"]}, name, own_upload)
    assert told["untouched.code"] == NO_CONSOLE
    for random, signature in (("random", "sign"), ("random2", "sign2")):
        assert (told[f"{random}.code"], told[f"{signature}.code"]) == ("0", "0")
        assert upload(bridge, told[random], told[signature]) == "0000"
    assert told["random"] != told["random2"]
    assert upload(bridge, told["random"], told["sign2"]) != "0000", "the centre takes any pair"
    assert json.loads(told["sam"]) == {"SAMCardInfoInCS": {"SAM": [{"CARD_ID": SAM, "HOSP": HOSPITAL}]}}
    status, _, reply = told["upload"].partition(" ")
    assert (status, json.loads(reply)["RtnCode"]) == ("200", "0000")
    assert (told["kind9"], told["kind9.code"]) == ("", BAD_ARGUMENT)
    assert (told["mismatch"], told["too-few"], told["unknown"]) == (MISMATCH, TOO_FEW, UNKNOWN)


@pytest.mark.usefixtures("registered")
def test_a_use_that_was_not_guessed(windows: Wine, script: Path, tmp_path: Path) -> None:
    """Its signature is right through the bridge's own upload path, not where the program sends it itself."""
    with running_bridge(tmp_path, '[vpn]\nguess_service_code = "01"\n') as other:
        own_upload = f"{other.ready['legacy_http']}/V2000/VNHI_Upload"
        told = run_script(windows, script, {"CSHIS_BRIDGE": other.ready["channel"]}, PROGRAM_ID, own_upload)
        assert (told["sign.code"], told["sign2.code"]) == ("0", "0")
        assert upload(other, told["random"], told["sign"]) != "0000"
        status, _, reply = told["upload"].partition(" ")
        assert (status, json.loads(reply)["RtnCode"]) == ("200", "0000")


@pytest.mark.usefixtures("registered")
def test_dispatch_interface(windows: Wine, latebound: Path, bridge: Bridge) -> None:
    told = lines(windows.run(latebound, "sign", env={"CSHIS_BRIDGE": bridge.ready["channel"]}))
    codes = {name: rest.partition(" ")[0] for name, rest in told.items()}
    texts = {name: rest.partition(" ")[2] for name, rest in told.items()}
    good = ("numbers", "texts", "floats", "by-reference")
    assert all(codes[name] == "0" for name in ("random", *good, "sam", "no-result"))
    assert len({texts[name] for name in good}) == len(good)
    assert len(base64.b64decode(texts["numbers"], validate=True)) == len(base64.b64decode(texts["floats"]))
    assert (codes["wrong-kind"], texts["wrong-kind"]) == (BAD_ARGUMENT, "")
    assert codes["long-random"] == "0"  # its documented width counts
    assert SAM in texts["sam"]


@pytest.mark.usefixtures("registered")
def test_what_the_bridge_is_asked(windows: Wine, latebound: Path, fake_bridge: FakeBridge) -> None:
    """Numbers and texts come to the same; a code of two digits, given as a number, gets its zero back."""
    lines(windows.run(latebound, "sign", env={"CSHIS_BRIDGE": fake_bridge.address}))
    signed = [request for request in fake_bridge.requests if request.name == "VPNH_SignX"]
    asked = [tuple(sent.value for sent in request.arguments[:3]) for request in signed]
    long = (b"12345678901234567890", 3, b"30")
    assert asked == [(b"", 3, b"30")] * 4 + [(b"", 3, b"01"), (b"", 6, b"30"), long]


@pytest.mark.usefixtures("registered")
def test_four_threads_share_an_object(windows: Wine, latebound: Path, bridge: Bridge) -> None:
    done = windows.run(latebound, "threads", str(ROUNDS), env={"CSHIS_BRIDGE": bridge.ready["channel"]})
    assert done.returncode == 0, done.stdout + done.stderr
    signatures = done.stdout.split()
    assert len(signatures) == len(set(signatures)) == THREADS * ROUNDS


@pytest.mark.usefixtures("registered")
def test_no_bridge(windows: Wine, script: Path, bridge: Bridge) -> None:
    begun = time.monotonic()
    run_script(windows, script, {"CSHIS_BRIDGE": bridge.ready["channel"]}, PROGRAM_ID)
    with_bridge = time.monotonic() - begun
    begun = time.monotonic()
    told = run_script(windows, script, NO_BRIDGE, PROGRAM_ID)
    assert time.monotonic() - begun < with_bridge + 2
    for name in ("random", "sign", "random2", "sign2", "sam"):
        assert (told[name], told[f"{name}.code"]) == ("", NO_CONSOLE)
