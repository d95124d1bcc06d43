"""Answers that come when nobody waits for them: the part was left, or something newer was asked for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desk.conftest import Page, call, command
from tests.support.stage import CHILD, DEMO

# Answers wait, whole, until a test lets them go, each by its path and what was asked for. The page hears its
# events as ever.
HELD = """window.held = []; window.holding = true;
const real = window.fetch;
window.fetch = async (path, given = {}) => {
  const answer = await real(path, given);
  if (!window.holding || String(path).endsWith("events")) return answer;
  const body = await answer.blob();
  const text = await body.text();
  await new Promise((go) => window.held.push({asked: path + (given.body ?? ""), go}));
  const {ok, status, headers} = answer;
  return {ok, status, headers, blob: async () => body, json: async () => JSON.parse(text)};
};"""
ASKED = "return window.held.some((one) => one.asked.includes(arguments[0]))"
LET_GO = """const [which, done] = arguments;
window.held.splice(window.held.findIndex((one) => one.asked.includes(which)), 1)[0].go();
setTimeout(done);"""
LET_ALL_GO = """window.holding = false;
window.held.splice(0).forEach((one) => one.go());
setTimeout(arguments[0]);"""


@pytest.fixture
def slow_page(page: Page) -> Iterator[Page]:
    """The page, whose answers wait from now on. Nothing of them is to be uncaught."""
    page.run(HELD)
    yield page
    page.wait_for(LET_ALL_GO)
    assert page.complaints() == []


def asked_for(page: Page, *which: str) -> None:
    """Wait until these answers are held."""
    for each in which:
        page.until(ASKED, each)


def let_go(page: Page, *which: str) -> None:
    """Let these answers go, in this order; what the page does with them is done then."""
    asked_for(page, *which)
    for each in which:
        page.wait_for(LET_GO, each)


def type_anew(page: Page, field: str, text: str) -> None:
    page.run("document.querySelector(arguments[0]).value = ''", field)
    page.keys(field, f"{text}\n")


def leave_unclear(page: Page) -> None:
    """A change of which nobody knows how it ended."""
    call(page.bridge, "hisGetBasicData")
    page.bridge.sim.arm("cloud", "lost", path="/Certificate/Seqnum")
    page.bridge.sim.arm("cloud", "lost")
    call(page.bridge, "hisGetSeqNumber256", "cTreatItem=01", "cBabyTreat= ", "cTreatAfterCheck=1")
    page.bridge.sim.clear_faults()


def receipt_of_an_upload(page: Page, folder: Path, text: str) -> str:
    file = folder / "records.xml"
    file.write_text(text, encoding="utf-8")
    where = ("--records", "1", "--orders", "1", "--data-dir", str(page.bridge.config.parent))
    return command(page.bridge, "upload", str(file), *where).stdout.strip()


def test_what_was_looked_up_last_is_shown(slow_page: Page) -> None:
    page = slow_page
    page.go("tools")
    type_anew(page, "#word", "4013")
    type_anew(page, "#word", "5109")
    let_go(page, "word=5109", "word=4013")
    assert "5109" in page.text("#meanings")
    assert "4013" not in page.text("#meanings")
    type_anew(page, "#function", "hisGetBasicData")
    type_anew(page, "#function", "csGetDateTime")
    let_go(page, "word=csGetDateTime", "word=hisGetBasicData")
    assert page.visible("[data-function=csGetDateTime]") == 1
    assert page.visible("[data-function=hisGetBasicData]") == 0
    page.click("[data-function=csGetDateTime]")
    type_anew(page, "#function", "hisGetBasicData")
    let_go(page, "word=hisGetBasicData", "name=csGetDateTime")
    assert page.text("#one") == ""


def test_what_is_looked_up_harms_nobody_who_looks_elsewhere(slow_page: Page) -> None:
    page = slow_page
    page.go("tools")
    type_anew(page, "#word", "4013")
    type_anew(page, "#function", "hisGetBasicData")
    page.click("#examine")
    asked_for(page, "settings", "explain", "functions", "doctor")
    page.go("card")
    let_go(page, "settings", "explain", "functions", "doctor")
    assert page.run("return document.activeElement.id") == "qr"


def test_a_scan_that_cannot_be_read_is_not_taken_for_the_card_of_before(slow_page: Page) -> None:
    page = slow_page
    page.go("card")
    page.keys("#qr", page.bridge.sim.qr(CHILD) + "\n")
    page.keys("#qr", "ㄇㄞˋ測試\n")
    let_go(page, "present")
    assert "輸入法" in page.text("#card-said")


def test_a_simulator_that_was_steered_and_left(slow_page: Page) -> None:
    page = slow_page
    page.go("simulator")
    let_go(page, "api/simulator")
    page.click(f'[data-card="{CHILD}"] .insert')
    asked_for(page, "insert")
    page.go("card")
    page.wait_for(LET_ALL_GO)
    page.go("simulator")
    page.until("return document.querySelector('[data-slot=hc] p')?.innerText.includes(arguments[0])", CHILD)


def test_the_simulators_are_shown_as_they_were_last(slow_page: Page) -> None:
    page = slow_page
    page.go("simulator")
    let_go(page, "api/simulator")
    for card in (CHILD, DEMO):
        page.click(f'[data-card="{card}"] .insert')
        let_go(page, f'"card":"{card}"')
    page.until("return window.held.length === 2")  # how they are, asked twice
    page.wait_for("window.held.pop().go(); setTimeout(arguments[0])")
    page.wait_for("window.held.pop().go(); setTimeout(arguments[0])")
    assert DEMO in page.text("[data-slot=hc] p")


def test_a_change_that_was_looked_at_takes_nobody_the_scanners_field(slow_page: Page) -> None:
    """The person goes on to the next patient's card meanwhile."""
    page = slow_page
    leave_unclear(page)
    page.run("window.holding = false")
    page.go("changes")
    page.until("return document.querySelector('[data-change] .look')")
    page.run("window.holding = true")
    page.click("[data-change] .look")
    page.click("[data-change] .look")
    let_go(page, "changes/resolve")
    asked_for(page, "api/changes")
    page.go("card")
    page.wait_for(LET_ALL_GO)
    assert page.run("return document.activeElement.id") == "qr"


def test_the_result_that_was_asked_for_last_is_shown(slow_page: Page, tmp_path: Path) -> None:
    page = slow_page
    first, last = (receipt_of_an_upload(page, tmp_path, text) for text in ("<RECS/>", "<RECS></RECS>"))
    page.run("window.holding = false")
    page.go("changes")
    page.sees(first, "#receipts")
    page.sees(last, "#receipts")
    page.run("window.holding = true")
    for receipt in (first, last):
        page.click(f"#receipts button[aria-label$='{receipt}']")
    let_go(page, f'"receipt":"{last}"', f'"receipt":"{first}"')
    assert last in page.text("#result h3")


def test_no_bundle_arrives_after_leaving(slow_page: Page) -> None:
    page = slow_page
    page.go("tools")
    page.run("window.made = 0; URL.createObjectURL = () => { window.made += 1; return '#'; }")
    page.click("#bundle")
    asked_for(page, "bundle")
    page.click("#leave")
    page.sees("已登出")  # at once: the bridge has not answered yet
    page.wait_for(LET_ALL_GO)
    assert page.run("return window.made") == 0


def test_a_bundle_arrives_wherever_one_looks_by_then(slow_page: Page) -> None:
    page = slow_page
    page.go("tools")
    page.run("window.made = 0; URL.createObjectURL = () => { window.made += 1; return '#'; }")
    page.click("#bundle")
    asked_for(page, "bundle")
    page.go("card")
    let_go(page, "bundle")
    assert page.run("return window.made") == 1
