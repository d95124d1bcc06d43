"""Lines of many calls at once are, byte for byte, those of the same calls one by one."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

from bridge.records.call_lines import CallRecord, CallsRecord, write_lines
from bridge.serving.log_format import JsonFormatter, TextFormatter

CALLS = [
    CallRecord(1, 1_790_000_000.0, "native", "csOpenCom", 0, 0.04, 0.0),
    CallRecord(2, 1_790_000_000.9996, "vhc", "getBasicData", -1, 12.349, 11.95),
    CallRecord(2**40, 1_790_000_001.25, "upload", "uploadFile", 5010, 765_432.0, 99_999.96),
    CallRecord(4, 1_790_086_399.5, "native", "csGetVersionEx", 6000, 0.25, 0.05),
]
MEANINGS = {("vhc", -1): "no card: 100 % sure", ("native", -1): "of another door"}
MESSAGES = [call.message for call in CALLS]
MESSAGES[1] += ' meaning="no card: 100 % sure"'


class Lines(logging.Handler):
    """Keeps what its formatter makes, and the records."""

    def __init__(self, formatter: logging.Formatter | None) -> None:
        super().__init__()
        self.setFormatter(formatter)
        self.records: list[logging.LogRecord] = []
        self.text = io.StringIO()

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)
        self.text.write(self.format(record) + "\n")


@pytest.fixture
def log() -> Iterator[logging.Logger]:
    logger = logging.getLogger("test.call_lines")
    logger.propagate = False
    logger.setLevel(logging.INFO)
    yield logger
    logger.handlers.clear()


def _written(log: logging.Logger, *formatters: logging.Formatter | None) -> list[Lines]:
    handlers = [Lines(formatter) for formatter in formatters]
    log.handlers[:] = handlers
    write_lines(log, CALLS, MEANINGS)
    return handlers


@pytest.mark.parametrize("formatter", [TextFormatter(), JsonFormatter()], ids=["text", "json"])
def test_a_batch_is_one_record_and_the_same_lines(log: logging.Logger, formatter: logging.Formatter) -> None:
    (together,) = _written(log, formatter)
    (record,) = together.records
    assert isinstance(record, CallsRecord)
    assert (record.lines, record.levelno, record.name) == (len(CALLS), logging.INFO, log.name)
    _, one_by_one = _written(log, logging.Formatter(), formatter)  # the first cannot write many at once
    assert len(one_by_one.records) == len(CALLS)
    assert together.text.getvalue() == one_by_one.text.getvalue()


def test_any_formatter_gets_what_it_knows(log: logging.Logger) -> None:
    plain, _, without = _written(
        log, logging.Formatter("%(created).2f %(msecs)03d %(levelname)s %(message)s"), TextFormatter(), None
    )
    assert plain.text.getvalue().splitlines()[:2] == [
        "1790000000.00 000 INFO call=1 door=native function=csOpenCom code=0 ms=0.0 upstream_ms=0.0",
        "1790000001.00 999 INFO call=2 door=vhc function=getBasicData code=-1 ms=12.3 upstream_ms=11.9 "
        'meaning="no card: 100 % sure"',
    ]
    assert [record.getMessage() for record in without.records] == MESSAGES


def test_a_handler_further_up_counts_as_well(log: logging.Logger) -> None:
    parent, child = log, logging.getLogger(f"{log.name}.child")
    parent.handlers[:], child.handlers[:] = [Lines(logging.Formatter())], [Lines(TextFormatter())]
    write_lines(child, CALLS, MEANINGS)
    assert len(child.handlers[0].records) == len(parent.handlers[0].records) == len(CALLS)
    child.propagate = False
    write_lines(child, CALLS, MEANINGS)
    assert len(child.handlers[0].records) == len(CALLS) + 1
    assert len(parent.handlers[0].records) == len(CALLS)
    child.handlers.clear()


def test_values_are_values_in_json(log: logging.Logger) -> None:
    (written,) = _written(log, JsonFormatter())
    second = json.loads(written.text.getvalue().splitlines()[1])
    assert {name: second[name] for name in ("call", "door", "code", "ms", "upstream_ms")} == {
        "call": 2, "door": "vhc", "code": -1, "ms": 12.3, "upstream_ms": 11.9,
    }  # fmt: skip


def test_of_no_call_nothing_is_written(log: logging.Logger) -> None:
    handler = Lines(TextFormatter())
    log.addHandler(handler)
    write_lines(log, [], MEANINGS)
    assert handler.records == []


def test_who_asks_a_batch_for_its_message_gets_all_lines() -> None:
    assert CallsRecord("a", CALLS, MEANINGS).getMessage().splitlines() == MESSAGES
