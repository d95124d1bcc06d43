"""One simulator: the world and its five ASGI apps."""

from __future__ import annotations

from bridge.sim.centre.app import build_centre_app
from bridge.sim.clock import Clock
from bridge.sim.cloud.app import build_cloud_app
from bridge.sim.console.app import build_console_app
from bridge.sim.control.app import build_control_app
from bridge.sim.portal.app import build_portal_app
from bridge.sim.scenario.start_state import Power
from bridge.sim.signatures import Keys
from bridge.sim.world import World


class Simulator:
    """Running the apps is the caller's task.

    ``console_app``, ``cloud_app``, ``centre_app`` and ``portal_app`` are to be served over TLS,
    ``control_app`` over plain HTTP on the loopback interface. ``power`` closes or opens the listener of
    "console", "cloud", "centre" or "portal"; the runner sets it, and until then the fault "down" is refused.
    All apps must run in one event loop.
    """

    def __init__(self, keys: Keys | None = None, clock: Clock | None = None) -> None:
        self.power: Power | None = None
        self.world = World(keys, clock)
        self.console_app = build_console_app(self.world)
        self.cloud_app = build_cloud_app(self.world)
        self.centre_app = build_centre_app(self.world)
        self.portal_app = build_portal_app(self.world)
        self.control_app = build_control_app(self.world, lambda: self.power)
