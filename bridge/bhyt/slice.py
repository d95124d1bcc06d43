"""All of the slice put together: the lookups, and the way through to the portal beside them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from starlette.types import ASGIApp

from bridge.bhyt.model import LookupFamily
from bridge.bhyt.passthrough import PassThrough
from bridge.bhyt.portal import Portal
from bridge.bhyt.routes import LookupRoutes
from bridge.bhyt.service import LookupService
from bridge.bhyt.tokens import TokenStore
from bridge.config import BhytSettings, Settings
from bridge.engine.limits import Limits
from bridge.records.call_log import CallLog
from bridge.records.timers import add_seconds
from bridge.upstream.streaming import LONGEST_SECONDS, OpenConnections


@dataclass(frozen=True, slots=True)
class Slice:
    """The lookups with their routes, and what makes the layer that passes everything else through."""

    family: LookupFamily
    settings: BhytSettings
    portal: Portal
    connections: OpenConnections
    calls: CallLog
    lookups: LookupService
    routes: LookupRoutes
    passing: Limits

    def layer(self, app: ASGIApp, *, served: frozenset[str]) -> PassThrough:
        """The layer around an app that serves these paths (small letters)."""
        return PassThrough(
            app,
            family=self.family,
            settings=self.settings,
            portal=self.portal,
            connections=self.connections,
            calls=self.calls,
            limits=self.passing,
            served=served,
        )

    def cut_short(self) -> None:
        """The process stops: end what is under way, so that programs get an answer while they listen."""
        self.lookups.cut_short()
        self.passing.cut_short()


@asynccontextmanager
async def open_slice(
    settings: Settings, family: LookupFamily, calls: CallLog, tokens: TokenStore | None = None
) -> AsyncIterator[Slice]:
    """The slice, working with the portal of the settings. ``tokens``: where they are kept; without it in
    memory. Its connections are closed at the end. Raises ConfigError.
    """
    portal = Portal(settings.bhyt, on_timing=add_seconds, tokens=tokens)
    connections = OpenConnections("portal", settings.bhyt)
    lookups = LookupService(family, settings.bhyt, portal, calls, settings.call_deadline)
    passing = Limits(settings.bhyt.pass_through.upload_timeout + LONGEST_SECONDS)
    try:
        yield Slice(
            family, settings.bhyt, portal, connections, calls, lookups, LookupRoutes(lookups), passing
        )
    finally:
        await connections.aclose()
        await portal.aclose()
