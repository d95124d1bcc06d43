"""The background bridge of the embedded library, in this process."""

import asyncio
import logging
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from bridge.calls.call import LegacyCall, LegacyResult
from bridge.channel.embedded import LOG_NAME, EmbeddedBridge, OpenEngine, log_to_file
from bridge.channel.frame import Answer, decode_reply
from tests.support.channel_table import RecordingEngine, open_port


def opening(engine: RecordingEngine, opened: list[str], delay: float = 0.0) -> OpenEngine:
    @asynccontextmanager
    async def open_engine() -> AsyncIterator[RecordingEngine]:
        opened.append(threading.current_thread().name)
        await asyncio.sleep(delay)
        if len(opened) == 1 and delay < 0:
            raise RuntimeError("invented")
        yield engine

    return open_engine


def test_concurrent_first_calls_open_one_engine() -> None:
    opened: list[str] = []
    bridge = EmbeddedBridge(opening(RecordingEngine(), opened, delay=0.1))
    with ThreadPoolExecutor(16) as pool:
        replies = list(pool.map(lambda number: (number, bridge.answer(open_port(number), 5)), range(16)))
    assert all(reply and decode_reply(reply, number) == Answer(number, 0) for number, reply in replies)
    assert opened == ["cshis-bridge"]


def test_all_calls_are_those_of_one_client() -> None:
    """What is learnt of a program at one call, such as the use of its signatures, is known at the next."""
    engine = RecordingEngine()
    bridge = EmbeddedBridge(opening(engine, []))
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda number: bridge.answer(open_port(number), 5), range(4)))
    assert [call.caller.client for call in engine.calls] == ["host"] * 4


def test_failure_to_open_is_tried_again_at_the_next_call(caplog: pytest.LogCaptureFixture) -> None:
    opened: list[str] = []
    bridge = EmbeddedBridge(opening(RecordingEngine(), opened, delay=-1))
    assert bridge.answer(open_port(1), 5) is None
    assert "invented" in caplog.text
    assert bridge.answer(open_port(2), 5) is not None


def test_slow_start_is_waited_for_by_later_calls_not_repeated() -> None:
    opened: list[str] = []
    bridge = EmbeddedBridge(opening(RecordingEngine(), opened, delay=1.5))
    begun = time.monotonic()
    assert bridge.answer(open_port(1), 0.05) is None
    assert time.monotonic() - begun < 1.5
    assert bridge.answer(open_port(2), 30) is not None
    assert len(opened) == 1


def test_call_that_takes_too_long_has_no_reply(caplog: pytest.LogCaptureFixture) -> None:
    async def behave(call: LegacyCall) -> LegacyResult:
        await asyncio.sleep(3)
        return LegacyResult(0)

    bridge = EmbeddedBridge(opening(RecordingEngine(behave=behave), []))
    assert bridge.answer(open_port(1), 0.1) is None
    assert "did not end within 0.1 s" in caplog.text


def test_engine_whose_thread_has_died_is_opened_again(caplog: pytest.LogCaptureFixture) -> None:
    opened: list[str] = []
    dying: list[threading.Thread] = []

    async def behave(call: LegacyCall) -> LegacyResult:
        if not dying:
            dying.append(threading.current_thread())
            asyncio.get_running_loop().call_soon(asyncio.get_running_loop().stop)
        return LegacyResult(0)

    bridge = EmbeddedBridge(opening(RecordingEngine(behave=behave), opened))
    bridge.answer(open_port(1), 5)
    dying[0].join(5)
    reply = bridge.answer(open_port(2), 5)
    assert reply is not None
    assert decode_reply(reply, 2) == Answer(2, 0)
    assert len(opened) == 2
    assert "the next call starts it again" in caplog.text


def test_what_is_no_frame_has_no_reply() -> None:
    assert EmbeddedBridge(opening(RecordingEngine(), [])).answer(b"garbage", 5) is None


@contextmanager
def host_without_logging() -> Iterator[logging.Logger]:
    """Logging as in a host program that has not set it up; pytest's own handlers come back afterwards."""
    root, ours = logging.getLogger(), logging.getLogger("bridge")
    before = root.handlers, ours.handlers, ours.level, ours.propagate
    root.handlers, ours.handlers = [], []
    try:
        yield ours
    finally:
        for handler in ours.handlers:
            handler.close()
        root.handlers, ours.handlers, ours.propagate = before[0], before[1], before[3]
        ours.setLevel(before[2])


def test_log_goes_to_the_data_directory(tmp_path: Path) -> None:
    with host_without_logging():
        log_to_file(tmp_path / "data")
        log_to_file(tmp_path / "other")
        logging.getLogger("bridge.channel").info("a line")
    assert "a line" in (tmp_path / "data" / LOG_NAME).read_text()
    assert not (tmp_path / "other").exists()


def test_log_of_a_data_directory_that_cannot_be_written_goes_to_the_temporary_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    with host_without_logging():
        with monkeypatch.context() as patched:  # pytest wants its own place again
            patched.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
            log_to_file(tmp_path / "file" / "data")
        logging.getLogger("bridge.channel").info("a line")
    first, second = (tmp_path / "temporary" / LOG_NAME).read_text().splitlines()
    assert f"data_dir {tmp_path / 'file' / 'data'} cannot be written (Not a directory)" in first
    assert second.endswith("a line")
    assert capfd.readouterr() == ("", "")


def test_log_without_a_place_is_silent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    with host_without_logging() as ours:
        with monkeypatch.context() as patched:
            patched.setattr(tempfile, "tempdir", str(tmp_path / "file"))
            log_to_file(tmp_path / "file" / "data")
        assert [type(handler) for handler in ours.handlers] == [logging.NullHandler]
        logging.getLogger("bridge.channel").error("a line")
    assert capfd.readouterr() == ("", "")


def test_logging_of_the_host_is_left_alone(tmp_path: Path) -> None:
    with host_without_logging() as ours:
        logging.getLogger().addHandler(logging.NullHandler())
        log_to_file(tmp_path / "data")
        assert ours.handlers == []
    assert not (tmp_path / "data").exists()
