"""The client library before its first call: it says who it is and talks to none who has not proved itself."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cffi
import pytest

from bridge.channel.frame import EVICTION_FRAME, Answer, Request, encode_reply
from bridge.channel.handshake import (
    NO_TOKEN,
    Hello,
    Welcome,
    bridge_proof,
    encode_proof,
    host_bytes,
    library_proof,
)
from bridge.channel.tokenfile import load_token
from bridge.table.codegen.sources import CDEF
from native.build import SHIM
from native.compiler import compile_program
from tests.support.fake_bridge import CLOSE, EVICT, NONCE, SILENCE, FakeBridge, success
from tests.support.small_table import UNREACHABLE

HOSTS = Path(__file__).parent
TRIES, PAUSES = 9, 1.2  # where a bridge has no room; the seconds between them
Call = Callable[[], int]


@pytest.fixture(scope="session")
def library(client_library: Path, small_build: Path) -> Any:
    ffi = cffi.FFI()
    ffi.cdef((small_build / "generated" / CDEF).read_text(encoding="utf-8"))
    return ffi.dlopen(str(client_library))


@pytest.fixture
def call(library: Any) -> Iterator[Call]:
    """Calls csCloseCom in a thread that has no connection yet."""
    with ThreadPoolExecutor(1) as pool:
        yield lambda: int(pool.submit(library.csCloseCom).result(10))


@pytest.fixture
def token(tmp_path: Path, fake_bridge: FakeBridge, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """The token that library and bridge have."""
    monkeypatch.setenv("CSHIS_BRIDGE_TOKEN_FILE", str(tmp_path / "token"))
    fake_bridge.token = load_token(tmp_path / "token")
    return fake_bridge.token


def test_both_prove_that_they_know_the_token_and_it_never_leaves(
    call: Call, fake_bridge: FakeBridge, token: bytes
) -> None:
    assert call() == 0
    assert fake_bridge.proofs == [True]
    assert token not in fake_bridge.received
    assert token.hex().encode() not in fake_bridge.received


def test_every_connection_has_a_nonce_of_its_own(library: Any, fake_bridge: FakeBridge) -> None:
    for _ in range(3):
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(library.csCloseCom).result(10) == 0
    assert len({hello.nonce for hello in fake_bridge.hellos}) == 3


def test_hello_names_process_and_address(call: Call, library: Any, fake_bridge: FakeBridge) -> None:
    assert call() == library.csCloseCom() == 0
    began = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
    for hello in fake_bridge.hellos:
        assert (hello.process, hello.started) == (os.getpid(), began)
        assert (hello.host, hello.port) == (host_bytes("127.0.0.1"), fake_bridge.port)


def test_forked_child_is_another_program(
    client_library: Path, fake_bridge: FakeBridge, tmp_path: Path
) -> None:
    host = compile_program(HOSTS / "fork_host.c", tmp_path / "fork_host", "-ldl")
    subprocess.run([host, client_library], capture_output=True, timeout=10, check=True)
    assert len({hello.program for hello in fake_bridge.hellos}) == len(fake_bridge.hellos) == 2


def reflected(hello: bytes, token: bytes) -> bytes:
    """What the library itself would prove."""
    return Welcome(NONCE, library_proof(token, hello, NONCE)).encode()


def of_another_connection(hello: bytes, token: bytes) -> bytes:
    """A proof that somebody has overheard."""
    earlier = Hello(bytes(32), 1, 1, host_bytes("127.0.0.1"), 5068).encode()
    return Welcome(NONCE, bridge_proof(token, earlier, NONCE)).encode()


def whole(hello: bytes, token: bytes) -> bytes:
    return Welcome(NONCE, bridge_proof(token, hello, NONCE)).encode()


THIEVES: dict[str, Callable[[bytes, bytes], bytes | str]] = {
    "does not know it": lambda hello, token: whole(hello, NO_TOKEN),
    "guesses": lambda hello, token: whole(hello, b"\1" * 32),
    "sends back what it got": lambda hello, token: hello,
    "proves as a library": reflected,
    "repeats an old proof": of_another_connection,
    "one bit is wrong": lambda hello, token: whole(hello, token)[:-1] + bytes([whole(hello, token)[-1] ^ 1]),
    "stops in the middle": lambda hello, token: whole(hello, token)[:40],
    "says nothing": lambda hello, token: SILENCE,
    "goes": lambda hello, token: CLOSE,
    "speaks HTTP": lambda hello, token: b"HTTP/1.1 400 Bad Request\r\n\r\n",
    "answers the call at once": lambda hello, token: encode_reply(Answer(0, 0)),
    "sends the proof as its own": lambda hello, token: encode_proof(library_proof(token, hello, NONCE)),
    "speaks version 1": lambda hello, token: whole(hello, token).replace(b"CSHB\2", b"CSHB\1", 1),
}


@pytest.mark.parametrize("thief", THIEVES.values(), ids=THIEVES)
def test_a_thief_on_the_port_gets_neither_token_nor_call(
    thief: Callable[[bytes, bytes], bytes | str], call: Call, fake_bridge: FakeBridge, token: bytes
) -> None:
    fake_bridge.welcome = thief
    assert call() == UNREACHABLE
    assert fake_bridge.requests == []
    assert fake_bridge.proofs == []
    assert token not in fake_bridge.received
    assert b"csCloseCom" not in fake_bridge.received
    fake_bridge.welcome = whole
    assert call() == 0


def test_a_bridge_without_the_token_is_none_for_a_library_that_has_one(
    call: Call, fake_bridge: FakeBridge, token: bytes
) -> None:
    fake_bridge.token = NO_TOKEN
    assert call() == UNREACHABLE
    assert fake_bridge.requests == []


# --- eviction -----------------------------------------------------------------------------------------------


def test_a_call_that_met_its_eviction_is_made_once_more(call: Call, fake_bridge: FakeBridge) -> None:
    fake_bridge.behave = lambda request: EVICT if len(fake_bridge.seen) == 1 else success(request)
    assert call() == 0
    first, second = fake_bridge.requests
    assert (first.number, first.name) == (second.number, second.name)
    assert [connection for connection, _ in fake_bridge.seen] == [1, 2]


def test_a_connection_evicted_while_idle_is_replaced(call: Call, fake_bridge: FakeBridge) -> None:
    assert call() == 0
    fake_bridge.send_unasked(EVICTION_FRAME)
    time.sleep(0.1)
    assert call() == 0
    assert [connection for connection, _ in fake_bridge.seen] == [1, 2]


def test_a_connection_evicted_while_it_greets_is_replaced(call: Call, fake_bridge: FakeBridge) -> None:
    fake_bridge.welcome = lambda hello, token: (
        EVICTION_FRAME if len(fake_bridge.hellos) < 3 else whole(hello, token)
    )
    assert call() == 0
    assert [connection for connection, _ in fake_bridge.seen] == [3]


def test_a_bridge_without_room_is_asked_no_longer_than_the_call_has_time(
    call: Call, fake_bridge: FakeBridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CSHIS_BRIDGE_TIMEOUT", "1")
    fake_bridge.welcome = lambda hello, token: EVICTION_FRAME
    began = time.monotonic()
    assert call() == UNREACHABLE
    assert time.monotonic() - began > 0.9
    assert len(fake_bridge.hellos) < TRIES


def test_a_bridge_that_has_room_again_a_moment_later_is_found(call: Call, fake_bridge: FakeBridge) -> None:
    """As where many threads of a program make their first call at once."""
    until = time.monotonic() + 0.4
    fake_bridge.welcome = lambda hello, token: (
        EVICTION_FRAME if time.monotonic() < until else whole(hello, token)
    )
    assert call() == 0
    assert len(fake_bridge.requests) == 1


def test_a_bridge_that_evicts_all_greetings_is_given_up(
    call: Call, fake_bridge: FakeBridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CSHIS_BRIDGE_TIMEOUT", "5")
    fake_bridge.welcome = lambda hello, token: EVICTION_FRAME
    began = time.monotonic()
    assert call() == UNREACHABLE
    assert len(fake_bridge.hellos) == TRIES
    assert time.monotonic() - began > PAUSES


def test_a_bridge_that_evicts_for_ever_is_given_up(
    call: Call, fake_bridge: FakeBridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CSHIS_BRIDGE_TIMEOUT", "5")
    fake_bridge.behave = lambda request: EVICT
    began = time.monotonic()
    assert call() == UNREACHABLE
    assert len(fake_bridge.requests) == TRIES
    assert time.monotonic() - began > PAUSES


def test_without_an_eviction_nothing_is_sent_again(call: Call, fake_bridge: FakeBridge) -> None:
    fake_bridge.behave = lambda request: CLOSE
    assert call() == UNREACHABLE
    assert len(fake_bridge.requests) == 1


# --- a call inside a call -----------------------------------------------------------------------------------


@pytest.fixture
def signal_host(client_library: Path, tmp_path: Path) -> tuple[str | Path, ...]:
    """The command of a program that calls csCloseCom, and again in its handler of signals."""
    return compile_program(HOSTS / "signal_host.c", tmp_path / "signal_host", "-ldl"), client_library


def test_a_call_from_a_signal_handler_inside_a_call_fails_and_the_outer_one_goes_on(
    signal_host: tuple[str | Path, ...], fake_bridge: FakeBridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CSHIS_BRIDGE_TIMEOUT", "10")

    def behave(request: Request) -> bytes:
        os.kill(fake_bridge.hellos[-1].process, signal.SIGUSR1)
        time.sleep(0.2)
        return encode_reply(Answer(request.number, 7))

    fake_bridge.behave = behave
    begun = time.monotonic()
    done = subprocess.run(signal_host, stdout=subprocess.PIPE, text=True, timeout=60)
    assert done.stdout.split() == ["outer", "7", "inner", str(UNREACHABLE), "afterwards", "7"]
    assert time.monotonic() - begun < 9, "some call waited for its timeout"


def test_calls_from_signal_handlers_at_any_moment_hang_nobody(
    signal_host: tuple[str | Path, ...], fake_bridge: FakeBridge
) -> None:
    fake_bridge.behave = lambda request: encode_reply(Answer(request.number, 7))
    done = subprocess.run([*signal_host, "storm"], stdout=subprocess.PIPE, text=True, timeout=60)
    assert done.stdout == "400 1\n"


# --- the hash -----------------------------------------------------------------------------------------------

# FIPS 180-4 and RFC 4231 (test cases 1, 2, 3, 6, 7): key, data, HMAC-SHA-256
HMACS = [
    (b"\x0b" * 20, b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
    (
        b"Jefe",
        b"what do ya want for nothing?",
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    ),
    (b"\xaa" * 20, b"\xdd" * 50, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
    (
        b"\xaa" * 131,
        b"Test Using Larger Than Block-Size Key - Hash Key First",
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    ),
    (
        b"\xaa" * 131,
        b"This is a test using a larger than block-size key and a larger than block-size data. The key needs"
        b" to be hashed before being used by the HMAC algorithm.",
        "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
    ),
]
HASHES = [
    (b"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    (b"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
        b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
    ),
    (b"a" * 1_000_000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
]


@pytest.fixture(scope="session")
def sha256(tmp_path_factory: pytest.TempPathFactory) -> tuple[cffi.FFI, Any]:
    made = compile_program(
        SHIM / "sha256.c", tmp_path_factory.mktemp("sha256") / "sha256.so", "-shared", "-fPIC", "-O2"
    )
    ffi = cffi.FFI()
    ffi.cdef(
        "struct cshis_sha256 { uint32_t state[8]; uint64_t length; uint8_t block[64]; };"
        "struct cshis_hmac { struct cshis_sha256 inner; uint8_t outer_key[64]; };"
        "void cshis_sha256_begin(struct cshis_sha256 *);"
        "void cshis_sha256_add(struct cshis_sha256 *, const void *, size_t);"
        "void cshis_sha256_end(struct cshis_sha256 *, uint8_t *);"
        "void cshis_hmac_begin(struct cshis_hmac *, const uint8_t *, size_t);"
        "void cshis_hmac_add(struct cshis_hmac *, const void *, size_t);"
        "void cshis_hmac_end(struct cshis_hmac *, uint8_t *);"
    )
    return ffi, ffi.dlopen(str(made))


@pytest.mark.parametrize(("data", "digest"), HASHES, ids=lambda value: str(len(value)))
def test_sha256_by_the_vectors_of_the_standard(
    data: bytes, digest: str, sha256: tuple[cffi.FFI, Any]
) -> None:
    ffi, lib = sha256
    made, hashed = ffi.new("uint8_t[32]"), ffi.new("struct cshis_sha256 *")
    lib.cshis_sha256_begin(hashed)
    for at in range(0, len(data), 1000):
        lib.cshis_sha256_add(hashed, data[at : at + 1000], len(data[at : at + 1000]))
    lib.cshis_sha256_end(hashed, made)
    assert bytes(ffi.buffer(made)).hex() == digest


@pytest.mark.parametrize(("key", "data", "digest"), HMACS)
def test_hmac_by_the_vectors_of_the_standard(
    key: bytes, data: bytes, digest: str, sha256: tuple[cffi.FFI, Any]
) -> None:
    ffi, lib = sha256
    made, keyed = ffi.new("uint8_t[32]"), ffi.new("struct cshis_hmac *")
    lib.cshis_hmac_begin(keyed, key, len(key))
    for byte in data:
        lib.cshis_hmac_add(keyed, bytes([byte]), 1)
    lib.cshis_hmac_end(keyed, made)
    assert bytes(ffi.buffer(made)).hex() == digest
