"""Reports of many work places in headless Chromium: small, whole, readable."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.trace.reporting.judged import write_readiness
from bridge.trace.reporting.page import write_page
from tests.report.browser import Browser
from tests.report.many import PLACES, readiness, replayed
from tests.report.sample import EVIL
from tests.report.test_page import CONTRAST

MOST_BYTES = 2_000_000
MOST_SECONDS = 5.0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("many")
    write_readiness(readiness(), made / "readiness.html")
    write_page(replayed(), made / "replay.html")
    return made


@pytest.fixture(params=["readiness.html", "replay.html"])
def page(request: pytest.FixtureRequest, folder: Path) -> Path:
    return folder / str(request.param)


def test_a_page_is_small_and_the_rest_stands_beside_it(folder: Path) -> None:
    sizes = {file.name: file.stat().st_size for file in folder.glob("*.html")}
    assert max(sizes.values()) <= MOST_BYTES, sizes
    assert sorted(file.name for file in folder.glob("*.csv")) == [
        "readiness.places.csv", "replay.differences.csv", "replay.functions.csv", "replay.places.csv",
    ]  # fmt: skip
    for table in folder.glob("*.places.csv"):
        assert len(table.read_text(encoding="utf-8-sig").splitlines()) == PLACES + 1


def test_it_opens_at_once_and_runs_nothing_of_a_trace(browser: Browser, page: Path) -> None:
    assert [message for message in browser.messages() if message["level"] in ("SEVERE", "WARNING")] == []
    assert browser.run("return document.querySelectorAll('img').length") == 0
    assert EVIL in browser.text("body")
    loaded = browser.run("return performance.getEntriesByType('navigation')[0].loadEventEnd")
    assert 0 < loaded < MOST_SECONDS * 1000


def test_work_places_are_named_in_a_chart_and_a_table(browser: Browser) -> None:
    for selector, least in (("svg text", 20), ("td", 30)):
        texts = browser.run(
            f"return [...document.querySelectorAll('{selector}')].map((one) => one.textContent)"
        )
        assert least <= sum(text.startswith("clinic-") for text in texts) <= PLACES
    text = browser.text("body")
    assert "UTC+8" in text
    assert "08:30" in text


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_contrast(browser: Browser, scheme: str) -> None:
    browser.prefer(scheme)
    assert browser.run(CONTRAST) == []


@pytest.mark.parametrize("width", [360, 1280])
def test_the_page_never_scrolls_sideways(browser: Browser, width: int) -> None:
    browser.size(width, 900)
    assert browser.run("return document.documentElement.scrollWidth") <= width


def test_pictures_for_a_person_to_look_at(browser: Browser, page: Path, pictures: Path) -> None:
    for part, place in enumerate((0, 900, 1800, 4000)):
        browser.run("window.scrollTo(0, arguments[0])", place)
        file = pictures / f"many-{page.stem}-{part}.png"
        browser.screenshot(file)
        assert file.stat().st_size > 10_000
