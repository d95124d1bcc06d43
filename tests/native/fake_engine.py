"""Takes the place of bridge.engine.compose inside the embedded library; FAKE_ENGINE says how it behaves."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from bridge.calls.call import LegacyCall, LegacyResult
from tests.support.small_table import small_table

BEHAVIOUR = os.environ["FAKE_ENGINE"]


class FakeEngine:
    table = small_table()

    async def call(self, call: LegacyCall) -> LegacyResult:
        if BEHAVIOUR == "raises":
            raise RuntimeError("invented fault")
        await asyncio.sleep(30 if BEHAVIOUR == "slow" else 0.001)
        return LegacyResult(0, {"pBuffer": b"R" * 72})


@asynccontextmanager
async def open_engine(settings: Any) -> AsyncIterator[FakeEngine]:
    if BEHAVIOUR == "cannot open":
        raise RuntimeError("invented reason")
    yield FakeEngine()
