"""SECURITY.md states the limits that the code has, and names tests and settings that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bridge.channel import frame, handshake, server
from bridge.config import FacadeSettings, Settings
from bridge.rest import guard, uploads
from bridge.serving import acceptor as accepting
from bridge.serving import http_protocol
from bridge.serving import listener as listen
from bridge.upstream import transport

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
MIB, KIB = 1024 * 1024, 1024


@pytest.mark.parametrize(
    ("row", "values"),
    [
        ("Body of a request", [FacadeSettings().most_body_bytes / MIB, uploads.MOST_BODY_BYTES / MIB]),
        ("All bodies under way together", [guard.MOST_HELD / MIB]),
        ("Time for a body", [guard.READ_SECONDS]),
        ("Request line and headers", [http_protocol.MOST_HEAD_BYTES / KIB, http_protocol.HEAD_SECONDS]),
        ("First byte on a new connection, TLS handshake", [accepting.HANDSHAKE_SECONDS]),
        ("Connections of one HTTP port", [http_protocol.MOST_CONNECTIONS, accepting.MOST_OPENING]),
        ("Requests sent ahead of an answer", [http_protocol.MOST_AHEAD]),
        ("An answer that is not taken", [http_protocol.TAKE_SECONDS]),
        ("A connection without requests", [listen.KEEP_ALIVE_SECONDS]),
        ("Connections of the channel", [server.MOST_CONNECTIONS]),
        (
            "Greeting of a caller of the channel",
            [server.FRAME_SECONDS, frame.HEADER_BYTES + handshake.HELLO_BYTES],
        ),
        ("A frame", [frame.MOST_CALL_BYTES / MIB, 10, server.FRAME_SECONDS]),
        ("Reply of an upstream", [transport.MOST_REPLY_BYTES / MIB]),
        ("Any call", [Settings.model_fields["call_deadline"].default, 115]),
    ],
)
def test_limits(row: str, values: list[float]) -> None:
    (limit,) = re.findall(rf"^\| {re.escape(row)} \| ([^|]*) \|", PAGE, re.MULTILINE)
    assert [float(number) for number in re.findall(r"\d+", limit)] == values


def test_every_limit_is_checked_here() -> None:
    table = PAGE.partition("## Limits")[2].partition("## What is not")[0]
    assert len([line for line in table.splitlines() if line.startswith("| ")]) == 1 + 14


def test_tests_and_settings_exist() -> None:
    for name in re.findall(r"`((?:tests/)?[\w/]+\.py|tests/\w+)`", PAGE):
        assert (ROOT / name).exists() or (ROOT / "tests" / "security" / name).exists(), name
    for section, key in re.findall(r"`(facade|channel|pin|bhyt)\.(\w+)", PAGE):
        assert key in Settings.model_fields[section].annotation.model_fields, f"{section}.{key}"
