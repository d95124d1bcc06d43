"""Compiles and runs the measuring programs in C: the bare loopback echo and a program that calls the library.

sizes = frame_bytes(ready["channel"], "csGetVersionEx")
bare = echo(*sizes)
shim = shim_calls(library, "csGetVersionEx", {"CSHIS_BRIDGE": ready["channel"]}, threads=8)
print(shim.p50_us / bare.p50_us)
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bridge.calls.call import OutBuffer
from bridge.channel.frame import (
    HEADER_BYTES,
    Answer,
    Request,
    Sent,
    decode_reply,
    encode_request,
    read_header,
)
from bridge.table.codegen.abi import Slot, signature_hash, slots
from bridge.table.default import default_table
from native.compiler import compile_program
from tests.support.greeting import greet_socket

HERE = Path(__file__).parent
FLAGS = {"echo": (), "shim_calls": ("-ldl", "-pthread"), "load_and_call": ("-ldl",)}
LONGEST_RUN = 900.0  # seconds
LARGE_ENOUGH = 30_000  # room that is stated for an out-buffer, in bytes


@dataclass(frozen=True)
class Latencies:
    """Times of one call in microseconds; ``calls_per_second`` of all threads together.

    ``failures``: calls that did not give the expected code, ``last_code`` what the last of them gave.
    """

    calls: int
    min_us: float
    p50_us: float
    p90_us: float
    p99_us: float
    max_us: float
    calls_per_second: float
    threads: int = 1
    failures: int = 0
    last_code: int = 0
    function: str = ""


@cache
def program(name: str) -> Path:
    """The compiled program of benchmarks/NAME.c, compiled once per process.

    Raises CompilerMissing and CompileFailed.
    """
    return compile_program(HERE / f"{name}.c", Path(_folder().name, name), "-O2", *FLAGS[name])


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    """Where the programs lie; it goes when this process ends."""
    return tempfile.TemporaryDirectory(prefix="cshis-bench-")


def run(name: str, *arguments: str | Path, env: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Run a program and read the line of JSON that it prints.

    ``env``: variables that take the place of this process's own CSHIS_BRIDGE ones. Raises RuntimeError with
    what it printed to standard error when it fails.
    """
    kept = {key: value for key, value in os.environ.items() if not key.startswith("CSHIS_BRIDGE")}
    command = [program(name), *arguments]
    done = subprocess.run(
        command, env={**kept, **(env or {})}, capture_output=True, text=True, timeout=LONGEST_RUN
    )
    if done.returncode != 0:
        raise RuntimeError(f"{name} ended with {done.returncode}: {done.stderr.strip()}")
    return dict(json.loads(done.stdout))


def echo(
    request_bytes: int, reply_bytes: int, *, round_trips: int = 20_000, warm_up: int = 2_000
) -> Latencies:
    """A bare C client and a bare C server on TCP loopback, messages of these sizes."""
    sizes = [str(value) for value in (request_bytes, reply_bytes, round_trips, warm_up)]
    return Latencies(**run("echo", *sizes))


def shim_calls(
    library: Path,
    function: str,
    env: Mapping[str, str],
    *,
    calls: int = 20_000,
    warm_up: int = 500,
    threads: int = 1,
    pause_ms: int = 0,
) -> Latencies:
    """A C program that loads the library and calls one function ``calls`` times from each of its threads.

    ``function``: one that benchmarks/shim_calls.c knows. ``env`` says where the bridge is. ``pause_ms``: idle
    time before each call. The caller judges ``failures``.
    """
    numbers = [str(value) for value in (calls, warm_up, threads, pause_ms)]
    return Latencies(**run("shim_calls", library, function, *numbers, env=env))


def frame_bytes(channel: str, function: str) -> tuple[int, int]:
    """The sizes in bytes of a call's frame and of its answer's, at the bridge at ``channel`` (host:port).

    Only for functions without in-arguments. Raises FrameError, OSError, and RuntimeError where the call is
    refused.
    """
    known = slots(default_table(), default_table().functions[function])
    call = encode_request(Request(1, signature_hash(function, known), function, tuple(map(_sent, known))))
    host, _, port = channel.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        greet_socket(connection)
        connection.sendall(call)
        with connection.makefile("rb") as stream:
            header = stream.read(HEADER_BYTES)
            reply = header + stream.read(read_header(header).length)
    if not isinstance(decode_reply(reply, 1), Answer):
        raise RuntimeError(f"{function} was refused")
    return len(call), len(reply)


def _sent(slot: Slot) -> Sent:
    if slot.kind == "record":
        return Sent(slot.kind, OutBuffer(LARGE_ENOUGH, bytes(16)))
    if slot.kind in ("length", "text_out"):
        return Sent(slot.kind)
    raise ValueError(f"{slot.name} is an in-argument")
