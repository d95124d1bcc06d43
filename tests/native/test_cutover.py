"""Calls go to the old software or to the bridge as the routing file says (docs/migrate/cutover.md)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from native.build import CLIENT, build, library_folder
from native.compiler import compile_program
from tests.support.bridge_process import clean_environment
from tests.support.cutover import (
    CHILD,
    DEMO,
    OLD_SOFTWARE,
    UNREACHABLE,
    WRONG_PERSON,
    Folder,
    Person,
    Reader,
    make_folder,
)
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


def read(his: NativeRoute) -> tuple[int, bytes]:
    """Read whose card it is. Out: the code, and which software answered."""
    code, outputs = his.call("hisGetBasicData", pBuffer=72)
    record = outputs.get("pBuffer", b"")
    assert isinstance(record, bytes)
    return code, record[12:15]


def write(his: NativeRoute, person: Person, function: str = "hisWriteEmergentTel", **further: bytes) -> int:
    """Write something that names its patient."""
    given = {"pPatientID": person[1].encode(), "pPatientBirthDate": person[2].encode(), **further}
    last = {"hisWriteEmergentTel": "pEmergentTel", "hisWriteOrganDonate": "pOrganDonate"}[function]
    return his.call(function, **{last: b"1", **given})[0]


def both_insert(folder: Folder, new: Reader, old: Person | None, now: Person | None) -> None:
    folder.insert(old)
    new.card = now


def test_a_function_goes_to_the_original(his: NativeRoute, folder: Folder, new: Reader) -> None:
    folder.route("icd=original")
    code, outputs = his.call("hisGetICD10EnC", pIN=b"A00")
    assert (code, outputs["pOUT"]) == (0, b"OLD   ")
    assert folder.calls() == ["hisGetICD10EnC"]
    assert new.calls() == []


def test_without_a_routing_file_everything_goes_to_the_bridge(
    his: NativeRoute, folder: Folder, new: Reader
) -> None:
    both_insert(folder, new, DEMO, DEMO)
    assert his.call("csOpenCom", pComNum=0)[0] == 0
    assert read(his) == (0, b"NEW")
    assert write(his, DEMO, "hisWriteOrganDonate") == -2
    assert new.calls() == ["csOpenCom", "hisGetBasicData"]
    assert folder.calls() == []
    assert not folder.kept.exists()
