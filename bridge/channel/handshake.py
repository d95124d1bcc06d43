"""How a connection begins: each side proves that it knows the token, which never leaves it
(native/PROTOCOL.md). Pure but for the nonces, which are the caller's to choose.

Without a token both use one of zeros: the same frames, which then prove nothing.
"""

from __future__ import annotations

import hmac
import ipaddress
import struct
from dataclasses import dataclass

from bridge.channel.frame import HEADER_BYTES, HELLO, PROOF, WELCOME, FrameError, make_frame, payload_of

TOKEN_BYTES = 32
NONCE_BYTES = 32
PROOF_BYTES = 32
NO_TOKEN = bytes(TOKEN_BYTES)

_BRIDGE, _LIBRARY = b"CSHB 2 bridge", b"CSHB 2 library"
_HELLO = struct.Struct("<32sIQ16sH")
HELLO_BYTES, WELCOME_BYTES = _HELLO.size, NONCE_BYTES + PROOF_BYTES
SIZES = {HELLO: HEADER_BYTES + HELLO_BYTES, PROOF: HEADER_BYTES + PROOF_BYTES}  # of what a caller sends


@dataclass(frozen=True, slots=True)
class Hello:
    """What a caller says first.

    ``nonce``: 32 random bytes. ``process`` and ``started``: which process it is, and when that began, in
    whatever unit its system counts; no other process of the machine has both. ``host`` and ``port``: what it
    connected to, the host as 16 bytes of IPv6 (:func:`host_bytes`).
    """

    nonce: bytes
    process: int
    started: int
    host: bytes
    port: int

    @property
    def program(self) -> str:
        """The process as a :class:`bridge.calls.caller.Caller` names it."""
        return f"{self.process}:{self.started}"

    def encode(self) -> bytes:
        """The whole frame. Raises FrameError for a value that does not fit its place."""
        try:
            packed = _HELLO.pack(self.nonce, self.process, self.started, self.host, self.port)
        except struct.error as error:
            raise FrameError(str(error)) from error
        return make_frame(HELLO, 0, packed)

    @classmethod
    def decode(cls, frame: bytes | bytearray) -> Hello:
        """A whole frame. Raises FrameError."""
        return cls(*_HELLO.unpack(payload_of(frame, HELLO, HELLO_BYTES)))


@dataclass(frozen=True, slots=True)
class Welcome:
    """The bridge's answer to a hello: its own 32 random bytes, and its proof."""

    nonce: bytes
    proof: bytes

    def encode(self) -> bytes:
        """The whole frame."""
        return make_frame(WELCOME, 0, self.nonce + self.proof)

    @classmethod
    def decode(cls, frame: bytes) -> Welcome:
        """A whole frame. Raises FrameError."""
        payload = payload_of(frame, WELCOME, WELCOME_BYTES)
        return cls(payload[:NONCE_BYTES], payload[NONCE_BYTES:])


def bridge_proof(token: bytes, hello: bytes | bytearray, nonce: bytes) -> bytes:
    """What only a bridge with the token can answer to a hello (the whole frame) with its own ``nonce``."""
    return _proof(token, _BRIDGE, hello, nonce)


def library_proof(token: bytes, hello: bytes | bytearray, nonce: bytes) -> bytes:
    """What only a caller with the token can answer to the bridge's ``nonce``, and to no other hello."""
    return _proof(token, _LIBRARY, hello, nonce)


def _proof(token: bytes, label: bytes, hello: bytes | bytearray, nonce: bytes) -> bytes:
    return hmac.digest(token, label + hello[HEADER_BYTES:] + nonce, "sha256")


def same_secret(given: bytes, expected: bytes) -> bool:
    """Whether two are equal, in a time that does not depend on where they differ."""
    return hmac.compare_digest(given, expected)


def encode_proof(proof: bytes) -> bytes:
    """The whole frame of a caller's proof."""
    return make_frame(PROOF, 0, proof)


def decode_proof(frame: bytes | bytearray) -> bytes:
    """The proof in a whole frame. Raises FrameError."""
    return payload_of(frame, PROOF, PROOF_BYTES)


def host_bytes(host: str) -> bytes:
    """A numeric address as 16 bytes, one of IPv4 as IPv6 writes it (::ffff:127.0.0.1). Raises ValueError."""
    address = ipaddress.ip_address(host.partition("%")[0])
    if isinstance(address, ipaddress.IPv4Address):
        return bytes(10) + b"\xff\xff" + address.packed
    return address.packed
