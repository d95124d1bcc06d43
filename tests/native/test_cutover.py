"""Calls go to the old software or to the bridge as the routing file says (docs/migrate/cutover.md)."""

from __future__ import annotations

import ctypes
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.cutover.routing_file import read_routing
from bridge.errors import ConfigError
from bridge.installing.ini import INI
from bridge.table.default import default_table
from native.build import CLIENT, build, library_folder
from native.compiler import compile_program
from tests.support.bridge_process import clean_environment
from tests.support.cutover import DEMO, OLD_SOFTWARE, WRONG_PERSON, Folder, Reader, make_folder
from tests.support.cutover_cases import (
    CASES,
    Case,
    a_hanging_comparison_holds_nobody_up,
    insert,
    open_port,
    read,
)
from tests.support.cutover_walk import Walk
from tests.support.fake_bridge import FakeBridge
from tests.support.legacy_routes import NativeRoute

ORIGINAL = "libcshis_original.so"


@pytest.fixture(scope="session")
def table_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The client library of the project's table."""
    output = tmp_path_factory.mktemp("routed")
    build("client", output)
    return library_folder(output) / CLIENT


@pytest.fixture(scope="session")
def old_software(tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("old") / "old.so"
    return compile_program(OLD_SOFTWARE, output, "-shared", "-fPIC", "-Wno-unused-parameter")


@pytest.fixture
def folder(table_library: Path, old_software: Path, tmp_path: Path) -> Folder:
    return make_folder(tmp_path / "HIS", table_library, old_software, ORIGINAL)


@pytest.fixture
def new(fake_bridge: FakeBridge) -> Reader:
    """The bridge's reader."""
    return Reader(fake_bridge)


@pytest.fixture
def his(folder: Folder, driver_cache: Path, fake_bridge: FakeBridge) -> Iterator[NativeRoute]:
    """A hospital's program with that library."""
    env = clean_environment(
        CSHIS_BRIDGE=fake_bridge.address,
        CSHIS_BRIDGE_TIMEOUT="2",
        CSHIS_OLD=str(folder.old),
        CSHIS_BRIDGE_CUTOVER_DIR=str(folder.kept),
    )
    with NativeRoute("routed", folder.library, driver_cache, env) as route:
        yield route


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_as_on_every_system(case: Case, his: NativeRoute, folder: Folder, new: Reader) -> None:
    case(his, folder, new)


@pytest.mark.parametrize("seed", [0, 4, 9, 17, 23, 147, 173])
def test_a_random_walk(seed: int, his: NativeRoute, folder: Folder, new: Reader) -> None:
    walk = Walk(his, folder, new, seed)
    walk.go(400)
    assert walk.refused > 3


def test_a_hanging_original_in_a_comparison(his: NativeRoute, folder: Folder, new: Reader) -> None:
    a_hanging_comparison_holds_nobody_up(his, folder, new)


@pytest.fixture
def inside(folder: Folder, fake_bridge: FakeBridge, monkeypatch: pytest.MonkeyPatch) -> ctypes.CDLL:
    """The library in this process, whose threads call it."""
    monkeypatch.setenv("CSHIS_OLD", str(folder.old))
    monkeypatch.setenv("CSHIS_BRIDGE_CUTOVER_DIR", str(folder.kept))
    return ctypes.CDLL(str(folder.library))


def squeezed(library: ctypes.CDLL) -> bytes:
    out = ctypes.create_string_buffer(16)
    assert library.hisGetICD10EnC(b"A00", out) == 0
    return out.value


def test_a_hanging_original_holds_nobody_else_up(inside: ctypes.CDLL, folder: Folder, new: Reader) -> None:
    """The thread that called it waits, as it did without us; nothing of ours waits with it."""
    folder.route("sam=original", "icd=bridge", "card=original")
    folder.insert(DEMO)
    folder.switch("hang csGetHospID")
    room, length = ctypes.create_string_buffer(10), ctypes.c_short(10)
    waiting = threading.Thread(target=inside.csGetHospID, args=(room, ctypes.byref(length)))
    waiting.start()
    begun = time.monotonic()
    while "csGetHospID" not in folder.calls():
        assert time.monotonic() - begun < 5
        time.sleep(0.01)
    begun = time.monotonic()
    assert squeezed(inside) == b"NEW"
    record, size = ctypes.create_string_buffer(72), ctypes.c_short(72)
    assert inside.hisGetBasicData(record, ctypes.byref(size)) == inside.csOpenCom(0) == 0
    assert time.monotonic() - begun < 3
    assert waiting.is_alive()
    waiting.join(20)
    assert room.raw == b"3501200000"


def test_threads_while_the_routes_change(inside: ctypes.CDLL, folder: Folder, new: Reader) -> None:
    """Every answer is whole and of one side; a file is taken or not, never in part."""
    insert(folder, new, DEMO, DEMO)
    end = time.monotonic() + 2
    seen: set[bytes] = set()
    faults: list[str] = []

    def call() -> None:
        while time.monotonic() < end:
            seen.add(squeezed(inside))
            record, size = ctypes.create_string_buffer(72), ctypes.c_short(72)
            code = inside.hisGetBasicData(record, ctypes.byref(size))
            if (code, size.value, record.raw[:12]) != (0, 72, DEMO[0].encode()):
                faults.append(f"{code} {size.value} {record.raw!r}")

    threads = [threading.Thread(target=call) for _ in range(8)]
    folder.route("icd=bridge", "card=original")
    inside.csOpenCom(0)
    for thread in threads:
        thread.start()
    while time.monotonic() < end:
        for route in ("original", "bridge", "original, compared"):
            folder.route(f"icd={route}", "card=original")
            inside.csOpenCom(0)
    for thread in threads:
        thread.join(30)
    assert faults == []
    assert seen == {b"OLD   ", b"NEW"}
    assert not [line for line in folder.log() if "refused" in line or line.startswith("person")]


def test_visits_of_other_programs(his: NativeRoute, folder: Folder, new: Reader) -> None:
    """A day with more visits than one program remembers, and a line that a full disk has cut off."""
    folder.route("card=bridge")
    insert(folder, new, None, DEMO)
    open_port(his)
    assert read(his) == (0, b"NEW")
    folder.kept.mkdir(exist_ok=True)
    many = b"".join(b"1151129%06d O\n" % number for number in range(1500))
    for day in (1151127, 1151128, 1151129):
        (folder.kept / f"visits-{day}").write_bytes(b"11511" + many.replace(b"1151129", b"%d" % day))
    for visit in (b"1151127000000", b"1151128000000", b"1151129000000", b"1151127000000", b"1151127001499"):
        assert his.call("csUnGetSeqNumber", pUnTreatDate=visit)[0] == WRONG_PERSON, visit
    assert "csUnGetSeqNumber" not in new.calls()


FILES = (
    "[routes]\ncard=original\nicd=bridge, compared\n",
    "bridge=127.0.0.1:5068\n\n[routes]\r\n; a remark\r\nsam = original, compared \r\n",
    "\ufeff[routes]\nstage=one\nversion=bridge\n",
    "bridge=127.0.0.1:5068\nrubbish\n",
    "[route]\ncard=original\n",
    "[routes]\ncard=original\n[more]\n",
    "[routes]\ncard\n",
    "[routes]\ncards=original\n",
    "[routes]\ncard=Original\n",
    "[routes]\ncard=bridge,compared\n",
    "[routes]\ncard=original\ncard=original\n",
    "[routes]\ncard=bridge, original if unreachable\n",
    "[routes]\nsession=original\n",
    "[routes]\ncsOpenCom=original\n",
    "[routes]\nupload=original\n",
    "[routes]\nupload=original, compared\n",
    "[routes]\ncsUploadData=original\n",
    "[routes]\nhisGetBasicData=original\n",
    "[routes]\nhisGetBasicData=original, compared\n",
    "[routes]\nclock=original, compared\n",
    "[routes]\ncsGetDateTime=original, compared\n",
    "[routes]\ncsGetHospID=bridge, compared\ncsGetHospID=bridge\n",
    "[routes]\ndropped=bridge\nhisWriteOrganDonate=original\n",
    "[routes]\nhpcGetAllData=bridge, original if unreachable\n",
    "[moved]\nhisReadPrescription=original\n",
    "[moved]\nhisReadPrescription=original, compared\n",
    "[moved]\nhisReadPrescription=original\nhisReadPrescription=bridge\n",
    "[moved]\ncard=original\n",
    "[moved]\ncsGetHospID=original\n",
    "[moved]\nstage=one\n",
    f"[routes]\nstage={'x' * 63}\n",
    f"[routes]\nstage={'x' * 64}\n",
)


def test_library_and_command_refuse_the_same_files(his: NativeRoute, folder: Folder, new: Reader) -> None:
    """A library that obeys what the command refuses would be a surprise on the morning."""
    table = default_table()
    verdicts = []
    for text in FILES:
        (folder.path / INI).write_text(text, encoding="utf-8", newline="")
        shutil.rmtree(folder.kept, ignore_errors=True)
        his.call("csOpenCom", pComNum=0)
        said = next(iter(folder.log()), "")
        try:
            found = read_routing(text, table)
            mine = "is in force" if found else ""
        except ConfigError as error:
            mine = str(error)
        assert mine in said, (text, said)
        assert bool(mine) == (said != "") or "none any more" in said, (text, said)
        verdicts.append("refused" in said)
    assert verdicts.count(True) >= 20
    assert verdicts.count(False) >= 8
