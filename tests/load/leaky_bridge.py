"""``cshis-bridge`` with a leak: each call leaves some memory and every tenth one a socket behind.

The load test must notice it, or it would notice nothing.
"""

from __future__ import annotations

import socket
from typing import Any

from bridge.cli.main import main
from bridge.engine.engine import Engine

KILOBYTES = 20
_kept: list[Any] = []
_call = Engine.call


async def _leaking(self: Engine, call: Any) -> Any:
    _kept.append(b"x" * (KILOBYTES * 1024))
    if len(_kept) % 10 == 0:
        _kept.append(socket.socket())
    return await _call(self, call)


Engine.call = _leaking  # type: ignore[method-assign]

if __name__ == "__main__":
    main(prog_name="cshis-bridge")
