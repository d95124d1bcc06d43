"""Every part of the page, in both languages, light and dark, wide and narrow, by mouse and by keyboard."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.desk.conftest import Barriers, Page, call, command
from tests.support.stage import CHILD, DEMO

PARTS = ("now", "calls", "changes", "card", "pin", "simulator", "tools")
EXAMINED = {("light", "zh"), ("dark", "en"), ("narrow", "en")}
LOADED = {
    "now": "#findings article, #findings .mark",
    "calls": "#call-rows tr",
    "changes": "#pending .mark",
    "card": "#card-now .mark",
    "pin": "#questions .mark",
    "simulator": "#sim-people",
    "tools": "#settings tr:nth-child(20)",
}


def shown(page: Page, part: str) -> None:
    """Go to a part and wait until it has what it shows."""
    page.go(part)
    page.until("return document.querySelector(arguments[0])", LOADED[part])


@pytest.mark.parametrize(
    ("look", "scheme", "media", "width", "language"),
    [
        ("light", "light", "", 1280, "zh"),
        ("light", "light", "", 1280, "en"),
        ("dark", "dark", "", 1280, "en"),
        ("narrow", "light", "", 390, "zh"),
        ("narrow", "light", "", 390, "en"),
        ("print", "light", "print", 900, "zh"),
    ],
)
def test_every_part_can_be_looked_at(
    page: Page,
    pictures: Path,
    barriers: Barriers,
    language: str,
    look: str,
    scheme: str,
    media: str,
    width: int,
) -> None:
    call(page.bridge, "hisGetBasicData")
    call(page.bridge, "hisGetRegisterPrevent")
    if language == "en":
        page.click("#language")
        page.until("return document.documentElement.lang === 'en'")
    page.size(width, 1000)
    for part in PARTS:
        shown(page, part)
        page.prefer(scheme, media)
        page.screenshot(pictures / f"{part}-{language}-{look}.png")
        assert page.run("return document.documentElement.scrollWidth") <= width, part
        assert (look, language) not in EXAMINED or barriers(page) == [], part
        page.prefer("light")
        words = page.text("body")
        assert "undefined" not in words
        assert "[object" not in words
        if language == "en":
            assert "現在狀況" not in words
    assert page.complaints() == []


def test_a_call_appears_with_name_code_reason_and_what_was_sent(page: Page) -> None:
    page.go("calls")
    assert call(page.bridge, "hisGetBasicData") == 0
    page.sees("python", "#call-rows tr:first-child")  # of those before, no program is known
    page.sees("讀取不需個人PIN碼資料", "#call-rows tr:first-child")
    page.click("#call-rows tr:first-child button")
    page.sees("主控台", "tr.details")
    page.sees("測試十", "tr.details .record")  # invented: the simulators run
    page.bridge.sim.remove("hc")
    assert call(page.bridge, "hisGetBasicData") == 1
    page.sees("4013", "#call-rows")
    page.click("tr.failed button")
    page.sees("原因", "tr.details")


def test_the_list_stops_goes_on_and_filters(page: Page) -> None:
    page.go("calls")
    call(page.bridge, "hisGetBasicData")
    page.sees("python", "#call-rows tr:first-child")
    page.click("#stop")
    call(page.bridge, "csGetDateTime")
    time.sleep(1)
    assert "hisGetBasicData" in page.text("#call-rows tr:first-child")
    page.click("#stop")
    page.sees("csGetDateTime", "#call-rows tr:first-child")
    page.keys("#filter", "hisGetBasic")
    page.until("return !document.querySelector('#call-rows').innerText.includes('csGetDateTime')")
    page.click("#failed-only")
    assert "hisGetBasicData" not in page.text("#call-rows") or "4013" in page.text("#call-rows")


def test_what_is_missing_at_ten_to_eight_says_which_way_is_open(page: Page) -> None:
    call(page.bridge, "hisGetBasicData")
    page.until("return document.querySelector('[data-tile=card]').dataset.says === 'physical'")
    page.bridge.sim.remove("hc")
    page.until("return document.querySelector('[data-tile=card]').dataset.says === 'none'")
    page.bridge.sim.arm("console", "down")
    page.until("return document.querySelector('.what-now').dataset.says === 'console'")
    page.sees("A000", ".what-now")
    assert page.run("return document.querySelector('[data-tile=console]').className").endswith("broken")
    page.sees("主控台", "#alerts")  # heard, too
    page.bridge.sim.clear_faults()
    page.bridge.sim.arm("cloud", "down")
    page.go("tools")
    page.click("#examine")
    page.until("return !document.querySelector('#examine').disabled")
    page.go("now")
    page.until("return document.querySelector('.what-now').dataset.says === 'network'")
    page.sees("A020", ".what-now")
    page.sees("A021", ".what-now")
    page.bridge.sim.clear_faults()


def test_a_change_without_a_clear_end_is_looked_at(page: Page) -> None:
    call(page.bridge, "hisGetBasicData")
    page.bridge.sim.arm("cloud", "lost", path="/Certificate/Seqnum")
    page.bridge.sim.arm("cloud", "lost")
    call(page.bridge, "hisGetSeqNumber256", "cTreatItem=01", "cBabyTreat= ", "cTreatAfterCheck=1")
    page.bridge.sim.clear_faults()
    page.go("changes")
    page.until("return document.querySelector('[data-change] .look')")
    before = page.visible("[data-change]")
    page.click("[data-change] .look")
    page.click("[data-change] .look")
    page.until("return document.querySelectorAll('[data-change]').length === arguments[0]", before - 1)
    told = command(page.bridge, "journal", "pending", "--data-dir", str(page.bridge.config.parent)).stdout
    assert told.count("hisGetSeqNumber256") == before - 1


def test_a_receipt_leads_to_the_result_of_its_check(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "records.xml"
    file.write_text("<RECS/>", encoding="utf-8")
    where = ("--records", "1", "--orders", "1", "--data-dir", str(page.bridge.config.parent))
    receipt = command(page.bridge, "upload", str(file), *where).stdout.strip()
    page.go("changes")
    page.sees(receipt, "#receipts")
    page.click("#receipts tbody tr:first-child button")
    page.until("return document.querySelector('#result h3')")
    assert receipt in page.text("#result h3")


def test_the_simulators_are_steered_by_clicks(page: Page) -> None:
    shown(page, "simulator")
    page.click(f'[data-card="{CHILD}"] .insert')
    page.until("return document.querySelector('[data-slot=hc] p').innerText.includes(arguments[0])", CHILD)
    assert page.bridge.sim.state()["slots"]["hc"] == CHILD
    page.click("[data-slot=hc] .remove")
    page.until("return document.querySelector('[data-slot=hc]').className.includes('idle')")
    assert page.bridge.sim.state()["slots"]["hc"] is None
    page.choose("#fault-kind", "status")
    page.keys("#fault-value", "1003")
    page.click("#fault button")
    page.sees("status 1003")
    assert page.bridge.sim.faults()[0]["value"] == 1003
    page.click("#clear-faults")
    page.until("return !document.querySelector('#clear-faults')")
    page.click("[data-scenario=vaccination]")
    page.sees("情境已載入")
    page.click("#reset")
    page.sees("已回到起始")
    assert page.bridge.sim.state()["slots"]["hc"] == DEMO


def test_tools_explain_and_draw_records(page: Page) -> None:
    shown(page, "tools")
    page.keys("#word", "4013\n")
    page.sees("4013", "#meanings")
    page.keys("#function", "hisGetBasicData\n")
    page.until("return document.querySelector('[data-function=hisGetBasicData]')")
    page.click("[data-function=hisGetBasicData]")
    page.sees("72", "#one caption")
    assert page.run("return document.querySelectorAll('#one tbody tr')[1].cells[0].innerText") == "12"
    page.sees("facade.port", "#settings")


def test_everything_is_reached_by_the_keyboard(page: Page) -> None:
    order = []
    for _ in range(14):
        page.devtools(
            "Input.dispatchKeyEvent",
            {"type": "keyDown", "key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9},
        )
        page.devtools(
            "Input.dispatchKeyEvent",
            {"type": "keyUp", "key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9},
        )
        order.append(
            page.run("return document.activeElement.id || document.activeElement.getAttribute('href')")
        )
    wanted = ["skip", "language", "leave", *(f"#/{part}" for part in PARTS)]
    assert [each for each in order if each in wanted][: len(wanted)] == wanted


def test_a_page_that_was_left_is_closed(page: Page) -> None:
    page.click("#leave")
    page.sees("已登出")
    assert page.run("return sessionStorage.length") == 0
    page.visit(page.bridge.ready["facade"].replace("127.0.0.1", "localhost") + "/desk")
    page.sees("cshis-bridge desk")
