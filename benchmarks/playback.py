"""A console and cloud that cost next to nothing: they play back what the simulators answered once.

The simulators sign and reason, which takes longer than what is to be measured. Run as a process of its own::

    python -m benchmarks.playback REPLIES.json CERTIFICATE KEY

prints its port. A request is answered by the body recorded for "METHOD path", whatever it asks; unknown ones
by HTTP 404. ``GET /_connections`` tells how many connections were accepted so far.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import httpx

from bridge.serving.certificate_making import fresh_certificate
from bridge.sim.simulator import Simulator

END_OF_HEAD = b"\r\n\r\n"


class _Player(asyncio.Protocol):
    """One connection: takes requests apart just enough to find their end, and answers in order."""

    replies: Mapping[str, bytes] = {}
    accepted = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count it."""
        type(self).accepted += 1
        self._transport = cast(asyncio.Transport, transport)
        self._data = b""

    def data_received(self, data: bytes) -> None:
        """Answer every whole request."""
        self._data += data
        while (end := self._data.find(END_OF_HEAD)) >= 0:
            head = self._data[:end]
            whole = end + len(END_OF_HEAD) + _content_length(head)
            if len(self._data) < whole:
                return
            self._data = self._data[whole:]
            self._answer(head)

    def _answer(self, head: bytes) -> None:
        asked = b" ".join(head.split(b" ", 2)[:2]).decode()
        if asked == "GET /_connections":
            self._send(b"200 OK", json.dumps({"statusCode": 0, "accepted": self.accepted}).encode())
        elif asked in self.replies:
            self._send(b"200 OK", self.replies[asked])
        else:
            self._send(b"404 Not Found", asked.encode())

    def _send(self, status: bytes, body: bytes) -> None:
        head = b"HTTP/1.1 %s\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
        self._transport.write(head % (status, len(body)) + body)


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


# --- recording ----------------------------------------------------------------------------------------------

CONSOLE = (
    "GET /api/common/v1/Name",
    "POST /api/common/v1/Initial",
    "POST /api/sam/v1/Verification",
    "GET /api/common/v1/Status",
    "GET /api/common/v1/Version",
    "GET /api/hc/v1/Basic",
)
SIGNED = {"hc": ("01", "/api/hc/v1/Signature/Hc"), "sam": ("01", "/api/sam/v1/Signature")}
CLOUD = ("/api/v1/BasicData/Query", "/api/v1/BasicData/Register")
UPLOADED = {"fileName": "upload.zip", "fileSize": "3", "count": "1", "content": "YWJj"}
ENDINGS = (
    "POST /api/common/v1/Finalize",
    "DELETE /api/hc/v1/Logout",
    "POST /api/hc/v1/Verification/VirtualHc",
)


async def record() -> dict[str, str]:
    """What a fresh simulator answers to the requests of a few reads. Out: the bodies by "METHOD path"."""
    simulator = Simulator()
    replies: dict[str, str] = {}
    transports = {
        "console": httpx.ASGITransport(simulator.console_app),
        "cloud": httpx.ASGITransport(simulator.cloud_app),
    }
    clients = {
        name: httpx.AsyncClient(transport=transport, base_url="https://localhost")
        for name, transport in transports.items()
    }

    async def ask(service: str, asked: str, body: Mapping[str, str]) -> dict[str, str]:
        method, path = asked.split()
        content = dict(body) if method == "POST" else None
        reply = await clients[service].request(method, path, json=content)
        assert reply.json().get("statusCode") == 0, (asked, reply.status_code, reply.text)
        replies[asked] = reply.text
        return dict(reply.json())

    for asked in CONSOLE:
        await ask("console", asked, {})
    read_code = "POST /api/hc/v1/VirtualHc/ReadBasic"  # of the card that signs in all replies
    await ask(
        "console", read_code, {"token": simulator.world.qr(simulator.world.slots["hc"].card_number or "")}
    )
    for kind, (service_type, path) in SIGNED.items():
        for cloud in CLOUD if kind == "hc" else ():
            signed = await ask("console", f"POST {path}", {"serviceType": service_type})
            signed.pop("statusCode")
            await ask("cloud", f"POST {cloud}", signed)
        await ask("console", f"POST {path}", {"serviceType": service_type})
    signed = await ask("console", "POST /api/sam/v1/Signature", {"serviceType": "30"})
    signed.pop("statusCode")
    await ask("cloud", "POST /api/v1/UploadData/Upload", {**signed, **UPLOADED})
    for asked in ENDINGS:
        replies[asked] = json.dumps({"statusCode": 0})
    return replies


# --- running ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Playback:
    """A running playback: its address and the file that verifies it."""

    url: str
    ca_file: Path

    @property
    def settings(self) -> dict[str, dict[str, str]]:
        """Settings of a bridge (or of upstreams) that work with it."""
        where = {"url": self.url, "ca_file": str(self.ca_file)}
        return {"console": where, "cloud": where}


@contextlib.contextmanager
def playback(directory: Path) -> Iterator[Playback]:
    """Record, and play back in a process of its own."""
    replies = asyncio.run(record())
    certificate, key, ca_file = fresh_certificate(directory)
    file = directory / "replies.json"
    file.write_text(json.dumps(replies), encoding="utf-8")
    command = [sys.executable, "-m", "benchmarks.playback", str(file), str(certificate), str(key)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield Playback(f"https://127.0.0.1:{int(process.stdout.readline())}", ca_file)
        finally:
            process.terminate()


async def _serve(certificate: str, key: str) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = await asyncio.get_running_loop().create_server(_Player, "127.0.0.1", 0, ssl=context)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def main() -> None:
    """Play back until terminated."""
    import uvloop

    replies, certificate, key = sys.argv[1:]
    recorded = json.loads(Path(replies).read_text(encoding="utf-8"))
    _Player.replies = {asked: body.encode() for asked, body in recorded.items()}
    uvloop.run(_serve(certificate, key))


if __name__ == "__main__":
    main()
