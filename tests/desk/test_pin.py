"""A PIN is asked for on the page, goes to its call, and stands nowhere else."""

from __future__ import annotations

import threading
from pathlib import Path

from tests.desk.conftest import Barriers, Page, call
from tests.support.bridge_process import DOCTOR_PIN


class Calling(threading.Thread):
    """A program whose call asks for a PIN."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self._page = page
        self.code: int | None = None

    def run(self) -> None:
        self.code = call(self._page.bridge, "hpcVerifyHPCPIN")


def asked(page: Page) -> Calling:
    """Begin such a call. Out: it, once the page asks."""
    calling = Calling(page)
    calling.start()
    page.until("return document.querySelector('#pin-dialog')?.open")
    return calling


def test_it_is_typed_on_the_page(pin_page: Page, pictures: Path, barriers: Barriers) -> None:
    calling = asked(pin_page)
    assert "醫事人員卡 PIN" in pin_page.text("#pin-dialog")
    field = "const one = document.activeElement; return [one.id, one.type, one.autocomplete]"
    assert pin_page.run(field) == ["pin", "password", "off"]
    assert barriers(pin_page) == []
    pin_page.screenshot(pictures / "pin-question-zh.png")
    pin_page.keys("#pin", f"x{DOCTOR_PIN}\n")
    calling.join()
    assert calling.code == 0
    pin_page.until("return !document.querySelector('#pin-dialog').open")
    assert DOCTOR_PIN not in pin_page.run("return document.documentElement.outerHTML")
    assert DOCTOR_PIN not in pin_page.bridge.log.read_text(encoding="utf-8")


def test_cancelling_ends_the_call(pin_page: Page) -> None:
    calling = asked(pin_page)
    pin_page.click("#pin-dialog button[type=button]")
    calling.join()
    assert calling.code == 1
    pin_page.go("calls")
    pin_page.sees("5109", "#call-rows")


def test_a_page_opened_later_asks_and_the_tile_says_for_how_long(pin_page: Page) -> None:
    pin_page.visit("about:blank")
    calling = Calling(pin_page)
    calling.start()
    pin_page.enter()
    pin_page.until("return document.querySelector('#pin-dialog')?.open")
    pin_page.until("return document.querySelector('[data-tile=pin]').dataset.says === 'open'")
    pin_page.keys("#pin", f"{DOCTOR_PIN}\n")
    calling.join()
    assert calling.code == 0
