"""Names of nobody: each Chinese character becomes one of the same two bytes' width, in code page 950."""

from __future__ import annotations

import re

from bridge.codec.code_page import WINDOWS
from bridge.trace.masking.key import Stream
from bridge.trace.masking.shapes import shaped

# "test", "try", "void", "false", "feign", "pattern": no family is called so
_FAMILY = "測試虛假擬樣範偽"
# the stems and branches, numerals and figures of geometry, and what stands in examples
_GIVEN = (
    "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥零壹貳參肆伍陸柒捌玖拾佰仟萬"
    "點線面體圓方角弧邊頂圈格表列欄位碼號字句段章頁卷冊圖框槽"
    "左右前後上下內外東西南北中間例題答問試驗算式項數值量度比率差和積商餘根冪"
)
_DOTS = tuple(WINDOWS.encode(dot) for dot in "．‧·")
_HALF = b"\xb4"  # the first byte of 測: half a character stays one
RECORD_BYTES = 20  # of a name in basic data
_CHARACTER = re.compile(rb"[\x81-\xfe][\x40-\x7e\x80-\xfe]|[\x80-\xff]|[\x00-\x7f]+", re.DOTALL)


def invented_name(original: bytes, stream: Stream) -> bytes:
    """A name of as many bytes, which begins with a character that no family is called by."""
    return _invented(original, stream, first=True)


def head_of(name: bytes) -> bytes:
    """As much of a name as a record of basic data holds, in whole characters."""
    end = 0
    for match in _CHARACTER.finditer(name):
        whole = match.end() if match[0][0] >= 0x80 else min(match.end(), RECORD_BYTES)
        if whole > RECORD_BYTES:
            break
        end = whole
    return name[:end].rstrip(b" ")  # as a record with blanks behind it says it


def invented_words(original: bytes, stream: Stream) -> bytes:
    """Any text, by characters and letters of as many bytes."""
    return _invented(original, stream, first=False)


def _invented(original: bytes, stream: Stream, *, first: bool) -> bytes:
    """Dots between the parts of a name stay; Latin letters become other letters; half a character, cut off by
    a record's end, stays half a character.
    """
    made = []
    for match in _CHARACTER.finditer(original):
        piece = match[0]
        if piece in _DOTS:
            made.append(piece)
        elif len(piece) == 2 and piece[0] > 0x80:
            made.append(WINDOWS.encode(stream.pick(_FAMILY if first else _GIVEN)))
            first = False
        elif piece[0] >= 0x80:
            made.append(_HALF)
        else:
            made.append(shaped(piece, stream))
    return b"".join(made)
