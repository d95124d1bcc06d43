"""A page with every kind of difference, in a real browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.trace.reporting.page import write_page
from tests.report.browser import Browser, running_browser
from tests.report.sample import sample_report


@pytest.fixture(scope="session")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("page") / "report.html"
    write_page(sample_report(), file)
    return file


@pytest.fixture(scope="session")
def _browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    chromium, chromedriver = shutil.which("chromium"), shutil.which("chromedriver")
    if chromium is None or chromedriver is None:
        pytest.skip("no chromium and chromedriver here; tests/report/setup.sh installs them")
    with running_browser(chromium, chromedriver, tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture
def browser(_browser: Browser, page: Path) -> Browser:
    """The page as it opens, in a window of usual size."""
    _browser.size(1280, 900)
    _browser.prefer("light")
    _browser.open(page)
    return _browser


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where screenshots go: the folder REPORT_PICTURES, for a person to look at, or a temporary one."""
    folder = Path(os.environ.get("REPORT_PICTURES") or tmp_path_factory.mktemp("pictures"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
