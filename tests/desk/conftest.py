"""The page of a running bridge in a real browser."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.report.browser import Browser, running_browser
from tests.support.bridge_process import ROOT, Bridge, Bridges, clean_environment

PATIENCE = 60.0  # seconds until a test gives up; a busy machine takes its time
AXE = ROOT / "build" / "desk" / "axe-4.10.3.js"
EITHER = '[reader]\ncards = "either"\n'
PAGE_PINS = '[pin]\nprovider = "page"\ntimeout = 90\n'


class Page(Browser):
    """A browser at the page of one bridge."""

    def __init__(self, browser: Browser, bridge: Bridge) -> None:
        super().__init__(browser._client, browser._session)
        self.bridge = bridge

    def enter(self) -> None:
        """Open the page by a fresh link, in Chinese, and wait until it shows how things are.

        Of a page that is open already nothing is left to be seen: a link there leads away a moment later.
        """
        self.visit("about:blank")
        self.visit(link_of(self.bridge))
        self.until("return document.querySelectorAll('[data-tile]').length > 5")
        if self.run("return document.documentElement.lang") == "en":
            self.click("#language")

    def click(self, selector: str) -> None:
        """A click at what is there; what is made anew between finding and clicking is found again."""
        for _ in range(3):
            try:
                return super().click(selector)
            except AssertionError as error:
                if "stale element" not in str(error):
                    raise
        return super().click(selector)

    def go(self, part: str) -> None:
        self.click(f'nav a[href="#/{part}"]')
        chosen = "return document.querySelector('nav a[aria-current]').getAttribute('href') === arguments[0]"
        self.until(f"{chosen} && Boolean(document.querySelector('main h1'))", f"#/{part}")

    def until(self, script: str, *arguments: Any) -> Any:
        """Run a script until it gives something that is true."""
        ends = time.monotonic() + PATIENCE
        while not (found := self.run(script, *arguments)):
            assert time.monotonic() < ends, (script, self.text("body")[:2000])
            time.sleep(0.05)
        return found

    def sees(self, text: str, selector: str = "main") -> None:
        """Wait until a text stands there."""
        self.until(
            "return document.querySelector(arguments[0])?.innerText.includes(arguments[1])", selector, text
        )

    def complaints(self) -> list[dict[str, Any]]:
        return [each for each in self.messages() if each["level"] in ("SEVERE", "WARNING")]


def link_of(bridge: Bridge) -> str:
    """What ``cshis-bridge desk --print`` prints."""
    return command(bridge, "desk", "--print", "--data-dir", str(bridge.config.parent)).stdout.strip()


def command(bridge: Bridge, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bridge", *arguments],
        cwd=ROOT, env=clean_environment(), capture_output=True, text=True, timeout=2 * PATIENCE, check=False,
    )  # fmt: skip


def call(bridge: Bridge, name: str, *arguments: str) -> int:
    """A legacy call as a hospital program makes it, through the running bridge. Out: the command's end."""
    return called(bridge, name, *arguments).returncode


def called(bridge: Bridge, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The same, with what the command prints."""
    return command(bridge, "call", name, *arguments, "--config", str(bridge.config))


def browser_here() -> tuple[str, str]:
    """Where chromium and chromedriver lie."""
    chromium, chromedriver = shutil.which("chromium"), shutil.which("chromedriver")
    if chromium is None or chromedriver is None:
        pytest.skip("no chromium and chromedriver here; make test-desk installs them")
    return chromium, chromedriver


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    chromium, chromedriver = browser_here()
    profile = tmp_path_factory.mktemp("profile")
    with running_browser(chromium, chromedriver, profile, ["--ignore-certificate-errors"]) as browser:
        yield browser


@pytest.fixture
def page(browser: Browser, bridge: Bridge) -> Page:
    """The page of a bridge, its simulators in the start state, opened afresh in a window of usual size."""
    return _opened(browser, bridge)


@pytest.fixture
def pin_page(browser: Browser, bridges: Bridges) -> Page:
    """The page of a bridge that asks for PINs there."""
    bridge = bridges.with_settings(PAGE_PINS)
    bridge.start_anew()
    return _opened(browser, bridge)


@pytest.fixture
def either_page(browser: Browser, bridges: Bridges) -> Page:
    """The page of a bridge whose programs work with presented cards."""
    bridge = bridges.with_settings(EITHER)
    bridge.start_anew()
    return _opened(browser, bridge)


def _opened(browser: Browser, bridge: Bridge) -> Page:
    page = Page(browser, bridge)
    page.size(1280, 900)
    page.prefer("light")
    page.visit("about:blank")
    page.messages()
    page.enter()
    return page


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where screenshots go: the folder DESK_PICTURES, for a person to look at, or a temporary one."""
    folder = Path(os.environ.get("DESK_PICTURES") or tmp_path_factory.mktemp("pictures"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def client(bridge: Bridge) -> Iterator[httpx.Client]:
    """An HTTP client of the bridge's secure port that says where it looks by that name."""
    with httpx.Client(base_url=bridge.ready["facade"], verify=False, trust_env=False, timeout=30) as opened:
        yield opened


Barriers = Callable[[Page], list[str]]


@pytest.fixture(scope="session")
def barriers() -> Barriers:
    """What axe-core finds on a page: rule and element."""
    if not AXE.is_file():
        pytest.skip("axe-core is not here; make test-desk gets it")
    source = AXE.read_text(encoding="utf-8")

    def found(page: Page) -> list[str]:
        # The page's policy lets no script in; the driver's own may run.
        page.run(source + "; window.axe = window.axe || axe;")
        result = page.wait_for(
            "const done = arguments[arguments.length - 1];"
            "const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];"
            "window.axe.run(document, {runOnly: rules})"
            ".then((found) => done(found.violations), (error) => done([{id: String(error), nodes: []}]))"
        )
        return [
            f"{each['id']}: {node['html'][:160]}"
            for each in result
            for node in each["nodes"] or [{"html": ""}]
        ]

    return found
