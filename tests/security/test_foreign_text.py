"""Names from traces, files, cards and servers with codes for a terminal in them: none of them gets there."""

from __future__ import annotations

import ast
import io
import json
import logging
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bridge.cli.streams import PlainStream, styled
from bridge.plain_text import plain
from bridge.serving.log_format import JsonFormatter, TextFormatter
from tests.support.bridge_process import ROOT, clean_environment
from tests.support.layers import sources

pty = pytest.importorskip("pty", reason="a terminal")

EVIL = "\x1b]0;owned\x07\x1b[2J\rall is well\x9b31m\u202egnp.exe\u2066\x08"
STEERING = ("\x1b", "\r", "\x07", "\x08", "\x9b", "\u202e", "\u2066")
OUR_COLOURS = r"\x1b\[[0-9;]*m"
UNGUARDED = {  # where our own bars go, and data for a program
    "bridge/cli/in_parts.py": 1, "bridge/cli/replay.py": 2,
    "bridge/cli/trace/command.py": 1, "bridge/cli/upload.py": 3,
}  # fmt: skip


def on_a_terminal(*words: str) -> str:
    """What a person sees who runs the command; the terminal's own CR before each LF left out."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "bridge", *words],
        stdin=theirs, stdout=theirs, stderr=theirs, cwd=ROOT,
        env=clean_environment(PYTHONUTF8="1", TERM="xterm"),
    ) as process:  # fmt: skip
        os.close(theirs)
        seen = b""
        try:
            while piece := os.read(ours, 65_536):
                seen += piece
        except OSError:  # the other end is closed
            pass
        process.wait()
    os.close(ours)
    return seen.decode("utf-8").replace("\r\n", "\n")


def assert_harmless(seen: str) -> None:
    assert "all is well" in seen  # it was shown
    for code in STEERING:
        assert code not in seen, ascii(seen)


def trace_with(folder: Path, **changed: Any) -> Path:
    call = {"call": 1, "time": "2026-11-25T08:00:01.000000Z", "thread": 1, "function": "csCloseCom", "in": {},
            "code": 0, "us": 1, "out": {}}  # fmt: skip
    head = {"trace": 1, "program": EVIL, "process": 1, "started": "2026-11-25T08:00:00Z"}
    file = folder / "trace.jsonl"
    file.write_text(f"{json.dumps(head)}\n{json.dumps({**call, **changed})}\n")
    return file


@pytest.mark.parametrize("command", [("trace", "show"), ("readiness",), ("replay", "--recorded")])
@pytest.mark.parametrize("place", ["function", "argument"])
def test_a_trace(tmp_path: Path, command: tuple[str, ...], place: str) -> None:
    changed = {"function": EVIL} if place == "function" else {"in": {EVIL: EVIL}}
    seen = on_a_terminal(*command, str(trace_with(tmp_path, **changed)))
    if place == "argument" or command[0] != "replay":  # which says nothing of a function it does not know
        assert "all is well" in seen
    assert_harmless(re.sub(OUR_COLOURS, "", f"{seen} all is well"))


def test_our_own_colours_are_seen(tmp_path: Path) -> None:
    assert re.search(OUR_COLOURS, on_a_terminal("readiness", str(trace_with(tmp_path))))
    assert "\x1b" not in written(f"\x1b[000000000000000000;31m{EVIL}")
    assert written(styled("x", bold=True)) == "\x1b[1mx\x1b[0m"
    assert "\x1b[2J" not in written(styled(EVIL, fg="red"))


def written(text: str) -> str:
    raw = io.StringIO()
    PlainStream(raw).write(text)
    return raw.getvalue()


def test_the_name_of_a_file(tmp_path: Path) -> None:
    file = tmp_path / EVIL
    file.write_text("nothing")
    assert_harmless(on_a_terminal("trace", "show", str(file)))
    assert_harmless(on_a_terminal("replay", str(file)))
    assert_harmless(on_a_terminal("upload", str(tmp_path / "none" / EVIL)))  # a fault of the words themselves


def test_a_word_of_the_command_line() -> None:
    assert_harmless(on_a_terminal("call", EVIL))
    assert_harmless(on_a_terminal(EVIL))


@pytest.mark.parametrize("place", ["argument", "exception", "template"])
def test_a_line_of_the_log(place: str) -> None:
    text = f"{EVIL}\n2026-01-01 00:00:00,000 INFO bridge.app: forged"
    try:
        raise ValueError(text)
    except ValueError as error:
        fault = (type(error), error, error.__traceback__) if place == "exception" else None
    template = "%s" if place != "template" else text.replace("%", "%%")
    arguments = (text,) if place == "argument" else ("",) if place == "exception" else ()
    record = logging.LogRecord("bridge.x", logging.ERROR, "", 1, template, arguments, fault)
    lines = TextFormatter().format(record).split("\n")
    assert_harmless("\n".join(lines))
    assert not any(line.startswith("2026-01-01 00:00:00,000") for line in lines[1:])
    written = JsonFormatter().format(record)
    assert_harmless(written)
    assert "\n" not in written
    assert EVIL in json.loads(written)["trace" if place == "exception" else "message"]


def test_nothing_goes_round_the_guard() -> None:
    """Bytes of standard output, and the streams below the guard, are for bars and data alone."""
    found: dict[str, int] = {}
    for file in sources("bridge/cli"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        name = file.relative_to(ROOT).as_posix()
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "unguarded":
                found[name] = found.get(name, 0) + 1
            assert getattr(node, "attr", "") not in (
                "buffer",
                "get_binary_stream",
                "__stdout__",
                "__stderr__",
            ), name
    assert found == UNGUARDED


def test_the_planted_text_would_be_seen() -> None:
    assert not any(code in plain(EVIL) for code in STEERING)
    assert all(code in EVIL for code in STEERING)
