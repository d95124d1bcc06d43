"""Card readers as pcsc-lite shows them: a virtual one, and a card that is put in and taken out."""

from __future__ import annotations

import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from bridge.doctor.smart_cards import NO_READERS, NO_SERVICE, Refused, check_smart_cards, seen_readers

SOCKET = Path("/run/pcscd/pcscd.comm")
ATR = bytes.fromhex("3b800181")  # of a card of no kind in particular
GIVE_ATR = b"\4"
SECONDS = 10.0
ONE, OTHER = "Virtual PCD 00 00", "Virtual PCD 00 01"


@pytest.fixture(autouse=True)
def _alone() -> None:
    """There is one place for the service of a machine, and its own may be there."""
    if SOCKET.exists():
        pytest.skip("this machine's own pcscd runs")


def _until(holds: Callable[[], bool]) -> None:
    latest = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < latest
        time.sleep(0.02)


@contextmanager
def _pcscd(folder: Path, configuration: str) -> Iterator[None]:
    (folder / "readers").mkdir()
    (folder / "readers" / "virtual").write_text(configuration, encoding="ascii")
    SOCKET.parent.mkdir(exist_ok=True)
    log = folder / "pcscd.log"
    with log.open("wb") as written:
        process = subprocess.Popen(
            ["pcscd", "--foreground", "--config", folder / "readers"], stdout=written, stderr=written
        )
    with process:
        try:
            _until(SOCKET.exists)
            yield
        finally:
            process.terminate()


@contextmanager
def _card(port: int) -> Iterator[None]:
    """A card in the reader that listens there: it says who it is, and nothing else."""

    def answer(reader: socket.socket) -> None:
        with reader.makefile("rb") as orders:
            while length := orders.read(2):
                if orders.read(int.from_bytes(length, "big")) == GIVE_ATR:
                    reader.sendall(len(ATR).to_bytes(2, "big") + ATR)

    with socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as reader:
        reader.settimeout(None)
        thread = threading.Thread(target=answer, args=[reader])
        thread.start()
        yield
        reader.shutdown(socket.SHUT_RDWR)
        thread.join()


def _two_ports() -> int:
    """A free port before another one, as the driver wants them; none that outgoing connections take."""
    for port in range(20_000, 30_000, 2):
        with suppress(OSError), socket.create_server(("", port)), socket.create_server(("", port + 1)):
            return port
    raise AssertionError("no two ports are free")


def _said() -> list[str]:
    return [finding.what.partition(" (讀卡機) ")[2] for finding in check_smart_cards()]


def test_without_the_service_it_is_named() -> None:
    with pytest.raises(Refused) as refused:
        seen_readers()
    assert refused.value.number == NO_SERVICE


def test_without_a_reader_there_is_none(tmp_path: Path) -> None:
    with _pcscd(tmp_path, ""), pytest.raises(Refused) as refused:
        seen_readers()
    assert refused.value.number == NO_READERS


def test_readers_and_a_card_that_comes_and_goes(tmp_path: Path) -> None:
    port = _two_ports()
    # as Debian's own file, with another port
    driver = Path("/etc/reader.conf.d/vpcd").read_text(encoding="ascii").replace("0x8C7B", f"{port:#x}")
    with _pcscd(tmp_path, driver):
        _until(lambda: _said() == [f"{ONE}: no card", f"{OTHER}: no card"])
        with _card(port):
            _until(lambda: _said() == [f"{ONE}: a card", f"{OTHER}: no card"])
        _until(lambda: _said() == [f"{ONE}: no card", f"{OTHER}: no card"])
