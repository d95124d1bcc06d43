"""Identity numbers (身分證統一編號, 統一證號): their forms, their check digit, and invented ones.

Invented: letter Z (連江縣, some 14,000 inhabitants), the character for sex as it was, then 9 and a number
from 100,000 on, which nobody has been given. Z1999 and Z2999 stay with the simulator's people.
"""

from __future__ import annotations

import re

from bridge.trace.masking.key import Stream

# A = 10, ... as the Ministry of the Interior counts the letters: I, O, W and Z came last
_LETTERS = {letter: 10 + number for number, letter in enumerate("ABCDEFGHJKLMNPQRSTUVXYWZIO")}
_NUMBERS_OF = {
    **{ord(letter): number for letter, number in _LETTERS.items()},
    **{0x30 + n: n for n in range(10)},
}
# what each character of the first nine counts: the letter with both its digits, of the others the last digit
_WEIGHED = [
    {byte: number // 10 + number % 10 * 9 for byte, number in _NUMBERS_OF.items()},
    *({byte: weight * (number % 10) for byte, number in _NUMBERS_OF.items()} for weight in range(8, 0, -1)),
]
# letter; sex: 1, 2 citizens, 8, 9 residents, A to D residents of the old form; seven digits; check digit
FORM = re.compile(rb"[A-Z][1289A-D][0-9]{8}")
_FIRST, _NUMBERS = 100_000, 890_000  # 9 100000 to 9 989999


def is_id(text: bytes) -> bool:
    """Whether a text has the form of an identity number (capital letters), whatever its check digit."""
    return FORM.fullmatch(text) is not None


def check_digit(first: bytes) -> int:
    """The check digit of the first nine characters of a number that has the form."""
    return -sum([weights[byte] for weights, byte in zip(_WEIGHED, first, strict=True)]) % 10


def invented(first: bytes, stream: Stream) -> bytes:
    """The first nine characters of somebody who is not there, of the form of the nine in ``first``."""
    return b"Z" + first[1:2] + b"9%06d" % (_FIRST + stream.below(_NUMBERS))
