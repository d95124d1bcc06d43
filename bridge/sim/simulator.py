"""One simulator: the world and its five ASGI apps."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, partial

from starlette.types import ASGIApp

from bridge.sim.at_hand import AtHand, Plain, Reply
from bridge.sim.clock import Clock
from bridge.sim.cloud import call as cloud
from bridge.sim.cloud.app import ROUTES as CLOUD_ROUTES
from bridge.sim.cloud.app import build_cloud_app
from bridge.sim.console import call as console
from bridge.sim.console.app import ROUTES as CONSOLE_ROUTES
from bridge.sim.console.app import build_console_app
from bridge.sim.scenario.model import Scenario
from bridge.sim.scenario.start_state import Power
from bridge.sim.signatures import Keys
from bridge.sim.world import World


class Simulator:
    """Running the apps is the caller's task.

    ``console_app``, ``cloud_app``, ``centre_app`` and ``portal_app`` are to be served over TLS,
    ``control_app`` over plain HTTP on the loopback interface. ``power`` closes or opens the listener of
    "console", "cloud", "centre" or "portal"; the runner sets it, and until then the fault "down" is refused.
    ``home``: the scenario to begin with, whose faults "down" are the runner's to carry out.
    All apps must run in one event loop. Those that are seldom asked are loaded when they are.
    """

    def __init__(
        self, keys: Keys | None = None, clock: Clock | None = None, home: Scenario | None = None
    ) -> None:
        self.power: Power | None = None
        self.world = World(keys, clock, home)

    @cached_property
    def console_app(self) -> ASGIApp:
        """The console's."""
        return build_console_app(self.world)

    @cached_property
    def cloud_app(self) -> ASGIApp:
        """The cloud's."""
        return build_cloud_app(self.world)

    @cached_property
    def centre_app(self) -> ASGIApp:
        """The upload centre's."""
        from bridge.sim.centre.app import build_centre_app

        return build_centre_app(self.world)

    @cached_property
    def portal_app(self) -> ASGIApp:
        """The portal's."""
        from bridge.sim.portal.app import build_portal_app

        return build_portal_app(self.world)

    @cached_property
    def control_app(self) -> ASGIApp:
        """What steers the others."""
        from bridge.sim.control.app import build_control_app

        return build_control_app(self.world, lambda: self.power)

    def at_hand(self, *, noted: bool = True) -> dict[str, AtHand]:
        """The services to be asked in this process, by name; ``power`` switches them. ``noted``: whether
        somebody may look at the journal of requests.
        """
        apps: dict[str, Callable[[], ASGIApp]] = {
            "console": lambda: self.console_app,
            "cloud": lambda: self.cloud_app,
            "centre": lambda: self.centre_app,
            "portal": lambda: self.portal_app,
        }
        plain = {"console": self._console_plain(), "cloud": self._cloud_plain()}
        made = {
            name: AtHand(name, app, self.world, plain.get(name), noted=noted) for name, app in apps.items()
        }

        async def power(name: str, on: bool) -> None:
            made[name].listening = on

        self.power = power
        return made

    def _console_plain(self) -> dict[tuple[str, str], Plain]:
        return {
            (method, path): partial(_console, self.world, handler, path)
            for method, path, handler in CONSOLE_ROUTES
            if "{" not in path
        }

    def _cloud_plain(self) -> dict[tuple[str, str], Plain]:
        return {("POST", route.path): partial(cloud.answer, self.world, route) for route in CLOUD_ROUTES}


def _console(
    world: World, handler: console.ConsoleHandler, path: str, media_type: str, content: bytes
) -> Reply:
    return 200, console.answer(world, handler, path, media_type, content)
