"""Who may make calls on a connection: what stands before the first of them (native/PROTOCOL.md)."""

from __future__ import annotations

import secrets
from enum import Enum

from bridge.channel.frame import (
    CALL,
    HEADER_BYTES,
    HELLO,
    PROOF,
    VERSION,
    FrameError,
    VersionError,
    read_header,
)
from bridge.channel.handshake import (
    NO_TOKEN,
    NONCE_BYTES,
    SIZES,
    Hello,
    Welcome,
    bridge_proof,
    decode_proof,
    host_bytes,
    library_proof,
    same_secret,
)
from bridge.channel.version_1 import VERSION_1

_ADVICE = "let it read the file of channel.token_file (CSHIS_BRIDGE_TOKEN_FILE, or token_file= in its ini)"


class Refused(Exception):
    """The connection must be closed; the text is a line for a person."""


class State(Enum):
    """What has been heard of a caller."""

    SILENT = "silent"
    GREETED = "greeted"
    ADMITTED = "admitted"


class Admission:
    """One connection's way to its first call. ``token``: the bridge's 32 bytes, None where it has none.

    ``program`` names the caller's process, "" for one that cannot say it; ``version`` is the one it speaks.
    """

    def __init__(self, token: bytes | None) -> None:
        self._token = token
        self._hello = b""
        self._nonce = b""
        self.state = State.SILENT
        self.program = ""
        self.version = VERSION

    def check(self, begin: bytes | bytearray) -> None:
        """Raises FrameError where what has come, a header at least, begins no frame that may come now, and
        VersionError where the caller speaks another version.

        Strangers must not fill the memory: before they are admitted, frames are small.
        """
        header = read_header(begin)
        first = self.state is State.SILENT
        if first and header.version == VERSION_1 and header.kind == CALL and self._token is None:
            return
        if header.version != VERSION:
            raise VersionError(header.version, header.number)
        wanted = HELLO if first else PROOF
        if header.kind != wanted or HEADER_BYTES + header.length != SIZES[wanted]:
            raise FrameError(f"kind {header.kind}, {header.length} bytes, from a caller not admitted yet")

    def take(self, frame: bytes | bytearray, host: str, port: int) -> bytes:
        """A whole frame that :meth:`check` let through, and the address by which the bridge was reached. Out:
        what is sent back. Raises Refused.

        A first call of version 1 admits its caller, and is still to be made.
        """
        if self.state is State.GREETED:
            self._check_proof(frame)
            return b""
        header = read_header(frame)
        if header.version == VERSION_1:
            self.state, self.version = State.ADMITTED, VERSION_1
            return b""
        return self._greet(bytes(frame), host, port)

    def _greet(self, frame: bytes, host: str, port: int) -> bytes:
        hello = Hello.decode(frame)
        if self._token is not None and (hello.host, hello.port) != (host_bytes(host), port):
            raise Refused(
                f"process {hello.process} connected to another address than {host}, port {port}: something "
                "passes its frames on; let its library name the bridge's own address"
            )
        self._hello, self._nonce = frame, secrets.token_bytes(NONCE_BYTES)
        self.state, self.program = State.GREETED, hello.program
        return Welcome(self._nonce, bridge_proof(self._secret, frame, self._nonce)).encode()

    def _check_proof(self, frame: bytes | bytearray) -> None:
        if not same_secret(decode_proof(frame), library_proof(self._secret, self._hello, self._nonce)):
            raise Refused(f"{self._who} has not proved that it knows the token: {_ADVICE}")
        self.state = State.ADMITTED

    def left(self) -> str:
        """What to tell a person when the connection has ended, "" for nothing."""
        if self.state is not State.GREETED:
            return ""
        why = "it reads a token, and channel.token_file is not set" if self._token is None else _ADVICE
        return f"{self._who} left when it had seen this bridge's proof: {why}"

    @property
    def _secret(self) -> bytes:
        return NO_TOKEN if self._token is None else self._token

    @property
    def _who(self) -> str:
        return f"process {self.program.partition(':')[0]}"
