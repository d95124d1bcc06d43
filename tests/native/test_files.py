"""Files that the library reads in the calling program's process, and counts that it writes back."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bridge.calls.call import File
from bridge.channel.frame import Answer as Reply
from bridge.channel.frame import Request, encode_reply
from bridge.channel.server import ChannelServer
from bridge.config import ChannelSettings
from bridge.sim.simulator import Simulator
from native.build import CLIENT, build, library_folder
from tests.support.fake_bridge import FakeBridge
from tests.support.hosts.driver import NULL, Answer, Driver, build_driver, room, short, text
from tests.support.simulated import open_bench

FILE, SIZE, COUNT, RECEIPT = 0, 1, 2, 3
MOST = 10 * 1024 * 1024
BAD_ARGUMENT, UNREACHABLE, SIZE_WRONG, UNREADABLE = 6018, 4000, 6015, 6017
NOBODY = "65534"


@pytest.fixture(scope="module")
def whole_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The client library of the project's own table."""
    output = tmp_path_factory.mktemp("whole")
    build("client", output)
    return library_folder(output) / CLIENT


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("driver")


@pytest.fixture
def driver(whole_library: Path, cache: Path, fake_bridge: FakeBridge) -> Iterator[Driver]:
    """A program with the library, talking to the fake bridge."""
    with Driver(whole_library, cache, timeout=10) as made:
        yield made


def exact(value: bytes) -> str:
    """A buffer of the driver that holds exactly these bytes and shows them afterwards."""
    return room(len(value), value)


def upload(driver: Driver, path: bytes, size: bytes = b"3", count: bytes = b"12") -> Answer:
    return driver.call(
        "csUploadData", text(path), text(size + b"\0"), text(count + b"\0"), room(50), short(50)
    )


def seen(bridge: FakeBridge) -> File:
    """The file of the one request that the bridge has seen."""
    (request,) = bridge.requests
    value = request.arguments[FILE].value
    assert isinstance(value, File)
    return value


def counting(number: bytes, index: int = COUNT) -> Callable[[Request], bytes]:
    """A bridge that answers 0 and writes something to one argument."""
    return lambda request: encode_reply(Reply(request.number, 0, ((index, number),)))


# --- reading ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tail", [b"\0", b" \0"])
@pytest.mark.parametrize("content", [b"", b"abc", b"\0\r\n\x1a\xff" * 1000])
def test_the_content_is_sent_byte_by_byte(
    content: bytes, tail: bytes, tmp_path: Path, driver: Driver, fake_bridge: FakeBridge
) -> None:
    (tmp_path / "a.xml").write_bytes(content)
    name = bytes(tmp_path / "a.xml")
    answer = upload(driver, name + tail)
    assert (answer.code, answer.intact) == (0, True)
    file = seen(fake_bridge)
    assert (file.name.rstrip(), file.content, file.too_large) == (name, content, False)


def test_a_path_blank_padded_to_200_bytes_is_found(
    tmp_path: Path, driver: Driver, fake_bridge: FakeBridge
) -> None:
    (tmp_path / "a b.xml").write_bytes(b"abc")
    padded = bytes(tmp_path / "a b.xml").ljust(200)
    assert len(padded) == 200
    assert upload(driver, padded + b"\0").code == 0
    assert seen(fake_bridge).content == b"abc"


def test_a_path_in_code_page_950_is_taken_as_it_is(
    tmp_path: Path, driver: Driver, fake_bridge: FakeBridge
) -> None:
    name = bytes(tmp_path) + b"/" + "上傳.xml".encode("cp950")
    Path(os.fsdecode(name)).write_bytes(b"abc")
    assert upload(driver, name + b"\0").code == 0
    assert seen(fake_bridge) == File(name, b"abc")


def test_a_relative_path_is_the_programs_own(
    tmp_path: Path, whole_library: Path, cache: Path, fake_bridge: FakeBridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.xml").write_bytes(b"abc")
    monkeypatch.chdir(tmp_path)
    with Driver(whole_library, cache) as made:
        assert upload(made, b"a.xml\0").code == 0
    assert seen(fake_bridge) == File(b"a.xml", b"abc")


def test_the_largest_file_is_sent_and_a_byte_more_is_not(
    tmp_path: Path, driver: Driver, fake_bridge: FakeBridge
) -> None:
    largest, larger, endless = tmp_path / "largest", tmp_path / "larger", tmp_path / "endless"
    for file, size in ((largest, MOST), (larger, MOST + 1), (endless, 1 << 36)):
        with file.open("wb") as written:
            written.truncate(size)
        assert upload(driver, bytes(file) + b"\0").code == 0
    first, *others = [request.arguments[FILE].value for request in fake_bridge.requests]
    assert first == File(bytes(largest), bytes(MOST))
    assert others == [File(bytes(larger), None, too_large=True), File(bytes(endless), None, too_large=True)]


def _directory(folder: Path) -> Path:
    return folder


def _missing(folder: Path) -> Path:
    return folder / "missing.xml"


def _below_a_file(folder: Path) -> Path:
    (folder / "a.xml").write_bytes(b"abc")
    return folder / "a.xml" / "b.xml"


def _dangling(folder: Path) -> Path:
    (folder / "link").symlink_to(folder / "missing.xml")
    return folder / "link"


def _circle(folder: Path) -> Path:
    (folder / "link").symlink_to(folder / "link")
    return folder / "link"


def _pipe(folder: Path) -> Path:
    os.mkfifo(folder / "pipe")
    return folder / "pipe"


def _pipe_behind_a_link(folder: Path) -> Path:
    _pipe(folder)
    (folder / "link").symlink_to(folder / "pipe")
    return folder / "link"


def _device(folder: Path) -> Path:
    return Path("/dev/zero")


def _empty_device(folder: Path) -> Path:
    return Path("/dev/null")


NO_FILES = [
    _directory, _missing, _below_a_file, _dangling, _circle, _pipe, _pipe_behind_a_link, _device,
    _empty_device,
]  # fmt: skip


@pytest.mark.parametrize("make", NO_FILES, ids=lambda make: make.__name__.strip("_"))
def test_what_is_no_regular_file_is_unreadable_at_once(
    make: Callable[[Path], Path], tmp_path: Path, driver: Driver, fake_bridge: FakeBridge
) -> None:
    path = bytes(make(tmp_path))
    begun = time.monotonic()
    answer = upload(driver, path + b"\0")
    assert time.monotonic() - begun < 2
    assert (answer.code, answer.intact) == (0, True)
    assert seen(fake_bridge) == File(path, None)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may enter: pytest's own is for its user alone."""
    folder = Path(tempfile.mkdtemp(prefix="cshis-files-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def test_a_file_that_the_program_may_not_read_is_unreadable(
    open_folder: Path, whole_library: Path, cache: Path, fake_bridge: FakeBridge
) -> None:
    secret = open_folder / "secret.xml"
    secret.write_bytes(b"abc")
    secret.chmod(0)
    library = shutil.copy(whole_library, open_folder / CLIENT)
    program = shutil.copy(build_driver(cache), open_folder / "driver")
    command: list[str | Path] = [program]
    if os.geteuid() == 0:  # root may read everything
        if shutil.which("setpriv") is None:
            pytest.skip("run as root, and setpriv (util-linux) is missing")
        command = ["setpriv", f"--reuid={NOBODY}", "--clear-groups", program]
    with Driver(library, cache, command=command) as made:
        assert upload(made, bytes(secret) + b"\0").code == 0
    assert seen(fake_bridge) == File(bytes(secret), None)


@pytest.mark.parametrize("path", [b"a" * 260 + b"x", b"a" * 260 + b"\0", b"a" * 261 + b"\0"])
def test_a_path_longer_than_documented_has_no_name_that_can_be_told(
    path: bytes, driver: Driver, fake_bridge: FakeBridge
) -> None:
    """The bridge refuses it, and its log says why."""
    assert upload(driver, path).intact
    assert seen(fake_bridge) == File(path[:260], None, ambiguous=True)


# --- arrays that a program did not end with a NUL -----------------------------------------------------------

# What stands behind: an address in memory and what follows it, half a character, another text of the program.
RUBBISH = [
    b"\xf0\x03\x7fU", b"8pB\x9d\x7f", b"\xfe\xff" * 100, b"\xa4", b"  \x01 ", b"1\x1f", b"a.xm\r\n1",
    b"\x01.zip",
]  # fmt: skip


@pytest.mark.parametrize("rubbish", RUBBISH)
@pytest.mark.parametrize("on_disk", ["utf-8", "cp950"])
@pytest.mark.parametrize("passed", ["utf-8", "cp950"])
def test_the_one_file_that_the_bytes_begin_with_is_sent(
    on_disk: str, passed: str, rubbish: bytes, tmp_path: Path, driver: Driver, fake_bridge: FakeBridge
) -> None:
    name = "/上傳.xml"
    Path(os.fsdecode(bytes(tmp_path) + name.encode(on_disk))).write_bytes(b"abc")
    (tmp_path / "neighbour.xml").write_bytes(b"xyz")
    given = bytes(tmp_path) + name.encode(passed)
    answer = upload(driver, given + rubbish + b"\0")
    assert (answer.code, answer.intact) == (0, True)
    assert seen(fake_bridge) == File(given, b"abc", cut=True)


# What may have been meant: another file, which is not there.
MEANT = [b"1", b"x", b".bak", b" 2", b"_old.xml", "備份.xml".encode("cp950"), "-副本.XML".encode()]
BLANKS = [b"", b"  ", b"\r\n", b" \t\n"]  # of a string of fixed size, of a line that was read


@pytest.mark.parametrize("blanks", BLANKS)
@pytest.mark.parametrize("rest", MEANT)
def test_a_neighbour_is_never_sent_for_a_missing_file(
    rest: bytes, blanks: bytes, tmp_path: Path, driver: Driver, fake_bridge: FakeBridge
) -> None:
    (tmp_path / "a.xml").write_bytes(b"abc")
    name = bytes(tmp_path / "a.xml") + rest + blanks
    assert upload(driver, name + b"\0").code == 0
    assert seen(fake_bridge) == File(name, None)


@pytest.mark.parametrize("there", ["up.1", "up.x", "up.xm"])
def test_a_file_of_a_shorter_extension_is_never_sent_for_a_missing_one(
    there: str, tmp_path: Path, driver: Driver, fake_bridge: FakeBridge
) -> None:
    """No NUL ends the name of the missing file, either."""
    (tmp_path / there).write_bytes(b"abc")
    missing = "up.10" if there == "up.1" else "up.xml"
    given = bytes(tmp_path / missing) + b"\xf0\x03\x7fU"
    assert upload(driver, given + b"\0").code == 0
    assert seen(fake_bridge) == File(given, None)


def test_where_the_bytes_begin_with_several_files_none_is_sent(
    tmp_path: Path, driver: Driver, fake_bridge: FakeBridge
) -> None:
    for name in ("a.xml", "a.xml1"):
        (tmp_path / name).write_bytes(b"abc")
    given = bytes(tmp_path / "a.xml1") + b"\xf0\x03"
    assert upload(driver, given + b"\0").code == 0
    assert seen(fake_bridge) == File(given, None, ambiguous=True)


def test_a_file_of_all_the_bytes_is_the_one_that_is_meant(
    tmp_path: Path, driver: Driver, fake_bridge: FakeBridge
) -> None:
    odd = Path(os.fsdecode(bytes(tmp_path / "a.xml") + b"\xf0\x03"))
    odd.write_bytes(b"odd")
    (tmp_path / "a.xml").write_bytes(b"abc")
    assert upload(driver, bytes(odd) + b"\0").code == 0
    assert seen(fake_bridge) == File(bytes(odd), b"odd")


@pytest.mark.parametrize("make", [_directory, _missing, _dangling, _pipe, _device])
def test_what_is_no_regular_file_is_no_beginning(
    make: Callable[[Path], Path], tmp_path: Path, driver: Driver, fake_bridge: FakeBridge
) -> None:
    made = make(tmp_path)
    if made.exists():
        (tmp_path / "b.xml").symlink_to(made)
    name = bytes(tmp_path / "b.xml") + b"\x01"
    assert upload(driver, name + b"\0").code == 0
    assert seen(fake_bridge) == File(name, None)


@pytest.mark.parametrize("sent", [True, False])
def test_bytes_without_a_nul_over_the_whole_width(
    sent: bool, tmp_path: Path, driver: Driver, fake_bridge: FakeBridge
) -> None:
    """260 bytes are read, and not one more."""
    if sent:
        (tmp_path / "a.xml").write_bytes(b"abc")
    name = bytes(tmp_path / "a.xml")
    given = name.ljust(259, b"\xfe") + b"x"
    assert upload(driver, given).intact
    if sent:
        assert seen(fake_bridge) == File(name, b"abc", cut=True)
    else:
        assert seen(fake_bridge) == File(given, None, ambiguous=True)


def test_a_beginning_that_is_too_large_or_may_not_be_read(
    tmp_path: Path, driver: Driver, fake_bridge: FakeBridge
) -> None:
    with (tmp_path / "a.xml").open("wb") as file:
        file.truncate(MOST + 1)
    name = bytes(tmp_path / "a.xml")
    assert upload(driver, name + b"\x01\0").code == 0
    assert seen(fake_bridge) == File(name, None, too_large=True)


def _may_be_meant(behind: bytes) -> bool:
    """Whether a name that these bytes stand behind may be that of another file, which is missing."""
    behind = behind.rstrip(b" \t\r\n")
    if re.search(rb"[\0-\x1f\x7f]", behind):
        return False  # no name has these
    ends_as_a_name = re.search(rb"\.[0-9A-Za-z]{1,4}\Z", b"a.xml" + behind) is not None
    return ends_as_a_name or re.search(rb"[\x80-\xff]", behind) is None


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(behind=st.binary(min_size=1, max_size=200))
@example(behind=b"\x7f")
@example(behind=b"\x00.bak")
@example(behind=b"\xa4.x \r\n")
def test_bytes_behind_the_name_change_nothing_or_send_nothing(
    behind: bytes, tmp_path: Path, driver: Driver, fake_bridge: FakeBridge
) -> None:
    """They name no other file: there is none."""
    (tmp_path / "a.xml").write_bytes(b"abc")
    name = bytes(tmp_path / "a.xml")
    assert upload(driver, name + behind + b"\0").code == 0
    value = fake_bridge.requests[-1].arguments[FILE].value
    assert isinstance(value, File)
    text = behind.partition(b"\0")[0]
    if not text.strip(b" \t\r\n"):
        assert value == File(name + text, b"abc")
    elif _may_be_meant(text):
        assert value == File(name + text, None)
    else:
        assert value == File(name, b"abc", cut=True)


@pytest.mark.parametrize("position", range(5))
def test_a_null_pointer_anywhere_is_refused_without_asking(
    position: int, driver: Driver, fake_bridge: FakeBridge
) -> None:
    arguments = [text(b"/dev/null\0"), text(b"0\0"), text(b"1\0"), room(50), short(50)]
    arguments[position] = NULL
    answer = driver.call("csUploadData", *arguments)
    assert (answer.code, answer.intact) == (BAD_ARGUMENT, True)
    assert fake_bridge.requests == []


# --- counts that are written back ---------------------------------------------------------------------------


def count_back(driver: Driver, holds: bytes) -> Answer:
    """An upload whose count stands in a buffer of exactly these bytes."""
    return driver.call("csUploadData", text(b"/dev/null\0"), text(b"0\0"), exact(holds), room(50), short(50))


WRITTEN = [
    (b"12\0", b"11", b"11\0"),
    (b"12\0", b"9", b"9 \0"),
    (b"12        \0", b"1000", b"1000      \0"),
    (b"00012\0", b"7", b"7    \0"),
    (b"12\0after", b"3", b"3 \0after"),
]
TOO_SHORT = [(b"9\0", b"12"), (b"12\0", b"100"), (b"9\0       ", b"12")]


@pytest.mark.parametrize(("holds", "answer", "left"), WRITTEN)
def test_a_count_is_written_over_the_callers_within_its_length(
    holds: bytes, answer: bytes, left: bytes, driver: Driver, fake_bridge: FakeBridge
) -> None:
    fake_bridge.behave = counting(answer)
    result = count_back(driver, holds)
    assert (result.code, result.intact, result.data(COUNT)) == (0, True, left)


@pytest.mark.parametrize(("holds", "answer"), TOO_SHORT)
def test_a_count_that_has_no_room_is_not_written(
    holds: bytes, answer: bytes, driver: Driver, fake_bridge: FakeBridge
) -> None:
    fake_bridge.behave = counting(answer)
    result = count_back(driver, holds)
    assert (result.code, result.intact, result.data(COUNT)) == (0, True, holds)


def test_constants_right_before_an_unreadable_page_stay_as_they_are(
    driver: Driver, fake_bridge: FakeBridge
) -> None:
    assert upload(driver, b"/dev/null\0", b"0", b"12").intact
    fake_bridge.behave = counting(b"1000")  # no room in "12"
    assert upload(driver, b"/dev/null\0", b"0", b"12").intact


READ_ONLY = """
import mmap, sys
import cffi
ffi = cffi.FFI()
ffi.cdef("int csUploadData(char *, char *, char *, char *, short *);")
lib = ffi.dlopen(sys.argv[1])
with open(sys.argv[2], "rb") as file:
    constant = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
receipt, length = ffi.new("char[50]"), ffi.new("short *", 50)
code = lib.csUploadData(b"/dev/null", b"0", ffi.from_buffer("char[]", constant), receipt, length)
print(code, constant[:3])
"""


@pytest.mark.parametrize(
    "answer", [None, b"1000", b"11"], ids=["nothing comes back", "no room for what comes back", "room for it"]
)
def test_a_constant_in_read_only_memory_stays_and_the_program_lives(
    answer: bytes | None, tmp_path: Path, whole_library: Path, fake_bridge: FakeBridge
) -> None:
    (tmp_path / "constant").write_bytes(b"12\0")
    if answer is not None:
        fake_bridge.behave = counting(answer)
    command = [sys.executable, "-c", READ_ONLY, str(whole_library), str(tmp_path / "constant")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20)
    assert (done.returncode, done.stdout.strip()) == (0, "0 b'12\\x00'"), done.stderr


@pytest.mark.parametrize("index", [FILE, RECEIPT + 1, 5, 255])
def test_a_bridge_that_writes_where_nothing_belongs_is_not_believed(
    index: int, driver: Driver, fake_bridge: FakeBridge
) -> None:
    fake_bridge.behave = counting(b"1", index)
    answer = upload(driver, b"/dev/null\0", b"0")
    assert (answer.code, answer.intact) == (UNREACHABLE, True)
    assert answer.data(RECEIPT) == b"\xa5" * 50


def test_a_count_longer_than_documented_is_not_believed(driver: Driver, fake_bridge: FakeBridge) -> None:
    fake_bridge.behave = counting(b"1" * 11)
    result = driver.call(
        "csUploadData",
        text(b"/dev/null\0"),
        text(b"0\0"),
        exact(b"12".ljust(20) + b"\0"),
        room(50),
        short(50),
    )
    assert (result.code, result.data(COUNT)) == (UNREACHABLE, b"12".ljust(20) + b"\0")


# --- with the real bridge behind it -------------------------------------------------------------------------


async def test_from_the_programs_file_to_the_simulated_cloud(
    whole_library: Path, cache: Path, simulator: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "day.xml").write_bytes(b"<RECS/>")
    os.mkfifo(tmp_path / "pipe")
    name = bytes(tmp_path / "day.xml").ljust(200) + b"\0"
    async with open_bench(simulator) as bench:
        server = ChannelServer(bench.engine, ChannelSettings(port=0))
        host, port = await server.start()
        monkeypatch.setenv("CSHIS_BRIDGE", f"{host}:{port}")

        def calls() -> list[Answer]:
            with Driver(whole_library, cache) as made:
                return [
                    upload(made, name, b"8"),
                    upload(made, bytes(tmp_path) + b"\0", b"7"),
                    upload(made, bytes(tmp_path / "pipe") + b"\0", b"7"),
                    upload(made, name, b"7         "),
                    upload(made, name, b"7"),
                ]

        try:
            answers = await asyncio.to_thread(calls)
        finally:
            await server.stop()
    assert [answer.code for answer in answers] == [SIZE_WRONG, UNREADABLE, UNREADABLE, 0, 9071]
    assert all(answer.intact for answer in answers)
    assert set(simulator.world.uploads) == {hashlib.sha256(b"<RECS/>").hexdigest()}
    for answer in answers:
        receipt = answer.data(RECEIPT)
        assert receipt[:22] == b"0010000001033501200000" if answer.code == 0 else receipt == b"\xa5" * 50
