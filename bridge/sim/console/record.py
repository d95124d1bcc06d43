"""The console's own record of what it has answered (API 執行記錄, seed 001), newest first."""

from __future__ import annotations

import itertools

from bridge.sim.console.noted import Noted
from bridge.sim.world import World

_numbers = itertools.count()


def note_call(world: World, path: str, code: int) -> None:
    """Note that a request to ``path`` was answered with this statusCode."""
    world.api_record.appendleft(Noted(path, world.clock.seconds(), code, next(_numbers)))
