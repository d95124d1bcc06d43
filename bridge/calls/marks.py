"""One-character marks (補卡註記, 新生兒胞胎註記): some programs give the number itself for its digit."""

from __future__ import annotations


def mark_digit(mark: bytes) -> bytes:
    """A mark of at most one byte. The byte 0 is blank, 1 to 9 are their digits, the rest stays as it is."""
    if mark == b"\0":
        return b" "
    return b"%d" % mark[0] if mark and mark[0] < 10 else mark
