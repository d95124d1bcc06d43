"""A PIN is asked for on the page, goes to its call, and stands nowhere else."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import httpx

from tests.desk.conftest import Barriers, Page, call, link_of
from tests.support.bridge_process import DOCTOR_PIN
from tests.support.stage import DOCTOR


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


class OtherTab:
    """Another tab of the same person, with a session of its own."""

    def __init__(self, page: Page) -> None:
        self._address = page.bridge.ready["facade"] + "/desk/api/"
        self._token = link_of(page.bridge).partition("#")[2]
        self._token = self._sent("enter", {})["session"]

    def answers(self, number: int, pin: str | None) -> bool:
        """Out: whether the question took it."""
        return bool(self._sent("pin", {"number": number, "pin": pin})["taken"])

    def _sent(self, path: str, given: dict[str, Any]) -> Any:
        headers = {"authorization": f"Bearer {self._token}"}
        with httpx.Client(verify=False, trust_env=False, timeout=30) as client:
            return client.post(self._address + path, headers=headers, json=given).json()


def number_of(page: Page) -> int:
    """Which question the page asks."""
    return int(page.run("return document.querySelector('#pin-dialog form').dataset.question"))


def test_what_another_tab_answers_is_asked_no_more(pin_page: Page) -> None:
    other = OtherTab(pin_page)
    calling = asked(pin_page)
    first = number_of(pin_page)
    assert not other.answers(first + 1, DOCTOR_PIN)
    assert other.answers(first, DOCTOR_PIN)
    calling.join()
    assert calling.code == 0
    pin_page.until("return !document.querySelector('#pin-dialog').open")
    assert not other.answers(first, DOCTOR_PIN)  # late
    assert not other.answers(first, None)
    pin_page.bridge.sim.remove("hpc")
    pin_page.bridge.sim.insert("hpc", DOCTOR)
    calling = asked(pin_page)
    assert not other.answers(first, DOCTOR_PIN)  # of the question before
    assert pin_page.run("return document.querySelector('#pin').value") == ""
    assert other.answers(number_of(pin_page), None)
    calling.join()
    assert calling.code == 1
    pin_page.until("return !document.querySelector('#pin-dialog').open")


# As if the page had not heard yet that somebody else has answered.
OF_NO_QUESTION = """const real = window.fetch;
window.fetch = (path, given) => real(path, path.endsWith("/pin")
  ? {...given, body: given.body.replace(/"number":[0-9]+/, '"number":0')} : given);"""


def test_an_answer_that_comes_too_late_is_said_to_be_so(pin_page: Page) -> None:
    calling = asked(pin_page)
    pin_page.run(OF_NO_QUESTION)
    pin_page.keys("#pin", f"{DOCTOR_PIN}\n")
    pin_page.sees("太晚了", "#pin-dialog")
    assert OtherTab(pin_page).answers(number_of(pin_page), None)
    calling.join()
    assert calling.code == 1
