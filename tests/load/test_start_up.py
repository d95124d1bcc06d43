"""From the command to the ready line in under two seconds, the best of three: with and without simulators."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from pathlib import Path

from bridge_alone import Alone, alone_arguments, start
from bridge_process import FREE_PORTS, Bridge
from callers import patience

START_SECONDS = 2.0
TRIES = 3


def best_of(arguments: Sequence[str], folder: Path) -> float:
    """The shortest start; what else the machine does can only make it longer."""
    return min(_start_and_end(arguments, folder).seconds for _ in range(TRIES))


def _start_and_end(arguments: Sequence[str], folder: Path) -> Alone:
    running = start(arguments, folder)
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(15) == 0
    assert running.process.stdout is not None
    running.process.stdout.close()
    return running


def test_first_start(far: Bridge, tmp_path: Path) -> None:
    """Certificate and journal are made, too."""
    taken = []
    for number in range(TRIES):
        folder = tmp_path / str(number)
        folder.mkdir()
        taken.append(_start_and_end(alone_arguments(far.config, folder), folder).seconds)
        assert (folder / "alone" / "certificate" / "facade.pem").is_file()
    print(f"first start: {min(taken):.2f} s")
    assert min(taken) < START_SECONDS * patience()


def test_later_start(far: Bridge, tmp_path: Path) -> None:
    seconds = best_of(alone_arguments(far.config, tmp_path), tmp_path)
    print(f"later start: {seconds:.2f} s")
    assert seconds < START_SECONDS * patience()


def test_start_with_simulators(tmp_path: Path) -> None:
    arguments = ["--simulate", "--data-dir", str(tmp_path / "data"), *FREE_PORTS]
    seconds = best_of(arguments, tmp_path)
    print(f"start with simulators: {seconds:.2f} s")
    assert seconds < START_SECONDS * patience()
