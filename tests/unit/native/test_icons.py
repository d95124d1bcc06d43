"""The icons of the tray program: whole files, three shapes."""

from __future__ import annotations

import struct

import pytest

from native.icons import LOOKS, SIZES, icon, pixels


@pytest.mark.parametrize("look", LOOKS)
def test_a_file_holds_an_image_of_each_size(look: str) -> None:
    content = icon(look)
    assert struct.unpack_from("<HHH", content) == (0, 1, len(SIZES))
    end = 6 + 16 * len(SIZES)
    for number, size in enumerate(SIZES):
        entry = struct.unpack_from("<BBBBHHII", content, 6 + 16 * number)
        assert entry[:2] == (size, size)
        length, place = entry[6:]
        assert place == end
        end += length
        assert struct.unpack_from("<IiiHH", content, place) == (40, size, 2 * size, 1, 32)
    assert end == len(content)


@pytest.mark.parametrize("size", SIZES)
def test_shapes_differ_without_their_colours(size: int) -> None:
    shapes = [[opacity > 127 for *_, opacity in pixels(look, size)] for look in LOOKS]
    signs = [[sum(colour) > 400 for *colour, _ in pixels(look, size)] for look in LOOKS]
    for kind in (shapes, signs):
        for one, other in ((0, 1), (0, 2), (1, 2)):
            differ = sum(a != b for a, b in zip(kind[one], kind[other], strict=True))
            assert differ > (0 if {one, other} == {0, 2} and kind is shapes else size * size // 20)


def test_the_middle_is_drawn_and_the_corners_are_not() -> None:
    for look in LOOKS:
        drawn = pixels(look, 32)
        assert drawn[16 * 32 + 16][3] == 255
        assert [drawn[corner][3] for corner in (0, 31)] == [0, 0]
