"""A headless Chromium, driven by the WebDriver protocol through the installed chromedriver."""

from __future__ import annotations

import base64
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
START_SECONDS = 30
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
)  # fmt: skip


class Browser:
    """One window. Selectors are CSS."""

    def __init__(self, client: httpx.Client, session: str) -> None:
        self._client, self._session = client, session

    def open(self, file: Path, fragment: str = "") -> None:
        self.visit(file.as_uri() + fragment)

    def visit(self, url: str) -> None:
        self._post("url", {"url": url})

    def size(self, width: int, height: int) -> None:
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.devtools("Emulation.setDeviceMetricsOverride", metrics)

    def prefer(self, scheme: str, media: str = "") -> None:
        """``dark`` or ``light``; media ``print`` shows the page as it is printed."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.devtools("Emulation.setEmulatedMedia", {"media": media, "features": features})

    def devtools(self, command: str, parameters: dict[str, Any]) -> Any:
        return self._post("goog/cdp/execute", {"cmd": command, "params": parameters})

    def run(self, script: str, *arguments: Any) -> Any:
        return self._post("execute/sync", {"script": script, "args": list(arguments)})

    def wait_for(self, script: str, *arguments: Any) -> Any:
        """What a script gives to its last argument, a function."""
        return self._post("execute/async", {"script": script, "args": list(arguments)})

    def click(self, selector: str) -> None:
        """A click of the mouse: it fails where the element cannot be seen or something lies over it."""
        self._post(f"element/{self._find(selector)}/click", {})

    def choose(self, selector: str, value: str) -> None:
        self.click(f'{selector} option[value="{value}"]')

    def keys(self, selector: str, text: str) -> None:
        self._post(f"element/{self._find(selector)}/value", {"text": text})

    def visible(self, selector: str) -> int:
        """How many elements of the selector can be seen."""
        script = """return [...document.querySelectorAll(arguments[0])]
            .filter((one) => one.checkVisibility()).length"""
        return int(self.run(script, selector))

    def text(self, selector: str) -> str:
        return str(self.run("return document.querySelector(arguments[0]).innerText", selector))

    def screenshot(self, file: Path) -> None:
        file.write_bytes(base64.b64decode(self._client.get(f"{self._session}/screenshot").json()["value"]))

    def messages(self) -> list[dict[str, Any]]:
        """What the page and its policy had to say since the last time."""
        return list(self._post("se/log", {"type": "browser"}))

    def _find(self, selector: str) -> str:
        return str(self._post("element", {"using": "css selector", "value": selector})[ELEMENT])

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        reply = self._client.post(f"{self._session}/{path}", json=body).json()["value"]
        assert not (isinstance(reply, dict) and "error" in reply), reply
        return reply


@contextmanager
def running_browser(
    chromium: str, chromedriver: str, profile: Path, flags: Sequence[str] = (), before: Sequence[str] = ()
) -> Iterator[Browser]:
    """A fresh browser with its profile in that folder, ended with the block. ``flags``: further ones;
    ``before``: what goes before the driver's command.
    """
    port = _free_port()
    command = [*before, chromedriver, f"--port={port}", "--log-level=SEVERE"]
    driver = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False) as client:
            _wait(client)
            options = {"binary": chromium, "args": [*FLAGS, *flags, f"--user-data-dir={profile}"]}
            wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
            reply = client.post("/session", json={"capabilities": {"alwaysMatch": wanted}}).json()["value"]
            assert "sessionId" in reply, reply
            session = f"/session/{reply['sessionId']}"
            yield Browser(client, session)
            client.delete(session)
    finally:
        driver.terminate()
        driver.wait(timeout=15)


def _wait(client: httpx.Client) -> None:
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            if client.get("/status").json()["value"]["ready"]:
                return
        except httpx.TransportError:
            assert time.monotonic() < end, "chromedriver does not answer"
        time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
