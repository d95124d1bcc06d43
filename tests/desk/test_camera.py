"""The camera: a real video of a QR code in a real browser.

Chromium on Linux has no reader of codes (BarcodeDetector), so that one stands in for it here: it hands each
frame to the test, which reads the code from the pixels that the page was given.
"""

from __future__ import annotations

import base64
import io
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import segno
import zxingcpp
from PIL import Image

from tests.desk.conftest import PATIENCE, Page
from tests.report.browser import running_browser
from tests.support.bridge_process import Bridge
from tests.support.stage import CHILD

WIDTH, HEIGHT, SQUARE, MARGIN = 640, 480, 4, 4
READER = """window.BarcodeDetector = class {
  async detect(video) {
    const canvas = Object.assign(document.createElement("canvas"), {width: video.videoWidth, height: video.videoHeight});
    canvas.getContext("2d").drawImage(video, 0, 0);
    window.frame = canvas.toDataURL("image/png");
    return window.read ? [{rawValue: window.read}] : [];
  }
};"""  # noqa: E501 - a script


def video_of(text: str, file: Path) -> Path:
    """A video of a QR code (YUV4MPEG2: brightness, then twice a quarter of colour)."""
    rows = [*segno.make_qr(text, error="m").matrix_iter(scale=SQUARE, border=MARGIN)]
    image = Image.new("L", (WIDTH, HEIGHT), 255)
    image.putdata([0 if x < len(row) and row[x] else 255 for row in _padded(rows) for x in range(WIDTH)])
    frame = b"FRAME\n" + image.tobytes() + bytes([128]) * (WIDTH * HEIGHT // 2)
    file.write_bytes(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420jpeg\n".encode() + 5 * frame)
    return file


def _padded(rows: list[bytearray]) -> Iterator[bytearray]:
    yield from rows[:HEIGHT]
    yield from [bytearray()] * (HEIGHT - len(rows))


@pytest.fixture
def code(bridge: Bridge) -> str:
    return bridge.sim.qr(CHILD)


@pytest.fixture
def camera_page(bridge: Bridge, code: str, tmp_path: Path) -> Iterator[Page]:
    """The page in a browser whose camera sees the code."""
    chromium, chromedriver = shutil.which("chromium"), shutil.which("chromedriver")
    if chromium is None or chromedriver is None:
        pytest.skip("no chromium and chromedriver here; make test-desk installs them")
    flags = [
        "--ignore-certificate-errors", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={video_of(code, tmp_path / 'code.y4m')}",
    ]  # fmt: skip
    with running_browser(chromium, chromedriver, tmp_path / "profile", flags) as browser:
        yield Page(browser, bridge)


def read_frame(page: Page) -> str:
    """What stands in the code of the frame that the page was given last."""
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        frame = page.run("return window.frame ?? ''")
        pixels = base64.b64decode(frame.partition(",")[2])
        found = zxingcpp.read_barcodes(Image.open(io.BytesIO(pixels)).convert("L")) if pixels else []
        if found:
            return str(found[0].text)
        time.sleep(0.1)
    raise AssertionError("no code was seen")


def test_the_camera_sees_a_code_and_its_card_is_presented(camera_page: Page, code: str) -> None:
    page = camera_page
    page.devtools("Page.addScriptToEvaluateOnNewDocument", {"source": READER})
    page.enter()
    page.go("card")
    page.click("#camera")
    page.until("return document.querySelector('#video').videoWidth > 0")
    assert read_frame(page) == code
    page.run("window.read = arguments[0]", code)
    page.sees("虛擬健保卡已可使用", "#card-said")
    assert page.bridge.sim.state()["console"]["hc"]["card"] == CHILD
    assert page.run("return document.querySelector('#video').srcObject.active") is False
    assert page.complaints() == []


def test_the_camera_is_let_go_when_one_looks_elsewhere(camera_page: Page) -> None:
    page = camera_page
    page.devtools("Page.addScriptToEvaluateOnNewDocument", {"source": READER})
    page.enter()
    page.go("card")
    page.click("#camera")
    page.until("return document.querySelector('#video').videoWidth > 0")
    page.run("window.video = document.querySelector('#video')")
    page.go("now")
    page.until("return window.video.srcObject.active === false")
    page.go("card")
    page.click("#camera")
    page.until("return document.querySelector('#video').videoWidth > 0")
    page.run("window.video = document.querySelector('#video')")
    page.click("#camera")
    page.until("return window.video.srcObject.active === false")
    page.click("#camera")
    page.until("return document.querySelector('#video').videoWidth > 0")
    page.run("window.video = document.querySelector('#video')")
    page.click("#leave")
    page.until("return window.video.srcObject.active === false")
    assert page.complaints() == []


def test_a_browser_without_a_reader_of_codes_says_so(page: Page) -> None:
    page.go("card")
    reads = page.run("return 'BarcodeDetector' in window")
    assert (page.visible("#camera") == 1) is reads
    assert (page.visible("#no-camera") == 0) is reads
