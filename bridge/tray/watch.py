"""Looks now and then how the bridge and what it needs are, for the icon."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any

from bridge.config import Settings
from bridge.doctor.console import look_at_console
from bridge.doctor.finding import Finding
from bridge.doctor.smart_cards import check_smart_cards
from bridge.doctor.storage import check_journal
from bridge.doctor.the_bridge import check_bridge
from bridge.doctor.upstreams import CLOUD, check_reachable
from bridge.table.model.rows import Table
from bridge.tray.look import Look, look_of

log = logging.getLogger(__name__)

EVERY = 20.0  # seconds
SELDOM = 15  # looks: the journal, and the cloud, which is asked by all machines of a hospital
MOST_SKIPPED = 6  # looks: a call may wait for a person's PIN, and the console with it


class Watch:
    """``report`` says of the bridge what ``/healthz`` does; ``calls`` how many calls are under way."""

    def __init__(
        self,
        settings: Settings,
        table: Table,
        report: Callable[[], Mapping[str, Any]],
        calls: Callable[[], int],
    ) -> None:
        self._settings, self._table = settings, table
        self._report, self._calls = report, calls
        self._looks = 0
        self._skipped = 0
        self._console: list[Finding] = []
        self._seldom: list[Finding] = []

    async def look(self) -> Look:
        """Look once. The servers are asked in a thread."""
        bridge = list(check_bridge(dict(self._report()), None, self._table))
        self._skipped = self._skipped + 1 if self._calls() else 0
        if self._skipped % MOST_SKIPPED == 0:
            self._console = await asyncio.to_thread(self._ask_console)
        if self._looks % SELDOM == 0:
            self._seldom = await asyncio.to_thread(self._ask_seldom)
        self._looks += 1
        return look_of((*bridge, *self._console, *self._seldom))

    def _ask_console(self) -> list[Finding]:
        return [*look_at_console(self._settings.console, self._table), *check_smart_cards()]

    def _ask_seldom(self) -> list[Finding]:
        settings = self._settings
        return [*check_journal(settings.data_dir, self._table), *check_reachable(CLOUD, settings.cloud)]
