"""The real client library, driven through cffi by its generated declarations, with a misbehaving bridge."""

import socket
import struct
import subprocess
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cffi
import pytest

from bridge.calls.call import OutBuffer
from bridge.channel.frame import VERSION, Answer, Refusal, Request, Sent, encode_reply
from bridge.channel.tokenfile import load_token
from bridge.table.codegen.abi import signature_hash, slots
from bridge.table.codegen.sources import CDEF
from native.compiler import compile_program
from tests.support.fake_bridge import CLOSE, SILENCE, FakeBridge
from tests.support.small_table import BAD_ARGUMENT, NOT_SUPPORTED, UNREACHABLE, UNREACHABLE_OPEN, small_table

RECORD = bytes(range(1, 73))
HOST = Path(__file__).with_name("fork_host.c")


@dataclass
class Library:
    """The library and what a C caller would declare around it."""

    ffi: cffi.FFI
    lib: Any

    def buffer(self, size: int, fill: bytes = b"\xa5") -> Any:
        return self.ffi.from_buffer("char[]", bytearray(fill * size))

    def read(self, capacity: int = 72, room: int = 80) -> tuple[int, bytes, int]:
        """hisGetBasicData with guard bytes behind the buffer. Out: code, whole buffer, length variable."""
        buffer, length = self.buffer(room), self.ffi.new("short *", capacity)
        code = self.lib.hisGetBasicData(buffer, length)
        return code, bytes(self.ffi.buffer(buffer)), length[0]


@pytest.fixture(scope="session")
def library(client_library: Path, small_build: Path) -> Library:
    ffi = cffi.FFI()
    ffi.cdef((small_build / "generated" / CDEF).read_text(encoding="utf-8"))
    return Library(ffi, ffi.dlopen(str(client_library)))


def basic_data(request: Request) -> bytes:
    return encode_reply(Answer(request.number, 0, ((0, RECORD),)))


def raw(request: Request, payload: bytes, *, kind: int = 2, **changed: Any) -> bytes:
    """A reply frame put together by hand, so that everything in it can be wrong."""
    magic, version = changed.get("magic", b"CSHB"), changed.get("version", VERSION)
    number, length = changed.get("number", request.number), changed.get("length", len(payload))
    return struct.pack("<4sHHII", magic, version, kind, length, number & 0xFFFFFFFF) + payload


def output(index: int, data: bytes) -> bytes:
    return struct.pack("<BBI", index, 1, len(data)) + data


def number_output(index: int, number: int) -> bytes:
    return struct.pack("<BBh", index, 2, number)


def answer(count: int, *outputs: bytes, code: int = 0) -> bytes:
    return struct.pack("<hB", code, count) + b"".join(outputs)


GOOD = answer(1, output(0, RECORD))
BAD_REPLIES: dict[str, Callable[[Request], bytes | str]] = {
    "closed before the reply": lambda r: CLOSE,
    "silence": lambda r: SILENCE,
    "half a header": lambda r: raw(r, GOOD)[:9],
    "half a frame": lambda r: raw(r, GOOD)[:40],
    "garbage": lambda r: b"HTTP/1.1 400 Bad Request\r\n\r\n",
    "another magic": lambda r: raw(r, GOOD, magic=b"CSHX"),
    "an older version": lambda r: raw(r, GOOD, version=1),
    "a later version": lambda r: raw(r, GOOD, version=3),
    "a welcome": lambda r: raw(r, bytes(64), kind=5),
    "an eviction with more behind it": lambda r: raw(r, b"x", kind=7),
    "another kind": lambda r: raw(r, GOOD, kind=1),
    "another call's number": lambda r: raw(r, GOOD, number=r.number + 1),
    "longer than the cap": lambda r: raw(r, GOOD, length=1_048_576),
    "a length of 4 GB": lambda r: raw(r, GOOD, length=0xFFFFFFFF),
    "one byte too few": lambda r: raw(r, GOOD[:-1]),
    "one byte too many": lambda r: raw(r, GOOD + b"\0"),
    "no payload": lambda r: raw(r, b""),
    "refusal saying success": lambda r: raw(r, struct.pack("<h", 0), kind=3),
    "refusal with more behind it": lambda r: raw(r, struct.pack("<hB", 5020, 1), kind=3),
    "refusal cut off": lambda r: raw(r, b"\x01", kind=3),
    "more outputs announced than there are": lambda r: raw(r, answer(2, output(0, RECORD))),
    "an output for no argument": lambda r: raw(r, answer(2, output(0, RECORD), output(2, b"x"))),
    "an output for argument 255": lambda r: raw(r, answer(1, output(255, b"x"))),
    "an output beyond the capacity": lambda r: raw(r, answer(1, output(0, RECORD + b"x"))),
    "the same output twice": lambda r: raw(r, answer(2, output(0, RECORD), output(0, RECORD))),
    "a number for a buffer": lambda r: raw(r, answer(1, number_output(0, 72))),
    "a number for a record's length": lambda r: raw(r, answer(2, output(0, RECORD), number_output(1, 99))),
    "bytes for a length": lambda r: raw(r, answer(1, output(1, b"xx"))),
    "an unknown form": lambda r: raw(r, answer(1, struct.pack("<BBh", 0, 3, 0))),
    "an inner length beyond the frame": lambda r: raw(r, answer(1, struct.pack("<BBI", 0, 1, 0xFFFFFFF0))),
}


@pytest.mark.parametrize("behaviour", BAD_REPLIES.values(), ids=BAD_REPLIES.keys())
def test_bad_reply_is_a_failure_and_writes_nothing(
    behaviour: Callable[[Request], bytes | str], library: Library, fake_bridge: FakeBridge
) -> None:
    fake_bridge.behave = behaviour
    assert library.read() == (UNREACHABLE, b"\xa5" * 80, 72)
    assert len(fake_bridge.requests) == 1, "the call was sent again"
    fake_bridge.behave = basic_data
    assert library.read()[0] == 0, "the next call must not suffer from this one's reply"
    assert fake_bridge.opened == 2


@pytest.mark.parametrize("name", ["longer than the cap", "a length of 4 GB", "garbage", "another magic"])
def test_what_a_header_gives_away_is_not_waited_for(
    name: str, library: Library, fake_bridge: FakeBridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CSHIS_BRIDGE_TIMEOUT", "10")
    fake_bridge.behave = BAD_REPLIES[name]
    begun = time.monotonic()
    assert library.lib.csCloseCom() == UNREACHABLE
    assert time.monotonic() - begun < 9


@pytest.mark.parametrize("name", ["silence", "refusal saying success", "closed before the reply", "garbage"])
def test_opening_the_port_fails_with_minus_one(name: str, library: Library, fake_bridge: FakeBridge) -> None:
    fake_bridge.behave = BAD_REPLIES[name]
    assert library.lib.csOpenCom(0) == UNREACHABLE_OPEN


def test_refusal_gives_its_code(library: Library, fake_bridge: FakeBridge) -> None:
    fake_bridge.behave = lambda r: encode_reply(Refusal(r.number, -2))
    assert library.read() == (-2, b"\xa5" * 80, 72)


def test_the_smallest_stack_of_a_thread_is_enough(
    client_library: Path, fake_bridge: FakeBridge, tmp_path: Path
) -> None:
    host = compile_program(HOST.with_name("loading_host.c"), tmp_path / "host", "-ldl", "-pthread")
    fake_bridge.behave = lambda r: encode_reply(Answer(r.number, 0, ((0, b"R" * 72),)))
    done = subprocess.run(
        [host, "load", client_library, "small", "16"], capture_output=True, text=True, timeout=20
    )
    assert (done.returncode, done.stdout) == (0, "0 72 R\n"), done.stderr


@pytest.mark.parametrize("code", [0, 5141, -32768, 32767])
def test_answer_fills_the_buffer_whatever_its_code(
    code: int, library: Library, fake_bridge: FakeBridge
) -> None:
    fake_bridge.behave = lambda r: encode_reply(Answer(r.number, code, ((0, RECORD),)))
    assert library.read() == (code, RECORD + b"\xa5" * 8, 72)


def test_roomy_buffer_gets_the_record_and_its_length(library: Library, fake_bridge: FakeBridge) -> None:
    fake_bridge.behave = basic_data
    assert library.read(capacity=918, room=918) == (0, RECORD + b"\xa5" * (918 - 72), 72)


def test_call_carries_name_hash_capacity_and_what_stood_first(
    library: Library, fake_bridge: FakeBridge
) -> None:
    table = small_table()
    library.read(capacity=540, room=540)
    library.read(capacity=9, room=80)
    first, second = fake_bridge.requests
    assert first.name == "hisGetBasicData"
    assert first.signature == signature_hash(first.name, slots(table, table.functions[first.name]))
    assert first.arguments == (Sent("record", OutBuffer(540, b"\xa5" * 16)), Sent("length"))
    assert second.arguments[0] == Sent("record", OutBuffer(9, b"\xa5" * 9))
    assert first.number != second.number


def test_only_16_bits_of_a_length_are_read_and_written(library: Library, fake_bridge: FakeBridge) -> None:
    fake_bridge.behave = basic_data
    around = library.ffi.new("unsigned char[5]", bytes([0x11, 100, 0, 0x22, 0x33]))
    unaligned = library.ffi.cast("short *", around + 1)
    assert library.lib.hisGetBasicData(library.buffer(100), unaligned) == 0
    assert bytes(library.ffi.buffer(around)) == bytes([0x11, 72, 0, 0x22, 0x33])


@pytest.mark.parametrize(("passed", "meant"), [(0x4FFB0000, 0), (0x7FFFFFFF, -1), (-1, -1), (0x12340003, 3)])
def test_only_16_bits_of_a_number_count(
    passed: int, meant: int, library: Library, fake_bridge: FakeBridge
) -> None:
    assert library.lib.csOpenCom(passed) == 0
    assert fake_bridge.requests[0].arguments == (Sent("scalar", meant),)


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        (b"01\0", b"01"),
        (b"1\0junk", b"1"),
        (b"\0", b""),
        (b"1 \0", b"1 "),
        (b"01 \0", b"01"),
        (b"01" + b" " * 198 + b"\0", b"01"),
    ],
)
def test_in_string_ends_at_its_documented_width(
    given: bytes, sent: bytes, library: Library, fake_bridge: FakeBridge
) -> None:
    fake_bridge.behave = lambda r: encode_reply(Answer(r.number, 0))
    code = library.lib.hisGetSeqNumber256(given, b"1", library.buffer(72), library.ffi.new("short *", 72))
    assert code == 0
    assert fake_bridge.requests[0].arguments[:2] == (Sent("text", sent), Sent("text", b"1"))


@pytest.mark.parametrize(
    "given", [b"012\0", b"01 x\0", b"01\t\0", b"01" + b" " * 4096 + b"\0", b"01\xff\xfe"]
)
def test_nothing_that_follows_an_in_string_counts(
    given: bytes, library: Library, fake_bridge: FakeBridge
) -> None:
    library.lib.hisGetSeqNumber256(given, b"1", library.buffer(72), library.ffi.new("short *", 72))
    assert fake_bridge.requests[0].arguments[0].value == b"01"


def test_single_byte_needs_no_nul_behind_it(library: Library, fake_bridge: FakeBridge) -> None:
    library.lib.hisGetSeqNumber256(
        b"01", b"Y\xff\xff\xff", library.buffer(72), library.ffi.new("short *", 72)
    )
    assert fake_bridge.requests[0].arguments[1] == Sent("text", b"Y")


def test_block_and_count(library: Library, fake_bridge: FakeBridge) -> None:
    block = b"x" * 31 + b" " * 169 + b"\0"
    assert library.lib.hisWriteMultiPrescript(block, library.ffi.new("short *", 3)) == 0
    assert fake_bridge.requests[0].arguments == (Sent("block", b"x" * 31 + b" " * 13), Sent("count", 3))


@pytest.mark.parametrize(
    ("text", "left"), [(b"ABC", b"ABC\0\xa5\xa5\xa5"), (b"ABCDEF", b"ABCDEF\xa5"), (b"", b"\0" + b"\xa5" * 6)]
)
def test_out_string_gets_a_nul_only_where_there_is_room(
    text: bytes, left: bytes, library: Library, fake_bridge: FakeBridge
) -> None:
    fake_bridge.behave = lambda r: encode_reply(Answer(r.number, 0, ((1, text),)))
    out = library.buffer(7)
    assert library.lib.hisGetICD10EnC(b"A00", out) == 0
    assert bytes(library.ffi.buffer(out)) == left


@pytest.mark.parametrize("reply", [answer(1, output(1, b"ABCDEFG")), answer(1, output(0, b"A"))])
def test_out_string_is_never_overrun_and_in_string_never_written(
    reply: bytes, library: Library, fake_bridge: FakeBridge
) -> None:
    fake_bridge.behave = lambda r: raw(r, reply)
    given, out = library.buffer(9, b"A\0A"), library.buffer(7)
    before = bytes(library.ffi.buffer(given))
    assert library.lib.hisGetICD10EnC(given, out) == UNREACHABLE
    assert bytes(library.ffi.buffer(out)) == b"\xa5" * 7
    assert bytes(library.ffi.buffer(given)) == before


def test_number_result_of_16_bits(library: Library, fake_bridge: FakeBridge) -> None:
    fake_bridge.behave = lambda r: encode_reply(Answer(r.number, 0, ((1, 1),)))
    status = library.ffi.new("short[2]", [-7, 0x1234])
    assert library.lib.hpcGetHPCStatus(1, status) == 0
    assert list(status) == [1, 0x1234]


def test_unsupported_function_needs_no_bridge(library: Library, fake_bridge: FakeBridge) -> None:
    buffer, length = library.buffer(72), library.ffi.new("short *", 72)
    assert library.lib.hpcGetAllData(buffer, length) == NOT_SUPPORTED
    assert library.lib.hpcGetAllData(library.ffi.NULL, library.ffi.NULL) == NOT_SUPPORTED
    assert fake_bridge.opened == 0
    assert bytes(library.ffi.buffer(buffer)) == b"\xa5" * 72


def test_ignored_arguments_may_be_anything_and_are_not_sent(
    library: Library, fake_bridge: FakeBridge
) -> None:
    fake_bridge.behave = basic_data
    buffer, length, nowhere = (
        library.buffer(72),
        library.ffi.new("short *", 72),
        library.ffi.cast("char *", 1),
    )
    assert library.lib.HCA_GNFuncCall(-1, buffer, length, nowhere) == 0
    assert bytes(library.ffi.buffer(buffer)) == RECORD
    assert [sent.kind for sent in fake_bridge.requests[0].arguments] == ["record", "length"]


def test_null_pointer_is_a_bad_argument_and_nothing_is_sent(
    library: Library, fake_bridge: FakeBridge
) -> None:
    lib, null = library.lib, library.ffi.NULL
    buffer, length = library.buffer(72), library.ffi.new("short *", 72)
    codes = [
        lib.hisGetBasicData(null, length),
        lib.hisGetBasicData(buffer, null),
        lib.hisGetSeqNumber256(null, b"1", buffer, length),
        lib.hisWriteMultiPrescript(b"x", null),
        lib.hisGetICD10EnC(b"A", null),
        lib.hpcGetHPCStatus(1, null),
    ]
    assert codes == [BAD_ARGUMENT] * 6
    assert fake_bridge.opened == 0
    assert bytes(library.ffi.buffer(buffer)) == b"\xa5" * 72
    assert length[0] == 72


@pytest.mark.parametrize("capacity", [0, -1, -32768])
def test_no_capacity_is_a_bad_argument(capacity: int, library: Library, fake_bridge: FakeBridge) -> None:
    assert library.read(capacity) == (BAD_ARGUMENT, b"\xa5" * 80, capacity)
    assert fake_bridge.opened == 0


@pytest.mark.parametrize("address", ["127.0.0.1:1", "nonsense", "127.0.0.1:", "no.such.host:5068", ":1"])
def test_no_bridge_is_told_soon(address: str, library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CSHIS_BRIDGE", address)
    begun = time.monotonic()
    codes = in_new_thread(lambda: (library.lib.csOpenCom(0), library.lib.csCloseCom()))
    assert codes == (UNREACHABLE_OPEN, UNREACHABLE)
    assert time.monotonic() - begun < 2


def test_bridge_that_never_accepts_is_given_up_in_time(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        crowd = [socket.socket() for _ in range(4)]  # the queue of connections not yet accepted is full
        for one in crowd:
            one.setblocking(False)
            one.connect_ex(listening.getsockname())
        monkeypatch.setenv("CSHIS_BRIDGE", f"127.0.0.1:{listening.getsockname()[1]}")
        begun = time.monotonic()
        assert in_new_thread(lambda: library.lib.csOpenCom(0)) == UNREACHABLE_OPEN
        assert 1 < time.monotonic() - begun < 2
        for one in crowd:
            one.close()


def test_silence_ends_at_the_timeout(library: Library, fake_bridge: FakeBridge) -> None:
    fake_bridge.behave = BAD_REPLIES["silence"]
    begun = time.monotonic()
    assert library.lib.csCloseCom() == UNREACHABLE
    assert 0.9 < time.monotonic() - begun < 2


def test_connection_is_kept_between_calls(library: Library, fake_bridge: FakeBridge) -> None:
    assert [library.lib.csCloseCom() for _ in range(5)] == [0] * 5
    assert fake_bridge.opened == 1


def test_bridge_may_be_restarted_between_calls(
    library: Library, fake_bridge: FakeBridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert library.lib.csCloseCom() == 0
    fake_bridge.stop()
    assert library.lib.csCloseCom() == UNREACHABLE
    with FakeBridge(port=fake_bridge.port) as restarted:
        assert library.lib.csCloseCom() == 0
    with FakeBridge() as moved:
        monkeypatch.setenv("CSHIS_BRIDGE", moved.address)
        assert library.lib.csCloseCom() == 0
    assert (len(restarted.requests), len(moved.requests)) == (1, 1)


def test_reply_that_nobody_asked_for_is_not_taken_for_the_next(
    library: Library, fake_bridge: FakeBridge
) -> None:
    fake_bridge.behave = basic_data
    assert library.read()[0] == 0
    fake_bridge.send_unasked(encode_reply(Answer(fake_bridge.requests[0].number + 1, 0, ((0, b"\0" * 72),))))
    time.sleep(0.1)
    assert library.read() == (0, RECORD + b"\xa5" * 8, 72)
    assert fake_bridge.opened == 2


def test_threads_call_at_once_and_get_their_own_answers(library: Library, fake_bridge: FakeBridge) -> None:
    together = threading.Barrier(32, timeout=10)

    def behave(request: Request) -> bytes:
        asked = request.arguments[0].value
        assert isinstance(asked, bytes)
        return encode_reply(Answer(request.number, 0, ((2, asked * 36),)))

    def call(index: int) -> tuple[int, bytes]:
        buffer, length = library.buffer(72), library.ffi.new("short *", 72)
        together.wait()
        for _ in range(5):
            code = library.lib.hisGetSeqNumber256(b"%02d" % index, b"1", buffer, length)
        return code, bytes(library.ffi.buffer(buffer))

    fake_bridge.behave = behave
    with ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(call, range(32)))
    assert answers == [(0, b"%02d" % index * 36) for index in range(32)]
    assert fake_bridge.opened == 32
    wait_until(lambda: fake_bridge.closed == 32)


def test_slow_call_of_one_thread_does_not_hold_up_another(library: Library, fake_bridge: FakeBridge) -> None:
    release = threading.Event()

    def behave(request: Request) -> bytes:
        if request.name == "csOpenCom":
            release.wait(5)
        return encode_reply(Answer(request.number, 0))

    fake_bridge.behave = behave
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(library.lib.csOpenCom, 0)
        wait_until(lambda: len(fake_bridge.requests) == 1)
        assert library.lib.csCloseCom() == 0
        assert not slow.done()
        release.set()
        assert slow.result(5) == 0


def test_forked_child_talks_on_a_connection_of_its_own(
    client_library: Path, fake_bridge: FakeBridge, tmp_path: Path
) -> None:
    host = compile_program(HOST, tmp_path / "fork_host", "-ldl")
    done = subprocess.run([host, client_library], capture_output=True, text=True, timeout=10)
    assert done.stdout.split() == ["before", "0", "child", "0", "parent", "0"], done.stderr
    connections = [number for number, _ in fake_bridge.seen]
    assert connections == [1, 2, 1]


def test_host_without_standard_output_does_not_print_into_the_socket(
    client_library: Path, fake_bridge: FakeBridge, tmp_path: Path
) -> None:
    host = compile_program(HOST, tmp_path / "fork_host", "-ldl")
    done = subprocess.run([host, client_library, "closed"], capture_output=True, timeout=10)
    assert done.returncode == 0
    assert [request.name for request in fake_bridge.requests] == ["csCloseCom", "csCloseCom"]
    assert fake_bridge.opened == 1


def test_call_says_how_long_its_caller_still_waits(library: Library, fake_bridge: FakeBridge) -> None:
    fake_bridge.behave = basic_data
    library.read()
    assert 900 < fake_bridge.requests[0].milliseconds <= 1000


@pytest.mark.parametrize("content", [None, "", "abc", "zz" * 32])
def test_token_file_that_cannot_be_used_is_a_failure(
    content: str | None,
    library: Library,
    fake_bridge: FakeBridge,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if content is not None:
        (tmp_path / "token").write_text(content)
    monkeypatch.setenv("CSHIS_BRIDGE_TOKEN_FILE", str(tmp_path / "token"))
    assert in_new_thread(library.lib.csCloseCom) == UNREACHABLE
    assert fake_bridge.opened == 0


def test_ini_beside_the_library_names_bridge_and_token(
    client_library: Path,
    small_build: Path,
    fake_bridge: FakeBridge,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    copy = tmp_path / "libcshis.so"
    copy.write_bytes(client_library.read_bytes())
    token = load_token(tmp_path / "token")
    (tmp_path / "cshis-bridge.ini").write_text(
        f"; comment\n[bridge]\n bridge = {fake_bridge.address} \r\ntoken_file={tmp_path / 'token'}\n"
    )
    monkeypatch.delenv("CSHIS_BRIDGE")
    ffi = cffi.FFI()
    ffi.cdef((small_build / "generated" / CDEF).read_text(encoding="utf-8"))
    monkeypatch.chdir(tmp_path)
    beside: Any = ffi.dlopen("./libcshis.so")
    monkeypatch.chdir("/")
    fake_bridge.token = token
    assert beside.csCloseCom() == 0
    assert fake_bridge.proofs == [True]


def test_only_the_legacy_names_are_exported_and_only_libc_is_needed(client_library: Path) -> None:
    symbols = subprocess.run(
        ["nm", "-D", "--defined-only", client_library], capture_output=True, text=True, check=True
    )
    names = {line.split()[2] for line in symbols.stdout.splitlines()}
    assert names == {row.name for row in small_table().exported()}
    dynamic = subprocess.run(
        ["readelf", "-d", client_library], capture_output=True, text=True, check=True
    ).stdout
    needed = [line.split("[")[1].rstrip("]") for line in dynamic.splitlines() if "NEEDED" in line]
    assert needed == ["libc.so.6"]
    assert client_library.stat().st_size < 200_000


def in_new_thread(call: Callable[[], Any]) -> Any:
    """A new thread has no connection yet, so the environment is read afresh."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(call).result(10)


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)
