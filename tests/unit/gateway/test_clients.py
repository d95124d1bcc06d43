"""Who may ask a gateway."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.responses import PlainTextResponse

from bridge.gateway.clients import ClientGuard
from bridge.rest.replies import always


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("127.0.0.1", 200), ("::1", 200), ("10.1.2.3", 200), ("::ffff:10.1.2.3", 200), ("192.168.7.9", 200),
        ("10.2.0.1", 403), ("192.168.7.8", 403), ("fe80::1", 403), ("not an address", 403),
    ],
)  # fmt: skip
async def test_only_programs_of_this_machine_and_of_the_networks(address: str, status: int) -> None:
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    guard = ClientGuard(PlainTextResponse("ok"), ("10.1.0.0/16", "192.168.7.9"), always({"maKetQua": "205"}))
    headers = [(b"x-forwarded-for", b"10.1.2.3")]
    scope = {"type": "http", "client": (address, 50_000), "headers": headers, "path": "/api/x"}
    await guard(scope, receive, send)
    assert sent[0]["status"] == status
