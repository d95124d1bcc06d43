"""The page while things go wrong: a bridge that is away, links in an open tab, fast calls, odd scans."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.desk.conftest import Page, call, link_of
from tests.report.browser import Browser
from tests.support.bridge_process import running_bridge
from tests.support.stage import CHILD

SILENT = "橋接沒有回應"


@contextmanager
def away(page: Page) -> Iterator[None]:
    """The bridge cannot be reached from the browser."""
    usual = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    page.devtools("Network.enable", {})
    page.devtools("Network.emulateNetworkConditions", {"offline": True, **usual})
    try:
        yield
    finally:
        page.devtools("Network.emulateNetworkConditions", {"offline": False, **usual})


def uncaught(page: Page) -> list[str]:
    """Faults of the page's program that nobody was told of."""
    return [each["message"] for each in page.complaints() if each["source"] == "javascript"]


def test_what_cannot_be_done_says_so_where_it_was_asked_for(page: Page) -> None:
    page.go("simulator")
    page.until("return document.querySelector('#sim-people')")
    page.go("tools")
    page.until("return document.querySelector('#settings tr:nth-child(20)')")
    with away(page):
        page.click("#examine")
        page.sees(SILENT, "#report")
        page.click("#bundle")
        page.sees(SILENT, "#bundle-said")
        page.keys("#word", "4013\n")
        page.sees(SILENT, "#meanings")
        page.keys("#function", "his\n")
        page.sees(SILENT, "#found")
        assert not page.run("return document.querySelector('#examine, #bundle').disabled")
        page.go("card")
        page.keys("#qr", "abc\n")
        page.sees(SILENT, "#card-said")
        assert "代碼" not in page.text("#card-said")  # nobody gave one
        page.go("changes")
        page.sees(SILENT, "#pending")
        page.go("simulator")
        page.sees(SILENT, "#sim")
        page.click("#language")
        page.sees("The bridge does not answer", "#sim")
        page.click("#language")
    assert uncaught(page) == []


# Lets a test cut the stream of events, and refuse what comes then.
CUTTING = """(() => {
  const real = window.fetch;
  window.fetch = (path, given = {}) => {
    if (window.cut) return Promise.reject(new TypeError());
    if (!String(path).endsWith("events")) return real(path, given);
    window.cutter = new AbortController();
    return real(path, {...given, signal: AbortSignal.any([given.signal, window.cutter.signal])});
  };
})();"""


def test_a_part_that_could_not_be_shown_comes_when_the_bridge_is_back(page: Page) -> None:
    added = page.devtools("Page.addScriptToEvaluateOnNewDocument", {"source": CUTTING})
    try:
        page.visit("about:blank")
        page.enter()
        page.until("return document.querySelector('#link').innerText === '已連線'")
        page.run("document.querySelector('#leave').focus()")
        page.run("window.cut = true; window.cutter.abort()")
        page.until("return document.querySelector('#link').className.includes('broken')")
        assert page.run("return document.activeElement.id") == "leave"
        page.go("tools")
        page.sees(SILENT, "#settings")
        page.run("window.cut = false")
        page.until("return document.querySelector('#settings tr:nth-child(20)')")
        page.until("return document.querySelector('#link').innerText === '已連線'")
        assert uncaught(page) == []
    finally:
        page.devtools("Page.removeScriptToEvaluateOnNewDocument", {"identifier": added["identifier"]})


# Other tabs of the same page: each holds a connection, of which a browser has six to a host.
TABS = """const headers = {Authorization: `Bearer ${Object.values(sessionStorage)[0]}`};
window.tabs = [1, 2, 3, 4].map(() => fetch("/desk/api/events", {headers}));"""


def test_many_tabs_leave_each_of_them_in_use(page: Page) -> None:
    page.until("return document.querySelector('#link').innerText === '已連線'")
    page.run(TABS)
    page.sees("暫停更新", "#link")
    page.go("tools")  # by a click, with which it goes on
    page.until("return document.querySelector('#settings tr:nth-child(20)')")
    page.until("return document.querySelector('#link').innerText === '已連線'")
    page.go("calls")
    call(page.bridge, "hisGetBasicData")
    page.sees("hisGetBasicData", "#call-rows")
    page.visit("about:blank")


def test_one_can_leave_a_bridge_that_is_away(page: Page) -> None:
    with away(page):
        page.click("#leave")
        page.sees("已登出")
        assert page.run("return sessionStorage.length") == 0
    assert uncaught(page) == []


def test_the_way_back_shows_nothing_after_leaving(page: Page) -> None:
    call(page.bridge, "hisGetBasicData")
    page.go("calls")
    page.sees("hisGetBasicData", "#call-rows")
    page.go("now")
    page.click("#leave")
    page.sees("已登出")
    page.run("history.back()")
    time.sleep(0.5)
    assert "hisGetBasicData" not in page.text("body")
    assert page.visible("[data-tile]") == 0


def test_a_further_link_in_the_same_tab_is_entered_and_leaves_the_address(page: Page) -> None:
    page.click("#leave")
    page.sees("已登出")
    fresh = link_of(page.bridge)
    page.run("location.href = arguments[0]", fresh)
    page.until("return document.querySelectorAll('[data-tile]').length > 5")
    assert page.run("return location.hash") == "#/now"
    page.run("location.href = arguments[0]", fresh)  # used: the session of before goes on
    page.until("return location.hash === '#/now'")
    page.until("return document.querySelectorAll('[data-tile]').length > 5")


@pytest.mark.parametrize("fragment", ["#/tools/%E0%A4%A", "#/nothing", "#", "#/", "#<b>x", "#/calls/../x"])
def test_an_odd_address_shows_a_part(page: Page, fragment: str) -> None:
    page.run("location.hash = arguments[0]", fragment)
    page.until("return document.querySelector('main h1')")
    time.sleep(0.3)
    assert uncaught(page) == []


def mouse(page: Page, kind: str, at: list[float], button: str = "left") -> None:
    where = {"x": at[0], "y": at[1], "button": button, "clickCount": 1}
    page.devtools("Input.dispatchMouseEvent", {"type": kind, **where})


MIDDLE = """const box = document.querySelector(arguments[0]).getBoundingClientRect();
return [box.x + box.width / 2, box.y + box.height / 2]"""
# The calls that the page knows of, drawn or not, and which it shows first.
KNOWN = """const [done] = arguments;
import("/desk/page/calls.js").then(({list}) => done((window.known = list).length));"""
FIRST = "return document.querySelector('#call-rows tr').dataset.call"


def test_new_calls_take_nobody_the_focus_nor_a_selection_nor_a_slow_click(page: Page) -> None:
    call(page.bridge, "hisGetBasicData")
    page.go("calls")
    page.sees("python", "#call-rows tr:first-child")  # of those before, no program is known
    page.click("#call-rows tr:first-child button")
    page.until("return document.querySelector('tr.details')")
    page.run("getSelection().selectAllChildren(document.querySelector('tr.details'))")
    chosen = page.run("return getSelection().toString()")
    assert "hisGetBasicData" not in chosen
    assert len(chosen) > 10
    call(page.bridge, "csGetDateTime")
    page.sees("csGetDateTime", "#call-rows tr:first-child")
    assert page.run("return document.activeElement.closest('tr').innerText").count("hisGetBasicData") == 1
    assert page.run("return getSelection().toString()") == chosen
    at = page.run(MIDDLE, "#call-rows tr:first-child button")
    known, first = page.wait_for(KNOWN), page.run(FIRST)
    mouse(page, "mousePressed", at)
    call(page.bridge, "csGetDateTime")
    page.until("return window.known.length > arguments[0]", known)
    time.sleep(1)  # longer than the list waits before it is drawn again
    assert page.run(FIRST) == first
    mouse(page, "mouseReleased", at)
    page.until("return document.querySelectorAll('tr.details').length === 1")
    page.until(
        "return document.querySelector('tr.details').previousSibling.innerText.includes('csGetDateTime')"
    )
    page.until(f"{FIRST} !== arguments[0]", first)
    assert "csGetDateTime" in page.text("#call-rows tr:first-child")


def test_a_menu_over_the_list_does_not_stop_it(page: Page) -> None:
    """Where it opens, the browser keeps to itself that the button of the mouse is let go."""
    call(page.bridge, "hisGetBasicData")
    page.go("calls")
    page.sees("python", "#call-rows tr:first-child")
    mouse(page, "mousePressed", page.run(MIDDLE, "#call-rows tr:first-child td"), "right")
    call(page.bridge, "csGetDateTime")
    page.sees("csGetDateTime", "#call-rows tr:first-child")


def leave_unclear(page: Page) -> None:
    """A change of which nobody knows how it ended."""
    call(page.bridge, "hisGetBasicData")
    page.bridge.sim.arm("cloud", "lost", path="/Certificate/Seqnum")
    page.bridge.sim.arm("cloud", "lost")
    call(page.bridge, "hisGetSeqNumber256", "cTreatItem=01", "cBabyTreat= ", "cTreatAfterCheck=1")
    page.bridge.sim.clear_faults()


def test_a_change_that_is_about_to_be_confirmed_stays_so(page: Page) -> None:
    page.go("changes")
    leave_unclear(page)
    page.until("return document.querySelector('[data-change] .look')")
    before = page.visible("[data-change]")
    page.click("[data-change] .look")
    page.run("document.querySelector('nav a').focus()")
    leave_unclear(page)
    page.until("return document.querySelectorAll('[data-change]').length > arguments[0]", before)
    assert "再按一次" in page.text("[data-change]:nth-of-type(2) .look")  # the newest one stands first
    assert "再按一次" not in page.text("[data-change] .look")
    assert page.run("return document.activeElement.hash") == "#/now"  # though one more is counted beside it


def full_width(text: str) -> str:
    """As a Chinese input method makes it of what is typed."""
    return "".join(chr(ord(each) + 0xFEE0) if "!" <= each <= "~" else each for each in text)


def test_a_scan_through_an_input_method_is_read_or_explained(either_page: Page) -> None:
    page, code = either_page, either_page.bridge.sim.qr(CHILD)
    page.go("card")
    page.keys("#qr", "ㄇㄞˋ測試\n")
    page.sees("輸入法", "#card-said")
    page.keys("#qr", full_width(code) + "\n")
    page.sees("虛擬健保卡已可使用", "#card-said")
    page.sees("已出示", "#card-now")
    page.sees("主控台告知", "#card-now")  # until when the card itself is verified
    page.keys("#qr", code[: len(code) // 2] + "\n")
    page.sees("1022", "#card-said")
    assert "已出示" in page.text("#card-now")
    assert uncaught(page) == []


def test_a_bridge_that_is_started_again_closes_the_page_and_a_new_link_opens_it(
    browser: Browser, tmp_path: Path
) -> None:
    """Sessions end with the bridge: the page says so, and what to type."""
    with running_bridge(tmp_path) as bridge:
        page = Page(browser, bridge)
        page.visit("about:blank")
        page.enter()
        page.until("return document.querySelector('#link').innerText === '已連線'")
        port = bridge.ready["facade"].rpartition(":")[2]
    page.sees("橋接沒有回應", "#link")
    with running_bridge(tmp_path, "", "--facade-port", port) as again:
        page.sees("已逾時")
        page.sees("cshis-bridge desk")
        assert page.visible("[data-tile]") == 0
        page.run("location.href = arguments[0]", link_of(again))
        page.until("return document.querySelectorAll('[data-tile]').length > 5")
        page.visit("about:blank")
