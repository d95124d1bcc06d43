"""Client of the control API, for commands and tests in another process. Standard library only."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlsplit
from urllib.request import OpenerDirector, ProxyHandler, Request, build_opener

from bridge.sim.errors import ControlError

ADDRESS_FILE = "sim.json"
TIMEOUT = 10.0
LOAD_TIMEOUT = 120.0  # a world with thousands of people


class Remote:
    """Steers the simulator that runs with a data directory.

    The runner leaves its control address there, in ``sim.json``: ``{"control":
    "http://127.0.0.1:PORT"}``. Every method raises ControlError with a text for people: no simulator runs
    there, or it refused.
    """

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir

    @property
    def data_dir(self) -> Path:
        """The data directory that the simulator was started with."""
        return self._data_dir

    def state(self) -> dict[str, Any]:
        """Clock, slots, console session, settings, faults."""
        return self._object("GET", "/state")

    def people(self) -> dict[str, Any]:
        """The invented people: ``cards``, ``practitioners``, and the ``portal``'s cards."""
        return self._object("GET", "/people")

    def insert(self, slot: str, card_number: str) -> None:
        """Put a card into slot ``hc`` or ``hpc``, or ``hc@COM2`` of a port with a reader of its own."""
        self._call("PUT", f"/slots/{quote(slot, safe='')}", {"card": card_number})

    def remove(self, slot: str) -> None:
        """Take the card out of a slot; see ``insert``."""
        self._call("DELETE", f"/slots/{quote(slot, safe='')}")

    def qr(self, card_number: str, minutes: float = 10.0, uses: int = 3, *, pin_refused: bool = False) -> str:
        """Make a fresh QR string of a health card, good for so many minutes and verifications.

        ``pin_refused``: its holder has a PIN and does not type it in the app.
        """
        body = {"card": card_number, "minutes": minutes, "uses": uses, "pinRefused": pin_refused}
        return str(self._object("POST", "/qr", body)["qr"])

    def mobile_login(self, card_number: str) -> dict[str, str]:
        """Make the body of a Verification/MobiliHca request for a practitioner."""
        return self._object("POST", "/mobile-login", {"card": card_number})

    def faults(self) -> list[dict[str, Any]]:
        return self._array("GET", "/faults")

    def arm(
        self,
        service: str,
        kind: str,
        value: float | None = None,
        *,
        path: str = "",
        times: int | None = None,
        field: str = "",
    ) -> None:
        """Arm a fault of a service; see bridge.sim.faults for services and kinds."""
        body = {"service": service, "kind": kind, "value": value, "path": path, "times": times}
        self._call("POST", "/faults", {**body, **({"field": field} if field else {})})

    def clear_faults(self, service: str | None = None) -> None:
        """Disarm the faults of one service, or all."""
        self._call("DELETE", "/faults" if service is None else f"/faults?service={quote(service, safe='')}")

    def shift_clock(self, seconds: float) -> str:
        """Move the simulated clock; returns the new time, ISO 8601."""
        return str(self._object("POST", "/clock", {"seconds": seconds})["now"])

    def change_settings(self, changes: dict[str, object]) -> dict[str, Any]:
        """Change behaviour settings by name; returns all of them."""
        return self._object("PUT", "/settings", changes)

    def reset(self) -> None:
        """Go back to the start state of the scenario that the simulator was started with."""
        self._call("POST", "/reset")

    def load(self, scenario: Mapping[str, Any]) -> None:
        """Begin with the start state of a scenario, given as its document (docs/migrate/scenarios.md)."""
        self._call("POST", "/scenario", scenario, LOAD_TIMEOUT)

    def stored(self, card_number: str) -> dict[str, Any]:
        """Everything the cloud has stored for a card."""
        return self._object("GET", f"/stored/{quote(card_number, safe='')}")

    def uploads(self) -> list[dict[str, Any]]:
        """What the upload centre got, oldest first, without the content."""
        return self._array("GET", "/uploads")

    def upload(self, opcode: str) -> dict[str, Any]:
        """One of them by its execution number, with its ``content`` in base64."""
        return self._object("GET", f"/uploads/{quote(opcode, safe='')}")

    def requests(self) -> list[dict[str, Any]]:
        """The request journal, oldest first."""
        return self._array("GET", "/requests")

    def clear_requests(self) -> None:
        self._call("DELETE", "/requests")

    def _object(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        reply = self._call(method, path, body)
        if not isinstance(reply, dict):
            raise ControlError("the control API answered something else than an object")
        return reply

    def _array(self, method: str, path: str) -> list[dict[str, Any]]:
        reply = self._call(method, path)
        if not isinstance(reply, list):
            raise ControlError("the control API answered something else than an array")
        return reply

    def _call(self, method: str, path: str, body: object = None, timeout: float = TIMEOUT) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = Request(  # noqa: S310 - the address was checked to be plain HTTP on the loopback interface
            self._address() + path, data=data, method=method, headers={"Content-Type": "application/json"}
        )
        try:
            with _opener().open(request, timeout=timeout) as reply:
                return json.loads(reply.read())
        except HTTPError as refusal:
            with refusal:
                raise ControlError(_refusal(refusal)) from None
        except (URLError, TimeoutError, ConnectionError) as problem:
            reason = getattr(problem, "reason", problem)
            raise ControlError(f"no simulator answers for {self._data_dir}: {reason}") from None
        except ValueError:
            raise ControlError("the control API did not answer with JSON") from None

    def _address(self) -> str:
        file = self._data_dir / ADDRESS_FILE
        try:
            address = json.loads(file.read_text(encoding="utf-8"))["control"]
        except FileNotFoundError:
            raise ControlError(
                f"no simulator runs with {self._data_dir}: there is no {ADDRESS_FILE}"
            ) from None
        except (OSError, ValueError, KeyError, TypeError) as problem:
            raise ControlError(f"{file} cannot be read: {type(problem).__name__}") from None
        if not isinstance(address, str) or urlsplit(address).scheme != "http" or not _is_local(address):
            raise ControlError(f"{file} names no loopback address")
        return address.rstrip("/")


def _is_local(address: str) -> bool:
    return urlsplit(address).hostname in ("127.0.0.1", "localhost")


def _opener() -> OpenerDirector:
    """Make an opener that heeds no proxy of the environment: the simulator is on this machine."""
    return build_opener(ProxyHandler({}))


def _refusal(refusal: HTTPError) -> str:
    try:
        return str(json.loads(refusal.read())["error"])
    except (ValueError, KeyError, TypeError):
        return f"the control API answered HTTP {refusal.code}"
