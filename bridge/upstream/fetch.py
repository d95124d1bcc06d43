"""One look at an address outside the settings: a document of an engineer's, what listens at a port."""

from __future__ import annotations

from pathlib import Path

import httpx

from bridge.errors import BadReply
from bridge.upstream.httpx_transport import border
from bridge.upstream.tls import tls_context
from bridge.upstream.transport import Answer
from bridge.words import said


def fetch(
    url: str, *, seconds: float, most_bytes: int, ca_file: Path | None = None, host: str | None = None
) -> Answer:
    """Get what stands at a URL. Blocks; for commands, not for the running bridge.

    In: ``seconds`` of silence that are waited for, the most bytes that are taken in, the file that verifies
    an https URL (None: the system's authorities do), the header Host where it is another than the URL's.
    Redirections are followed. Out: HTTP status and body. Raises UpstreamError, which names the URL;
    ConfigError when the file cannot be used.
    """
    headers = {"Accept-Encoding": "identity", **({"Host": host} if host else {})}
    with (
        border(url),
        httpx.Client(
            verify=tls_context(ca_file), trust_env=False, timeout=seconds, follow_redirects=True
        ) as client,
        client.stream("GET", url, headers=headers) as response,
    ):
        body = bytearray()
        for piece in response.iter_bytes():
            body += piece
            if len(body) > most_bytes:
                raise BadReply(url, said("longer than {most} bytes", most=most_bytes))
        return Answer(response.status_code, bytes(body))
