"""The lines of the log: for people, and as JSON for programs that gather logs."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bridge.config import LogSettings
from bridge.records.call_lines import CallRecord, CallsRecord
from bridge.records.timers import UpstreamTimer
from bridge.serving.log_format import JsonFormatter, TextFormatter
from bridge.serving.logs import start_log


@contextmanager
def within_call(number: int) -> Iterator[None]:
    meter = UpstreamTimer.start(number)
    yield
    meter.end()


class Written:
    """A logger of its own and what it wrote."""

    def __init__(self, formatter: logging.Formatter) -> None:
        self._stream = io.StringIO()
        handler = logging.StreamHandler(self._stream)
        handler.setFormatter(formatter)
        self.log = logging.Logger("bridge.engine.x", logging.DEBUG)
        self.log.addHandler(handler)

    @property
    def text(self) -> str:
        return self._stream.getvalue()

    @property
    def objects(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.text.splitlines()]


def test_a_line_of_a_call_has_its_values_as_fields() -> None:
    written = Written(JsonFormatter())
    written.log.info("call=%d door=%s function=%s code=%d ms=%.1f", 17, "native", "aFunction", 0, 12.3456)
    (line,) = written.objects
    assert line["message"] == "call=17 door=native function=aFunction code=0 ms=12.3"
    assert {name: line[name] for name in ("call", "door", "function", "code", "ms")} == {
        "call": 17, "door": "native", "function": "aFunction", "code": 0, "ms": 12.3,
    }  # fmt: skip
    assert line["level"] == "INFO"
    assert line["logger"] == "bridge.engine.x"
    assert str(line["time"]).endswith("Z")


def test_values_without_a_name_only_stand_in_the_message() -> None:
    written = Written(JsonFormatter())
    written.log.warning("%d of 100%% of %.3s; function=%s: %s", 1, "abcdef", "aFunction", "健保卡")
    (line,) = written.objects
    assert line["message"] == "1 of 100% of abc; function=aFunction: 健保卡"
    assert line["function"] == "aFunction"
    assert set(line) == {"time", "level", "logger", "message", "function"}


def test_a_value_cannot_take_the_place_of_the_lines_own_fields() -> None:
    written = Written(JsonFormatter())
    written.log.warning("level=%s message=%s", "x", "y")
    assert written.objects[0]["level"] == "WARNING"
    assert written.objects[0]["message"] == "level=x message=y"


def test_an_exception_stays_in_the_same_line() -> None:
    written = Written(JsonFormatter())
    try:
        raise RuntimeError("broken\nin two")
    except RuntimeError:
        written.log.exception("call=%d: fault", 3)
    (line,) = written.objects
    assert "RuntimeError: broken\nin two" in str(line["trace"])
    assert line["call"] == 3


def test_every_line_within_a_call_names_it() -> None:
    text, objects = Written(TextFormatter()), Written(JsonFormatter())
    with within_call(9):
        for written in (text, objects):
            written.log.info("the console session had ended")
            written.log.info("call=%d code=%d", 8, 0)
    text.log.info("stopping")
    objects.log.info("stopping")
    lines = text.text.splitlines()
    assert lines[0].endswith("INFO bridge.engine.x: call=9 the console session had ended")
    assert lines[1].endswith("INFO bridge.engine.x: call=8 code=0")
    assert lines[2].endswith("INFO bridge.engine.x: stopping")
    assert [line.get("call") for line in objects.objects] == [9, 8, None]


@pytest.mark.parametrize("arguments", [(), ({"a": 1},)])
def test_a_template_without_positions_is_written_all_the_same(arguments: tuple[object, ...]) -> None:
    written = Written(JsonFormatter())
    written.log.info("code=%(a)d" if arguments else "100 % sure", *arguments)
    assert written.objects[0]["message"] == ("code=1" if arguments else "100 % sure")


def test_the_file_rotates_as_the_settings_say(tmp_path: Path) -> None:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers.clear()
    file = tmp_path / "logs" / "bridge.log"
    try:
        start_log(LogSettings(file=file, most_bytes=10_000, kept_files=2, format="json"), tmp_path)
        for number in range(300):
            logging.getLogger("bridge").info("call=%d %s", number, "x" * 100)
    finally:
        for handler in root.handlers:
            handler.close()
        root.handlers[:] = handlers
        root.setLevel(level)
    names = sorted(path.name for path in file.parent.iterdir())
    assert names == ["bridge.log", "bridge.log.1", "bridge.log.2"]
    assert all(path.stat().st_size <= 10_000 for path in file.parent.iterdir())
    last = json.loads(file.read_text(encoding="utf-8").splitlines()[-1])
    assert last["call"] == 299


def test_the_lines_of_many_calls_carry_what_their_codes_mean() -> None:
    calls = [
        CallRecord(1, 1_790_000_000.25, "native", "aFunction", 5150, 12.34, 11.0),
        CallRecord(2, 1_790_000_000.25, "native", "aFunction", 0, 12.34, 11.0),
    ]
    record = CallsRecord("bridge.x", calls, {("native", 5150): "No such visit"})
    failed, good = TextFormatter().format(record).splitlines()
    assert failed.endswith('code=5150 ms=12.3 upstream_ms=11.0 meaning="No such visit"')
    assert good.endswith("code=0 ms=12.3 upstream_ms=11.0")
    first, second = (json.loads(line) for line in JsonFormatter().format(record).splitlines())
    assert (first["code"], first["meaning"]) == (5150, "No such visit")
    assert first["message"].endswith('meaning="No such visit"')
    assert "meaning" not in second
    assert record.getMessage().splitlines()[0].endswith('meaning="No such visit"')
