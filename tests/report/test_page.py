"""The report's page in headless Chromium: links, toggles, open differences, what can be seen."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.report.browser import Browser
from tests.report.sample import EVIL

GROUP = "details.group"


def test_it_opens_without_a_complaint_and_runs_nothing_of_the_trace(browser: Browser) -> None:
    assert [message for message in browser.messages() if message["level"] in ("SEVERE", "WARNING")] == []
    assert browser.run("return document.title").endswith("– cshis-bridge")
    assert browser.visible("img") == 0
    assert EVIL in browser.text("main")
    browser.run(
        "const one = document.createElement('script'); one.textContent = 'window.ran = 1';"
        "document.body.append(one)"
    )
    assert browser.run("return window.ran") is None
    assert any("Content Security Policy" in message["message"] for message in browser.messages())


def test_what_matters_is_seen_first(browser: Browser) -> None:
    assert "patients’ data" in browser.text("#not-masked")
    assert "another person" in browser.text(".banner.person")
    first = browser.run("return document.querySelector('details.group').dataset.kind")
    assert first == "other_person"
    assert browser.visible(f"{GROUP}.expected") == 0
    assert browser.visible(f"{GROUP}.different") > 5


def test_expected_differences_come_with_their_reason(browser: Browser) -> None:
    hidden = browser.text("#shown")
    browser.click("#show-expected")
    assert browser.text("#shown") != hidden
    assert browser.visible(f"{GROUP}.expected") > 3
    selector = f'{GROUP}[data-kind="rows_order"]'
    browser.click(f"{selector} > summary")
    assert "6.0 gives the newest record first" in browser.text(selector)
    assert "日期倒排" in browser.text(selector)
    browser.click("#show-expected")
    assert browser.text("#shown") == hidden


def test_a_difference_opens_as_two_records_with_the_field_marked(browser: Browser) -> None:
    wanted = f'{GROUP}[data-function="hisGetBasicData"][data-kind="field_order"]'
    selector = "#" + browser.run("return document.querySelector(arguments[0]).id", wanted)
    assert browser.visible(f"{selector} .dump") == 0
    browser.click(f"{selector} > summary")
    assert browser.visible(f"{selector} .dump") == 1
    lines = browser.run(
        "return [...document.querySelectorAll(`${arguments[0]} .dump > div`)].map((one) => one.innerText)",
        selector,
    )
    assert lines[0].split() == ["0", "10", "20", "30", "40", "50", "60", "70"]
    marked = browser.run(
        "return [...document.querySelectorAll(`${arguments[0]} mark`)].map((one) => one.textContent)",
        selector,
    )
    assert marked == ["1050217", "0920315", "0920315", "1050217"]
    table = browser.text(f"{selector} tr.differs")
    assert table.split()[:2] == ["42", "7"]
    assert "出生日期" in table


def test_old_and_new_bytes_stand_in_the_same_columns(browser: Browser) -> None:
    selector = f'{GROUP}[data-kind="other_person"]'
    browser.click(f"{selector} > summary")
    ends = browser.run(
        """const lines = document.querySelectorAll(`${arguments[0]} .dump > div`);
        return [...lines].slice(0, 3).map((line) => {
          const range = document.createRange();
          range.selectNodeContents(line);
          return Math.round(range.getBoundingClientRect().right);
        })""",
        selector,
    )
    assert ends[1] == ends[2]
    widths = browser.run(
        """const line = document.querySelectorAll(`${arguments[0]} .dump > div`)[1];
        const wide = line.querySelector('.w').getBoundingClientRect().width;
        const probe = document.createElement('span');
        probe.textContent = '0'.repeat(20); line.append(probe);
        return [wide, probe.getBoundingClientRect().width / 10]""",
        selector,
    )
    assert abs(widths[0] - widths[1]) < 0.5


def test_the_filter_shows_one_function(browser: Browser) -> None:
    browser.choose("#function", "hisGetCumulativeFee")
    functions = browser.run(
        f"return [...document.querySelectorAll('{GROUP}:not([hidden])')].map((one) => one.dataset.function)"
    )
    assert set(functions) == {"hisGetCumulativeFee"}
    assert browser.visible("tr[data-function]") == 1
    browser.choose("#function", "hisWriteTreatmentData")
    assert browser.visible("#none") == 1


def test_only_functions_with_differences(browser: Browser) -> None:
    before = browser.visible("tr[data-function]")
    browser.click("#only-different")
    after = browser.visible("tr[data-function]")
    assert 0 < after < before
    assert browser.visible('tr[data-function][data-different="0"]') == 0


def test_a_functions_link_leads_to_its_differences(browser: Browser) -> None:
    browser.click('a[data-choose="hisGetSeqNumber"]')  # it has only expected ones
    assert browser.run("return location.hash") == "#differences"
    assert browser.run("return document.querySelector('#show-expected').checked") is True
    assert browser.visible(f'{GROUP}[data-function="hisGetSeqNumber"]') > 0
    top = browser.run("return document.querySelector('#differences').getBoundingClientRect().top")
    controls = browser.run("return document.querySelector('#controls').getBoundingClientRect().bottom")
    assert top >= controls - 1  # the bar does not lie over the heading


def test_it_can_be_used_with_the_keyboard_alone(browser: Browser) -> None:
    browser.keys("#show-expected", " ")
    assert browser.visible(f"{GROUP}.expected") > 3
    browser.keys(f"{GROUP} > summary", "\ue007")  # Enter
    assert browser.run(f"return document.querySelector('{GROUP}').open") is True
    outline = browser.run(
        f"document.querySelector('{GROUP} > summary').focus({{focusVisible: true}});"
        f"return getComputedStyle(document.querySelector('{GROUP} > summary')).outlineStyle"
    )
    assert outline == "solid"


def test_open_or_close_all(browser: Browser) -> None:
    browser.click("#open-all")
    assert browser.run(f"return document.querySelectorAll('{GROUP}[open]').length") == browser.visible(GROUP)
    browser.click("#open-all")
    assert browser.run(f"return document.querySelectorAll('{GROUP}[open]').length") == 0


def test_printed_it_is_open(browser: Browser) -> None:
    browser.run("window.dispatchEvent(new Event('beforeprint'))")
    assert browser.visible(f"{GROUP} .dump") > 3
    browser.run("window.dispatchEvent(new Event('afterprint'))")
    assert browser.visible(f"{GROUP} .dump") == 0


CONTRAST = """
const luminance = (colour) => {
  const [r, g, b] = colour.match(/[0-9.]+/g).slice(0, 3).map((part) => Number(part) / 255)
    .map((part) => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const ground = (one) => {
  for (; one; one = one.parentElement) {
    const colour = getComputedStyle(one).backgroundColor;
    if (!colour.endsWith(', 0)')) return colour;
  }
  return 'rgb(255, 255, 255)';
};
const poor = new Set();
for (const one of document.querySelectorAll('body *:not(svg *):not(script):not(style)')) {
  const own = [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
  if (!own || !one.checkVisibility()) continue;
  const [a, b] = [luminance(getComputedStyle(one).color), luminance(ground(one))];
  const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  if (ratio < 4.5) poor.add(`${one.tagName}.${one.className} ${ratio.toFixed(2)}`);
}
return [...poor];
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_contrast(browser: Browser, scheme: str) -> None:
    browser.prefer(scheme)
    browser.click("#show-expected")
    browser.click("#open-all")
    assert browser.run(CONTRAST) == []


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_the_page_itself_never_scrolls_sideways(browser: Browser, width: int) -> None:
    browser.size(width, 900)
    browser.run("document.querySelector('#show-expected').click()")
    browser.run("document.querySelector('#open-all').click()")
    assert browser.run("return document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(
    ("name", "scheme", "media", "width"),
    [
        ("light", "light", "", 1280),
        ("dark", "dark", "", 1280),
        ("narrow", "light", "", 390),
        ("print", "light", "print", 900),
    ],
)
def test_pictures_for_a_person_to_look_at(
    browser: Browser, pictures: Path, name: str, scheme: str, media: str, width: int
) -> None:
    browser.size(width, 1300)
    browser.prefer(scheme, media)
    for part in ("charts", "differences"):
        browser.run("document.getElementById(arguments[0]).scrollIntoView()", part)
        if part == "differences":
            browser.run(
                "for (const g of [...document.querySelectorAll('details.group')].slice(0, 3)) g.open = true"
            )
        file = pictures / f"{name}-{part}.png"
        browser.screenshot(file)
        assert file.read_bytes()[:4] == b"\x89PNG"
