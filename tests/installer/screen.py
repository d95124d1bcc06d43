"""A virtual screen with somebody who types and clicks on it, and what is seen there."""

from __future__ import annotations

import os
import struct
import subprocess
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

Colour = tuple[int, int, int]
SIZE = (800, 600)
HEAD = 25  # 32-bit numbers of a dump's head that count here
SECONDS = 30.0


@dataclass(frozen=True)
class Picture:
    """What was on the screen: red, green and blue of each pixel, by rows from the top."""

    width: int
    height: int
    pixels: bytes

    def at(self, x: int, y: int) -> Colour:
        place = 3 * (y * self.width + x)
        red, green, blue = self.pixels[place : place + 3]
        return red, green, blue

    def part(self, left: int, top: int, width: int, height: int) -> Picture:
        """A rectangle of it, as far as it reaches."""
        left, top = max(left, 0), max(top, 0)
        width, height = min(width, self.width - left), min(height, self.height - top)
        rows = (3 * (y * self.width + left) for y in range(top, top + height))
        return Picture(width, height, b"".join(self.pixels[row : row + 3 * width] for row in rows))

    def changed(self, before: Picture) -> tuple[int, int, int, int] | None:
        """Left, top, width and height of what differs from a picture of the same size."""
        width = 3 * self.width
        rows = [
            y
            for y in range(self.height)
            if self.pixels[y * width : (y + 1) * width] != before.pixels[y * width : (y + 1) * width]
        ]
        if not rows:
            return None
        columns = [x for x in range(self.width) if any(self.at(x, y) != before.at(x, y) for y in rows)]
        return columns[0], rows[0], columns[-1] - columns[0] + 1, rows[-1] - rows[0] + 1

    def png(self) -> bytes:
        """With a palette where there are few colours, which makes it small."""
        points = [self.pixels[place : place + 3] for place in range(0, len(self.pixels), 3)]
        palette = sorted(set(points))
        if len(palette) > 256:
            points = [bytes(each & 0xF0 | each >> 4 for each in point) for point in points]
            palette = sorted(set(points))
        few = len(palette) <= 256
        numbers = {colour: bytes((number,)) if few else colour for number, colour in enumerate(palette)}
        rows = (
            b"\0" + b"".join(numbers[each] for each in points[y * self.width : (y + 1) * self.width])
            for y in range(self.height)
        )
        head = struct.pack(">IIBBBBB", self.width, self.height, 8, 3 if few else 2, 0, 0, 0)
        parts = [(b"IHDR", head), *([(b"PLTE", b"".join(palette))] if few else [])]
        parts += [(b"IDAT", zlib.compress(b"".join(rows), 9)), (b"IEND", b"")]
        return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*part) for part in parts)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


class Screen:
    """The screen. ``environment``: what a program needs that is to be seen on it."""

    def __init__(self, display: str) -> None:
        self.environment = {"DISPLAY": display}

    def type(self, title: str, *keys: str) -> None:
        """Press keys, once a window with this in its title is there."""
        self.wait_for(title)
        time.sleep(1)  # without a window manager nothing tells that it has the focus
        for key in keys:
            self.do("key", key)
            time.sleep(0.1)

    def wait_for(self, title: str) -> None:
        """Wait until a window with this in its title is there."""
        self.until(lambda: self.has(title), f"there is no window {title}")

    def has(self, title: str) -> bool:
        return bool(self.do("search", "--onlyvisible", "--name", title))

    def click(self, x: int, y: int) -> None:
        self.do("mousemove", str(x), str(y), "click", "1")

    def until(self, holds: Callable[[], bool], otherwise: str, seconds: float = SECONDS) -> None:
        """Wait. Fails with these words where it takes too long."""
        end = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > end:
                pytest.fail(otherwise)
            time.sleep(0.2)

    def picture(self) -> Picture:
        """What is there now. xwd gives nothing where a window goes while it looks: then once more."""
        end = time.monotonic() + SECONDS
        while not (dump := self._run("xwd", "-root", "-silent").stdout):
            assert time.monotonic() < end, "no picture of the screen"
            time.sleep(0.1)
        numbers = struct.unpack_from(f">{HEAD}I", dump)
        size, width, height, bits, line, colours = (numbers[place] for place in (0, 4, 5, 11, 12, 19))
        start, step = size + 12 * colours, bits // 8
        rows = bytearray()
        for y in range(height):  # blue first
            row = dump[start + y * line : start + y * line + step * width]
            points = bytearray(3 * width)
            points[0::3], points[1::3], points[2::3] = row[2::step], row[1::step], row[0::step]
            rows += points
        return Picture(width, height, bytes(rows))

    def do(self, *words: str) -> str:
        """What xdotool says to this."""
        return self._run("xdotool", *words).stdout.decode().strip()

    def _run(self, *command: str) -> subprocess.CompletedProcess[bytes]:
        environment = {**os.environ, **self.environment}
        return subprocess.run(command, env=environment, capture_output=True, timeout=20)


@contextmanager
def virtual_screen(size: tuple[int, int] = SIZE) -> Iterator[Screen]:
    """A screen until the end of the with statement."""
    reading, writing = os.pipe()
    shape = f"{size[0]}x{size[1]}x24"
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", shape, "-nolisten", "tcp", "-noreset"]
    server = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    with os.fdopen(reading) as stream:
        number = stream.readline().strip()
    try:
        yield Screen(f":{number}")
    finally:
        server.terminate()
        server.wait(timeout=10)


def save(picture: Picture, file: Path) -> None:
    """Write it as PNG."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(picture.png())
