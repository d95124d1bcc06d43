"""The camera: a real video of a QR code in a real browser.

Chromium on Linux has no reader of codes (BarcodeDetector), so that one stands in for it here: it hands each
frame to the test, which reads the code from the pixels that the page was given.
"""

from __future__ import annotations

import base64
import io
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import segno
import zxingcpp
from PIL import Image

from tests.desk.conftest import PATIENCE, Page, browser_here
from tests.report.browser import Browser, running_browser
from tests.support.bridge_process import Bridge
from tests.support.stage import CHILD

WIDTH, HEIGHT, SQUARE, MARGIN = 640, 480, 4, 4
CAMERA_FLAGS = (
    "--ignore-certificate-errors", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
)  # fmt: skip
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
    chromium, chromedriver = browser_here()
    flags = [*CAMERA_FLAGS, f"--use-file-for-fake-video-capture={video_of(code, tmp_path / 'code.y4m')}"]
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


# What a browser takes its time for waits until a test says how it ends: giving the camera, showing it,
# reading a frame. A camera that is refused in the end is none of the page.
SLOW = """if (navigator.mediaDevices) { // a page that has none is not the desk
window.waiting = []; window.slow = ""; window.cameras = []; window.told = [];
const held = (what) => window.slow === what && new Promise((go, fail) =>
  window.waiting.push({go, fail: () => fail(new DOMException("refused", "AbortError"))}));
const off = (camera) => camera.getTracks().forEach((track) => track.stop());
const give = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (wanted) => {
  const camera = await give(wanted);
  window.cameras.push(camera);
  await Promise.resolve(held("give")).catch((error) => { off(camera); throw error; });
  return camera;
};
const play = HTMLMediaElement.prototype.play;
HTMLMediaElement.prototype.play = async function () {
  await play.call(this);
  await held("play");
};
const detect = BarcodeDetector.prototype.detect;
BarcodeDetector.prototype.detect = async function (video) {
  const found = await detect.call(this, video);
  await held("detect");
  return found;
};
const ask = window.fetch;
window.fetch = (path, given) => {
  if (given?.method === "POST") window.told.push(path);
  return ask(path, given);
};
}"""
END = """const [how, done] = arguments;
window.waiting.splice(0).forEach((one) => one[how]());
setTimeout(done);"""
ON = "return window.cameras.filter((one) => one.active).length"
HOW = ("go", "fail")
SLOW_STEPS = pytest.mark.parametrize("slow", ["give", "play", "detect"])


@pytest.fixture(scope="module")
def slow_browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser whose camera sees something, and which takes its time."""
    chromium, chromedriver = browser_here()
    profile = tmp_path_factory.mktemp("slow")
    with running_browser(chromium, chromedriver, profile, CAMERA_FLAGS) as browser:
        for source in (READER, SLOW):
            browser.devtools("Page.addScriptToEvaluateOnNewDocument", {"source": source})
        yield browser


@pytest.fixture
def slow_camera(slow_browser: Browser, bridge: Bridge) -> Iterator[Page]:
    """Virtual cards there. Nothing is to be uncaught."""
    page = Page(slow_browser, bridge)
    page.enter()
    page.go("card")
    page.run("window.told = []")
    yield page
    assert page.complaints() == []


def looks(page: Page, slow: str) -> None:
    """A click at the camera's button, after which that step is under way."""
    page.run("window.slow = arguments[0]", slow)
    page.click("#camera")
    page.until("return window.waiting.length === 1")
    page.run("window.slow = ''")


def shows(page: Page) -> None:
    """A click at the camera's button, after which one looks."""
    page.click("#camera")
    page.until(ON)
    page.until("return document.querySelector('#video').checkVisibility()")
    assert page.run(ON) == 1


def nothing_of_it(page: Page) -> None:
    assert page.run(ON) == 0
    assert page.run("return window.told") == []
    if page.run("return Boolean(document.querySelector('#video'))"):
        assert (page.visible("#video"), page.text("#card-said")) == (0, "")


@SLOW_STEPS
def test_whoever_looks_elsewhere_meanwhile_leaves_no_camera_on_and_presents_no_card(
    slow_camera: Page, code: str, slow: str
) -> None:
    """Also where one has come back to the part by then."""
    page = slow_camera
    page.run("window.read = arguments[0]", code if slow == "detect" else "")
    for how in HOW:
        for parts in (("now",), ("now", "card")):
            page.go("card")
            looks(page, slow)
            for part in parts:
                page.go(part)
            page.wait_for(END, how)
            nothing_of_it(page)


@SLOW_STEPS
def test_a_second_click_ends_the_look_and_a_third_begins_one(slow_camera: Page, slow: str) -> None:
    page = slow_camera
    for how in HOW:
        looks(page, slow)
        page.click("#camera")
        page.wait_for(END, how)
        nothing_of_it(page)
        shows(page)
        page.click("#camera")
        nothing_of_it(page)


def test_looks_that_overlap_leave_one_camera(slow_camera: Page) -> None:
    """What the browser gives late for the look of before is let go; the look of now goes on."""
    page = slow_camera
    looks(page, "give")
    page.click("#camera")
    page.click("#camera")
    page.until("return document.querySelector('#video').videoWidth > 0")
    page.wait_for(END, "go")
    assert page.run(ON) == 1
    assert page.visible("#video") == 1
    page.click("#leave")
    page.sees("已登出")
    assert page.run(ON) == 0


@pytest.mark.parametrize("slow", ["give", "play"])
def test_a_camera_that_is_refused_is_said_and_off(slow_camera: Page, slow: str) -> None:
    page = slow_camera
    looks(page, slow)
    page.wait_for(END, "fail")
    page.sees("瀏覽器沒有開放攝影機", "#card-said")
    assert page.visible("#video") == 0
    assert page.run(ON) == 0


def test_a_browser_without_a_reader_of_codes_says_so(page: Page) -> None:
    page.go("card")
    reads = page.run("return 'BarcodeDetector' in window")
    assert (page.visible("#camera") == 1) is reads
    assert (page.visible("#no-camera") == 0) is reads
