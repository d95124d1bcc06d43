"""One-character marks (補卡註記, 新生兒胞胎註記): some programs give the number itself for its digit."""

from __future__ import annotations

from bridge.errors import BadArgument
from bridge.words import said


def mark_digit(mark: bytes) -> bytes:
    """A mark of at most one byte. The byte 0 is blank, 1 to 9 are their digits, the rest stays as it is.

    Raises BadArgument for any other control character, also for those that count as blanks in a text.
    """
    if mark == b"\0":
        return b" "
    if mark and 10 <= mark[0] < 0x20:
        raise BadArgument(said("a control character in it"))
    return b"%d" % mark[0] if mark and mark[0] < 10 else mark
