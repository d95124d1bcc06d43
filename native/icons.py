"""Draws the icons of the tray program: a tick in a disc, a mark of exclamation in a triangle, a cross in an
octagon. Shapes differ, so that nobody needs to tell the colours apart.

Nothing but arithmetic: the same bytes everywhere.
"""

import struct
from collections.abc import Callable, Mapping

SIZES = (16, 20, 24, 32, 48)  # at 100, 125, 150, 200 and 300 percent
SAMPLES = 4  # a side of a pixel
Colour = tuple[int, int, int]
Shape = Callable[[float, float], bool]
"""Whether a point is inside; both coordinates from 0 to 1, the second downwards."""

GREEN, YELLOW, RED = (24, 128, 56), (249, 171, 0), (197, 34, 31)
WHITE, BLACK = (255, 255, 255), (32, 33, 36)


def _near(x: float, y: float, start: tuple[float, float], end: tuple[float, float], width: float) -> bool:
    """Whether a point lies on a line with round ends."""
    (left, top), (right, bottom) = start, end
    along, down = right - left, bottom - top
    share = ((x - left) * along + (y - top) * down) / (along * along + down * down or 1.0)
    share = min(1.0, max(0.0, share))
    return (x - left - share * along) ** 2 + (y - top - share * down) ** 2 <= (width / 2) ** 2


def _disc(x: float, y: float) -> bool:
    return (x - 0.5) ** 2 + (y - 0.5) ** 2 <= 0.48**2


def _triangle(x: float, y: float) -> bool:
    return 0.04 <= y <= 0.95 and abs(x - 0.5) <= (y - 0.04) / 0.91 * 0.5


def _octagon(x: float, y: float) -> bool:
    across, down = abs(x - 0.5), abs(y - 0.5)
    return max(across, down) <= 0.48 and across + down <= 0.48 * 1.414


def _tick(x: float, y: float) -> bool:
    bend = (0.44, 0.70)
    return _near(x, y, (0.27, 0.53), bend, 0.13) or _near(x, y, bend, (0.73, 0.34), 0.13)


def _exclamation(x: float, y: float) -> bool:
    return _near(x, y, (0.5, 0.38), (0.5, 0.63), 0.13) or _near(x, y, (0.5, 0.81), (0.5, 0.81), 0.14)


def _cross(x: float, y: float) -> bool:
    return _near(x, y, (0.32, 0.32), (0.68, 0.68), 0.14) or _near(x, y, (0.68, 0.32), (0.32, 0.68), 0.14)


LOOKS: Mapping[str, tuple[Shape, Colour, Shape, Colour]] = {
    "green": (_disc, GREEN, _tick, WHITE),
    "yellow": (_triangle, YELLOW, _exclamation, BLACK),
    "red": (_octagon, RED, _cross, WHITE),
}


def pixels(look: str, size: int) -> list[tuple[int, int, int, int]]:
    """Red, green, blue and opacity of each pixel, by rows from the top."""
    shape, ground, sign, ink = LOOKS[look]
    drawn = []
    steps = [(step + 0.5) / SAMPLES for step in range(SAMPLES)]
    for row in range(size):
        for column in range(size):
            points = [((column + x) / size, (row + y) / size) for y in steps for x in steps]
            inside = [ink if sign(x, y) else ground for x, y in points if shape(x, y)]
            opacity = 255 * len(inside) // len(points)
            red, green, blue = (sum(each[part] for each in inside) // (len(inside) or 1) for part in range(3))
            drawn.append((red, green, blue, opacity))
    return drawn


def icon(look: str) -> bytes:
    """An icon file with all sizes. In: a name of LOOKS."""
    images = [_image(pixels(look, size), size) for size in SIZES]
    place = 6 + 16 * len(SIZES)
    entries = []
    for size, image in zip(SIZES, images, strict=True):
        entries.append(struct.pack("<BBBBHHII", size, size, 0, 0, 1, 32, len(image), place))
        place += len(image)
    return struct.pack("<HHH", 0, 1, len(SIZES)) + b"".join(entries) + b"".join(images)


def _image(drawn: list[tuple[int, int, int, int]], size: int) -> bytes:
    """As icon files have it: from the bottom, blue first, then a mask that hides nothing."""
    head = struct.pack("<IiiHHIIiiII", 40, size, 2 * size, 1, 32, 0, 0, 0, 0, 0, 0)
    rows = [drawn[row * size : (row + 1) * size] for row in reversed(range(size))]
    points = (point for row in rows for point in row)
    colours = b"".join(bytes((blue, green, red, opacity)) for red, green, blue, opacity in points)
    return head + colours + bytes((size + 31) // 32 * 4 * size)
