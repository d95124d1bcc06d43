"""Makes the pictures of docs/operate/desk.md: ``python -m tests.desk.pictures docs/operate/pictures``."""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from PIL import Image

from tests.desk.conftest import EITHER, PAGE_PINS, Page, call
from tests.desk.test_pin import asked
from tests.report.browser import running_browser
from tests.support.bridge_process import DOCTOR_PIN, Bridge, running_bridge
from tests.support.stage import CHILD

WIDTH, COLOURS = 1000, 48
CHROMIUM, DRIVER = "chromium", "chromedriver"


def picture(page: Page, file: Path, height: int) -> None:
    """A small one: few colours, and no more of the page than is of use."""
    page.size(WIDTH, height)
    page.screenshot(file)
    image = Image.open(io.BytesIO(file.read_bytes())).convert("RGB")
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)
    print(f"{file.name}: {file.stat().st_size} bytes")


def all_pictures(page: Page, bridge: Bridge, folder: Path) -> None:
    """The pictures, in the order of the page."""
    page.size(WIDTH, 700)
    page.enter()
    call(bridge, "hisGetBasicData")
    call(bridge, "hisGetRegisterPrevent")
    page.until("return document.querySelector('[data-tile=card]').dataset.says === 'physical'")
    page.until("return document.querySelector('[data-tile=doctor]').dataset.says !== 'looking'")
    picture(page, folder / "desk-now.png", 580)
    page.click("#language")
    picture(page, folder / "desk-now-en.png", 610)
    page.click("#language")
    bridge.sim.remove("hc")
    call(bridge, "hisGetBasicData")
    page.go("calls")
    page.sees("4013", "#call-rows")
    page.click("tr.failed button")
    picture(page, folder / "desk-calls.png", 620)
    bridge.sim.arm("console", "down")
    page.go("now")
    page.until("return document.querySelector('.what-now').dataset.says === 'console'")
    picture(page, folder / "desk-what-now.png", 560)
    bridge.sim.clear_faults()
    page.go("simulator")
    page.until("return document.querySelector('#sim-people')")
    page.click(f'[data-card="{CHILD}"] .qr')
    page.until("return document.querySelector('.qr-code')")
    code = page.text("#qr-text")
    picture(page, folder / "desk-simulator.png", 800)
    page.go("card")
    page.keys("#qr", code + "\n")
    page.sees("虛擬健保卡已可使用")
    page.until("return document.querySelector('#card-now').innerText.includes('已出示')")
    picture(page, folder / "desk-card.png", 640)
    page.go("pin")
    calling = asked(page)
    picture(page, folder / "desk-pin.png", 480)
    page.keys("#pin", f"{DOCTOR_PIN}\n")
    calling.join()


def main(folder: Path) -> None:
    """All pictures into a folder."""
    chromium, driver = shutil.which(CHROMIUM), shutil.which(DRIVER)
    assert chromium is not None
    assert driver is not None
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as ends:
        data_dir, profile = (Path(ends.enter_context(tempfile.TemporaryDirectory())) for _ in range(2))
        bridge = ends.enter_context(running_bridge(data_dir, PAGE_PINS + EITHER))
        browser = ends.enter_context(
            running_browser(chromium, driver, profile, ["--ignore-certificate-errors"])
        )
        browser.prefer("light")
        all_pictures(Page(browser, bridge), bridge, folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
