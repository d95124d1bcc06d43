"""The secret of a masking: random bytes from which every invented value follows, and what is given away
already.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from hashlib import sha256, shake_256
from pathlib import Path
from struct import unpack

from bridge.errors import TraceError
from bridge.private_files import how_to_close, strangers, write_private
from bridge.words import said

KEY_BYTES = 32
FORMAT = 1
_BLOCK_BYTES = 64  # of SHA-256
_FLOOD_BYTES = 256  # a long signature
_FIRST = bytes(8)  # the number of the first block
_INNER, _OUTER = (bytes(byte ^ pad for byte in range(256)) for pad in (0x36, 0x5C))


class Hmac:
    """HMAC-SHA256 (RFC 2104) with one key of at most 64 bytes, for many texts: what is the same for all of
    them is computed once.
    """

    def __init__(self, key: bytes) -> None:
        block = key.ljust(_BLOCK_BYTES, b"\0")
        self._inner = sha256(block.translate(_INNER))
        self._outer = sha256(block.translate(_OUTER))

    def digest(self, text: bytes) -> bytes:
        """32 bytes."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(text)
        outer.update(inner.digest())
        return outer.digest()


class Stream:
    """Numbers that follow from a key, a purpose and a value: the same ones always, and nobody can compute
    them without the key. ``block``: the bytes of them with a number from 0.
    """

    def __init__(self, block: Callable[[int], bytes]) -> None:
        self._block = block
        self._counter = 0
        self._rest = b""

    def take(self, count: int) -> bytes:
        """So many bytes."""
        while len(self._rest) < count:
            self._rest += self._block(self._counter)
            self._counter += 1
        taken, self._rest = self._rest[:count], self._rest[count:]
        return taken

    def below(self, limit: int) -> int:
        """A number from 0 to ``limit`` - 1."""
        return int.from_bytes(self.take(8), "big") % limit

    def many(self, count: int) -> tuple[int, ...]:
        """So many numbers, each of which :meth:`below` would take modulo its limit."""
        return unpack(f">{count}Q", self.take(8 * count))

    def pick(self, choices: str) -> str:
        return choices[self.below(len(choices))]


@dataclass(slots=True)
class MaskKey:
    """``secret``: the key. ``given``: by kind, what earlier runs with this key made of which value; values
    stand there as keyed digests only. ``file``: where it is kept; None: for this run only. ``remembers``:
    whether there will be a later run.
    """

    secret: bytes = field(default_factory=lambda: secrets.token_bytes(KEY_BYTES))
    given: dict[str, dict[str, str]] = field(default_factory=dict)
    file: Path | None = None
    remembers: bool = True
    _hmac: Hmac = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._hmac = Hmac(self.secret)

    def stream(self, purpose: str, value: bytes = b"") -> Stream:
        """The numbers for a value: HMAC-SHA256 of a counter, with a key that is the HMAC of the value."""
        seed = Hmac(self._hmac.digest(purpose.encode("ascii") + b"\0" + value))
        return Stream(lambda number: seed.digest(number.to_bytes(8, "big")))

    def flood(self, purpose: str, value: bytes) -> Stream:
        """The same of SHAKE256 of key and value, many at once: for long texts that come with every visit."""
        seed = self.secret + purpose.encode("ascii") + b"\0" + value
        return Stream(lambda number: shake_256(number.to_bytes(8, "big") + seed).digest(_FLOOD_BYTES))

    def flooded(self, purpose: str, values: Iterable[bytes], count: int) -> list[str]:
        """The first bytes that :meth:`flood` takes for each value, as hexadecimal digits: at most 256."""
        seed = _FIRST + self.secret + purpose.encode("ascii") + b"\0"
        return [shake_256(seed + value).hexdigest(count) for value in values]

    def digest(self, kind: str, value: bytes) -> str:
        """A value as it stands in the key's file: 32 hexadecimal digits."""
        return self._hmac.digest(f"given {kind}\0".encode("ascii") + value).hex()[:32]

    def save(self) -> None:
        """Put the file (mode 0600) in place, in one step. Raises TraceError."""
        if self.file is None:
            return
        content = {"mask_key": FORMAT, "secret": self.secret.hex(), "given": self.given}
        try:
            write_private(self.file, json.dumps(content))
        except OSError as error:
            raise TraceError(
                said("{file}: the key cannot be kept: {strerror}", file=self.file, strerror=error.strerror)
            ) from error


def open_key(file: Path) -> MaskKey:
    """The key in a file; a new one is made where there is no file. Raises TraceError, also for a file that
    others can read.
    """
    try:
        if strangers(file):
            raise TraceError(
                said(
                    "{file}: other users may read this key: {how_to_close}",
                    file=file,
                    how_to_close=how_to_close(file),
                )
            )
        content = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        made = MaskKey(file=file)
        made.save()
        return made
    except OSError as error:
        raise TraceError(
            said("{file}: cannot be read: {strerror}", file=file, strerror=error.strerror)
        ) from error
    except ValueError as error:
        raise TraceError(
            said("{file}: no key of trace mask: {name}", file=file, name=type(error).__name__)
        ) from error
    return _checked(file, content)


def _checked(file: Path, content: object) -> MaskKey:
    match content:
        case {"mask_key": int(version), "secret": str(secret), "given": dict(given)} if (
            version == FORMAT and re.fullmatch(r"[0-9a-f]{64}", secret) and _is_given(given)
        ):
            return MaskKey(bytes.fromhex(secret), given, file)
        case {"mask_key": int(version)} if version > FORMAT:
            raise TraceError(said("{file}: a key of a newer version: update this bridge", file=file))
    raise TraceError(said("{file}: no key of trace mask", file=file))


def _is_given(given: dict[object, object]) -> bool:
    return all(
        isinstance(values, dict)
        and all(
            isinstance(value, str) and re.fullmatch(r"([0-9a-f]{2})*", value) for value in values.values()
        )
        for values in given.values()
    )


class Pseudonyms:
    """Gives values away: the same one for the same original, two originals never the same one.

    ``taboo`` says whether a value may not be given away (it stands for a real person of this trace).
    ``shared`` counts the values that had to be given twice: those of a few characters, of which there are not
    enough.
    """

    ATTEMPTS = 500

    def __init__(self, key: MaskKey, taboo: Callable[[bytes], bool]) -> None:
        self._key = key
        self._taboo = taboo
        self.made: dict[str, dict[bytes, bytes]] = {}  # by kind
        self._taken = {
            kind: {bytes.fromhex(value) for value in values.values()} for kind, values in key.given.items()
        }
        self.shared = 0

    def count(self, kind: str) -> int:
        """How many originals of a kind have one."""
        return len(self.made.get(kind, ()))

    def of(self, kind: str, original: bytes, make: Callable[[Stream], bytes]) -> bytes:
        """The invented value of an original; ``make`` invents one from a stream. Which of two originals gets
        the value that both would get is a matter of who comes first.
        """
        made = self.made.setdefault(kind, {})
        found = made.get(original)
        if found is None:
            found = made[original] = self._given(kind, original, make)
        return found

    def alone(self, kind: str, original: bytes, make: Callable[[Stream], bytes]) -> bytes:
        """The same for what is seldom seen again: it follows from key and original alone, and nothing of it
        is remembered. Two originals may get the same one, where there are few.
        """
        if kind in self._key.given and (found := self._key.given[kind].get(self._key.digest(kind, original))):
            return bytes.fromhex(found)
        return self._invent(kind, original, make, set())

    def _given(self, kind: str, original: bytes, make: Callable[[Stream], bytes]) -> bytes:
        if not self._key.remembers:
            return self._invent(kind, original, make, self._taken.setdefault(kind, set()))
        given = self._key.given.setdefault(kind, {})
        digest = self._key.digest(kind, original)
        if digest not in given:
            made = self._invent(kind, original, make, self._taken.setdefault(kind, set()))
            given[digest] = made.hex()
        return bytes.fromhex(given[digest])

    def _invent(
        self, kind: str, original: bytes, make: Callable[[Stream], bytes], taken: set[bytes]
    ) -> bytes:
        stream = self._key.stream(kind, original)
        for _ in range(self.ATTEMPTS):
            made = make(stream)
            if made not in taken and made != original and not self._taboo(made):
                taken.add(made)
                return made
        self.shared += 1
        return made
