"""What the old software merely read: arrays without a NUL, names in two encodings, short buffers."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.calls.call import File
from bridge.channel.frame import Answer as Reply
from bridge.channel.frame import encode_reply
from bridge.table.codegen.abi import Slot, declared
from bridge.table.default import default_table
from bridge.table.model.rows import Function
from native.build import CLIENT, build, library_folder
from tests.native.guard_pages import __name__ as GUARD_PAGES
from tests.native.guard_pages import block_width
from tests.support.fake_bridge import FakeBridge
from tests.support.hosts.driver import Answer, Driver, room, scalar, short, text

VERSION_ROOM = 24
RUBBISH = b"\xfe\xff" * 8


@pytest.fixture(scope="module")
def whole_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("whole")
    build("client", output)
    return library_folder(output) / CLIENT


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("driver")


@pytest.fixture
def driver(whole_library: Path, cache: Path, fake_bridge: FakeBridge) -> Iterator[Driver]:
    with Driver(whole_library, cache, timeout=10) as made:
        yield made


def test_no_byte_behind_a_text_of_its_documented_width_is_read(whole_library: Path) -> None:
    """Every function: its in-strings end where a page begins that nobody may read."""
    environment = {**os.environ, "CSHIS_BRIDGE": "127.0.0.1:9"}
    ran = subprocess.run(
        [sys.executable, "-m", GUARD_PAGES, str(whole_library)],
        capture_output=True, text=True, timeout=120, env=environment, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert ran.returncode == 0, (ran.returncode, ran.stdout[-200:], ran.stderr[-2000:])
    called = dict(line.split() for line in ran.stdout.splitlines())
    assert set(called) == {function.name for function in default_table().exported()}
    assert {name for name, code in called.items() if code == "6018"} == set()


ROWS = 2
TABLE = default_table()
READ = ("text", "text_inout", "block")  # what the library reads by width
SERVED = sorted(
    each.name
    for each in TABLE.exported()
    if each.status != "unsupported" and any(slot.kind in READ for slot in declared(TABLE, each))
)


def _word(function: Function, slot: Slot, behind: bytes) -> str:
    """An argument; a text or block has its whole documented width, and these bytes behind it."""
    match slot.kind:
        case "text" | "text_inout":
            return room(slot.most + len(behind), b"1" * slot.most + behind)
        case "block":
            width = block_width(TABLE, function, slot, ROWS)
            return room(width + len(behind), b"1" * width + behind)
        case "file":
            return text(b"/nowhere\0" + behind)
        case "length":
            return short(8000)
        case "count":
            return short(ROWS)
        case "scalar":
            return scalar(1)
        case _:
            return room(8192)


@pytest.mark.parametrize("name", SERVED)
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(behind=st.binary(min_size=1, max_size=40))
def test_what_stands_behind_a_text_never_leaves_the_program(
    driver: Driver, fake_bridge: FakeBridge, name: str, behind: bytes
) -> None:
    """The same is sent, whatever follows the documented widths; and nothing of that is written over."""
    function = TABLE.functions[name]
    slots = declared(TABLE, function)
    driver.call(name, *(_word(function, slot, b"") for slot in slots))
    answer = driver.call(name, *(_word(function, slot, behind) for slot in slots))
    plain, noisy = fake_bridge.requests[-2:]
    assert noisy.arguments == plain.arguments
    texts = [place for place, slot in enumerate(slots) if slot.kind in READ]
    assert all(answer.data(place).endswith(b"1" + behind) for place in texts)


@pytest.mark.parametrize("on_disk", ["utf-8", "cp950"])
@pytest.mark.parametrize("passed", ["utf-8", "cp950"])
def test_a_folder_with_a_chinese_name_is_found_in_either_encoding(
    on_disk: str, passed: str, tmp_path: Path, driver: Driver, fake_bridge: FakeBridge
) -> None:
    folder, name = bytes(tmp_path) + b"/", "健保上傳/資料.xml"
    path = Path(os.fsdecode(folder + name.encode(on_disk)))
    path.parent.mkdir()
    path.write_bytes(b"abc")
    given = folder + name.encode(passed)
    answer = driver.call("csUploadData", text(given + b"\0"), text(b"3\0"), text(b"1\0"), room(50), short(50))
    assert answer.code == 0
    assert fake_bridge.requests[0].arguments[0].value == File(given, b"abc")


def _version(driver: Driver, bridge: FakeBridge, size: int) -> Answer:
    bridge.behave = lambda request: encode_reply(Reply(request.number, 6000, ((0, b"far.exe\0"),)))
    return driver.call("csGetVersionEx", room(size))


def test_the_version_call_writes_the_librarys_own_file_name(driver: Driver, fake_bridge: FakeBridge) -> None:
    """Its path is longer than the 24 bytes that the old software can have written."""
    answer = _version(driver, fake_bridge, VERSION_ROOM)
    assert answer.code == 6000
    assert answer.data(0).startswith(CLIENT.encode() + b"\0")
    assert set(answer.data(0)[len(CLIENT) + 1 :]) == {0xA5}


def test_the_version_call_writes_the_librarys_own_path_where_that_is_short(
    whole_library: Path, cache: Path, fake_bridge: FakeBridge
) -> None:
    short_place = Path("/tmp/c.so")
    short_place.write_bytes(whole_library.read_bytes())
    try:
        with Driver(short_place, cache, timeout=10) as driver:
            assert _version(driver, fake_bridge, 16).data(0) == b"/tmp/c.so\0" + b"\xa5" * 6
    finally:
        short_place.unlink()


@pytest.mark.parametrize(
    ("given", "written"),
    [(b"1", b"2"), (b"1\xfe07", b"2\xfe07"), (b"001  \0", b"2    \0"), (b"1 X", b"2 X"), (b"X", b"X")],
)
def test_a_count_is_written_over_digits_alone(
    driver: Driver, fake_bridge: FakeBridge, tmp_path: Path, given: bytes, written: bytes
) -> None:
    """An array without a NUL ends with its digits; what follows belongs to somebody else."""
    file = tmp_path / "a.xml"
    file.write_bytes(b"abc")
    fake_bridge.behave = lambda request: encode_reply(Reply(request.number, 0, ((2, b"2"),)))
    count = room(len(given + RUBBISH), given + RUBBISH)
    answer = driver.call("csUploadData", text(bytes(file) + b"\0"), text(b"3\0"), count, room(50), short(50))
    assert (answer.code, answer.data(2)) == (0, written + RUBBISH)
