"""The ways a legacy call can take, all with the same ``call(name, **arguments) -> (code, outputs)``.

Arguments carry their legacy names: strings and data blocks are bytes without the NUL, out-buffers their
capacity in bytes (an int), numbers ints. An out-argument that was written stands in the outputs: a record or
text as its bytes, a 16-bit result as an int. What was not written does not appear.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Awaitable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar

import httpx

from bridge.calls.call import NATIVE, File, LegacyCall, OutBuffer
from bridge.channel.frame import (
    HEADER_BYTES,
    Refusal,
    Request,
    Sent,
    decode_reply,
    encode_request,
    read_header,
)
from bridge.config import load_settings
from bridge.engine.compose import open_engine
from bridge.engine.engine import Engine
from bridge.table.codegen.abi import Slot, signature_hash, slots
from bridge.table.loader import default_table
from tests.support.greeting import greet_socket
from tests.support.hosts.driver import (
    NULL,
    Argument,
    Driver,
    DriverDied,
    DriverTimeout,
    long,
    room,
    scalar,
    short,
    text,
)
from tests.support.prototypes import PROTOTYPES, Parameter

Value = bytes | int | None
Outputs = dict[str, bytes | int]
Result = tuple[int, Outputs]
T = TypeVar("T")

FILL = b"\xa5"  # what a fresh buffer holds; no record consists of it
UNWRITTEN = -0x5556  # what a 16-bit result holds before the call
PEEK = 16  # bytes of a buffer that the library sends along
CALL_SECONDS = 60.0
# VB6 pushes a 16-bit number as half of a word; the other half is whatever was there.
GARBAGE = 0x4FFB0000


def record_of(outputs: Outputs, name: str = "pBuffer") -> bytes:
    """The bytes that were written to a buffer."""
    record = outputs[name]
    assert isinstance(record, bytes)
    return record


class Route(Protocol):
    """A way that a legacy call takes."""

    name: str

    def call(self, function: str, /, **arguments: Value) -> Result:
        """Make one call."""
        ...


def _content(fill: bytes, capacity: int) -> bytes:
    return (fill * PEEK)[: max(0, min(capacity, PEEK))]


# --- in this process ----------------------------------------------------------------------------------------


class EngineRoute:
    """An engine in this process, asked from the test's thread; a loop of its own runs it."""

    name = "engine"

    def __init__(self, config: Path, data_dir: Path) -> None:
        self._settings = load_settings(config, data_dir=data_dir)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="engine route")
        self._opened = open_engine(self._settings)
        self._engine: Engine | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        self._engine = self._wait(self._opened.__aenter__())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._wait(self._opened.__aexit__(None, None, None))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def call(self, function: str, /, **arguments: Value) -> Result:
        """Make one call; a None is left out, as a null pointer cannot come this way."""
        assert self._engine is not None
        known = {slot.name: slot for slot in _slots(function)}
        given = {
            name: _for_engine(known[name], value) for name, value in arguments.items() if value is not None
        }
        rooms = {slot.name: OutBuffer(slot.most) for slot in known.values() if slot.kind == "text_out"}
        result = self._wait(self._engine.call(LegacyCall(function, {**rooms, **given}, NATIVE)))
        return result.code, {name: _without_nul(known[name], value) for name, value in result.outputs.items()}

    def _wait(self, work: Awaitable[T]) -> T:
        async def run() -> T:
            return await work

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(CALL_SECONDS)


def _slots(function: str) -> tuple[Slot, ...]:
    table = default_table()
    return slots(table, table.functions[function])


def _for_engine(slot: Slot, value: bytes | int) -> bytes | int | OutBuffer | File:
    if slot.kind == "record" and isinstance(value, int):
        return OutBuffer(value, _content(FILL, value))
    if slot.kind == "file" and isinstance(value, bytes):
        return _file(value)
    return value


def _file(name: bytes) -> File:
    """What the library makes of a file's name: it reads the file where the program runs."""
    path = Path(name.decode("cp950"))
    return File(name, path.read_bytes() if path.is_file() else None)


def _without_nul(slot: Slot, value: bytes | int) -> bytes | int:
    if slot.kind == "text_out" and isinstance(value, bytes):
        return value.partition(b"\0")[0]
    return value


# --- over the channel, without the library ------------------------------------------------------------------


class ChannelRoute:
    """Frames over one connection, as the library sends them."""

    name = "channel"

    def __init__(self, address: str) -> None:
        host, _, port = address.rpartition(":")
        self._socket = socket.create_connection((host, int(port)), timeout=CALL_SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        greet_socket(self._socket)
        self._number = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def call(self, function: str, /, **arguments: Value) -> Result:
        """Make one call; every in-argument must be given."""
        known = _slots(function)
        self._number += 1
        sent = tuple(_sent(slot, arguments.get(slot.name)) for slot in known)
        self._socket.sendall(
            encode_request(Request(self._number, signature_hash(function, known), function, sent))
        )
        header = self._receive(HEADER_BYTES)
        reply = decode_reply(header + self._receive(read_header(header).length), self._number)
        if isinstance(reply, Refusal):
            return reply.code, {}
        return reply.code, {
            known[index].name: _without_nul(known[index], value) for index, value in reply.outputs
        }

    def _receive(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            more = self._socket.recv(size - len(data))
            assert more, "the bridge closed the connection"
            data += more
        return data


def _sent(slot: Slot, value: Value) -> Sent:
    if slot.kind == "record":
        assert isinstance(value, int), slot.name
        return Sent(slot.kind, OutBuffer(value, _content(FILL, value)))
    if slot.kind in ("length", "text_out"):
        return Sent(slot.kind)
    if slot.kind == "file" and isinstance(value, bytes):
        return Sent(slot.kind, _file(value))
    return Sent(slot.kind, value)


# --- the native libraries -----------------------------------------------------------------------------------


class NativeRoute:
    """A library in a process of its own; every call checks guard bytes, in-strings and the stack.

    ``command``: another way to start a driver, such as ``("wine", "driver.exe")``.
    """

    def __init__(
        self,
        name: str,
        library: Path | str,
        cache: Path,
        env: Mapping[str, str],
        command: Sequence[str | Path] | None = None,
    ) -> None:
        self.name = name
        self._library, self._cache, self._env, self._command = library, cache, env, command
        self._driver: Driver | None = None
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @property
    def driver(self) -> Driver:
        """The running driver; a new one where the last has died."""
        if self._driver is None:
            fresh = Driver(
                self._library, self._cache, env=self._env, timeout=CALL_SECONDS, command=self._command
            )
            self._driver = self._stack.enter_context(fresh)
        return self._driver

    def raw(self, function: str, /, *words: str) -> tuple[int, tuple[Argument, ...]]:
        """One call with the driver's own words; nothing that was only lent may have been touched."""
        try:
            answer = self.driver.call(function, *words)
        except (DriverDied, DriverTimeout):
            self._driver = None
            raise
        assert answer.intact, f"{function} wrote where it may not: {answer.arguments}"
        return answer.code, answer.arguments

    def call(self, function: str, /, **arguments: Value) -> Result:
        """Make one call; a None is a null pointer."""
        parameters = PROTOTYPES[function]
        words = [word(parameter, parameters, arguments) for parameter in parameters]
        code, answers = self.raw(function, *words)
        written = (
            (parameter.name, _written(index, parameters, answers, arguments))
            for index, parameter in enumerate(parameters)
        )
        return code, {name: value for name, value in written if value is not None}


def word(parameter: Parameter, parameters: Sequence[Parameter], arguments: Mapping[str, Value]) -> str:
    """The driver's word for one argument."""
    value = arguments.get(parameter.name)
    match parameter.kind:
        case "len":
            value = arguments[parameters[parameters.index(parameter) - 1].name]
            return NULL if value is None else short(int(value))
        case "text" if parameter.name not in arguments:
            return room(parameter.width, FILL)
        case "res" if parameter.name not in arguments:
            return short(UNWRITTEN)
        case "word" if parameter.name not in arguments:
            return long(72)
    if value is None:
        assert parameter.name in arguments, f"{parameter.name} is not given"
        return NULL
    match parameter.kind, value:
        case (("in" | "size"), bytes(data)):
            return text(data + b"\0")
        case "out", int(capacity):
            return room(max(0, capacity), FILL)
        case "num", int(number):
            return scalar(GARBAGE | (number & 0xFFFF))
        case "cnt", int(number):
            return short(number)
    raise AssertionError(f"{parameter} cannot take {value!r}")


def _written(
    index: int,
    parameters: Sequence[Parameter],
    answers: Sequence[Argument],
    arguments: Mapping[str, Value],
) -> bytes | int | None:
    """What the library wrote to one out-argument, None for nothing. All else must hold what it held."""
    data, parameter = answers[index].data, parameters[index]
    if parameter.kind == "out" and data is not None:
        length = answers[index + 1].number
        if data == FILL * len(data) and length == arguments[parameter.name]:
            return None
        assert length is not None
        assert 0 <= length <= len(data)
        assert data[length:] == FILL * (len(data) - length), f"{parameter.name}: written behind the record"
        return data[:length]
    if parameter.kind == "text" and data is not None:
        return None if data == FILL * len(data) else data.partition(b"\0")[0].rstrip(FILL)
    if parameter.kind == "res":
        number = answers[index].number
        return None if number == UNWRITTEN else number
    return None


# --- HTTP ---------------------------------------------------------------------------------------------------


class HttpRoute:
    """The paths of the virtual-health-card SDK. Blanks stand where a C program's NUL would be."""

    def __init__(self, name: str, url: str, ca_file: str | None) -> None:
        self.name = name
        verify: ssl.SSLContext | bool = ssl.create_default_context(cafile=ca_file) if ca_file else True
        self.client = httpx.Client(base_url=url, verify=verify, trust_env=False, timeout=CALL_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.client.close()

    def post(self, path: str, body: bytes | dict[str, Any]) -> dict[str, Any]:
        """One request that must be answered by HTTP 200 and a JSON object."""
        content = {"content": body} if isinstance(body, bytes) else {"json": body}
        reply = self.client.post(path, **content)
        assert reply.status_code == 200, f"{path}: HTTP {reply.status_code} {reply.text}"
        answer = reply.json()
        assert answer["ERRORCODE"] == str(answer["errorCode"]) == str(answer["statusCode"])
        return dict(answer)

    def upload(self, token: str) -> int:
        """Upload the text of a QR code."""
        return int(self.post("/QRCodeReader/uploadqrcode", {"QRCodeString": token + " "})["ERRORCODE"])

    def call(self, function: str, /, **arguments: Value) -> Result:
        """Call the path of a function; a capacity need not be given."""
        known = {parameter.name: parameter.kind for parameter in PROTOTYPES[function]}
        body: dict[str, Any] = {}
        for name, value in arguments.items():
            if isinstance(value, bytes):
                body[name] = value.decode("cp950") + " "
            elif known[name] in ("num", "cnt"):
                body[name] = value
        answer = self.post(f"/VHC/VHC{function}", body)
        outputs = {name: _as_bytes(answer[name]) for name in known if name in answer}
        return int(answer["ERRORCODE"]), outputs


def _as_bytes(value: object) -> bytes | int:
    return value.encode("cp950") if isinstance(value, str) else int(str(value))
