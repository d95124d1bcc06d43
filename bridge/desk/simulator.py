"""The simulators, steered from the page; there only with ``serve --simulate``."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from bridge.sim.control.remote import Remote
from bridge.sim.errors import ControlError, ScenarioError
from bridge.sim.faults import KINDS, SERVICES
from bridge.sim.scenario.file import ready_document, ready_names, ready_scenario


class Refused(Exception):
    """It cannot be done; the text says why."""


class Simulators:
    """Steers the simulators of a data directory. Every method raises Refused."""

    def __init__(self, data_dir: Path) -> None:
        self._remote = Remote(data_dir)

    async def show(self) -> dict[str, Any]:
        """Clock, slots, session, faults; the invented people; what faults and scenarios there are."""
        state, people = await _apart(self._remote.state), await _apart(self._remote.people)
        scenarios = [{"name": name, **ready_scenario(name).title.model_dump()} for name in ready_names()]
        faults = {"services": SERVICES, "kinds": tuple(KINDS)}
        return {"state": state, "people": people, "scenarios": scenarios, "faults": faults}

    async def qr(self, card: str) -> dict[str, object]:
        """A fresh QR string of a card, and its picture as rows of 0 and 1, none without the extra."""
        text = await _apart(partial(self._remote.qr, card))
        return {"text": text, "rows": picture_of(text)}

    async def do(self, what: str, given: Mapping[str, Any]) -> None:
        """Change something: ``insert``, ``remove``, ``fault``, ``clear``, ``clock``, ``load``, ``reset``."""
        remote = self._remote
        try:
            changes: dict[str, Callable[[], object]] = {
                "insert": lambda: remote.insert(str(given["slot"]), str(given["card"])),
                "remove": lambda: remote.remove(str(given["slot"])),
                "fault": lambda: remote.arm(
                    str(given["service"]),
                    str(given["kind"]),
                    given.get("value"),
                    field=str(given.get("field") or ""),
                    times=given.get("times"),
                ),
                "clear": lambda: remote.clear_faults(),
                "clock": lambda: remote.shift_clock(float(given["seconds"])),
                "load": lambda: remote.load(_scenario(str(given["name"]))),
                "reset": lambda: remote.reset(),
            }
            await _apart(changes[what])
        except (KeyError, TypeError, ValueError) as error:
            raise Refused(f"{what}: {error} is missing or cannot be used") from error


def picture_of(text: str) -> list[str] | None:
    """A QR code as rows of 0 and 1 without its margin; None where the package for it is not installed."""
    try:
        import segno
    except ModuleNotFoundError:
        return None
    return ["".join("1" if dark else "0" for dark in row) for row in segno.make_qr(text, error="m").matrix]


def _scenario(name: str) -> Mapping[str, Any]:
    document = ready_document(name)
    if not isinstance(document, dict):
        raise Refused(f"{name} is no scenario")
    return document


async def _apart(work: Callable[[], Any]) -> Any:
    """Ask in a thread: the simulators answer from this very event loop."""
    try:
        return await asyncio.to_thread(work)
    except (ControlError, ScenarioError) as error:
        raise Refused(str(error)) from error
