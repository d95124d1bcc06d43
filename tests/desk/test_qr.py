"""A receptionist's path: the patient's code is scanned at the desk, and the card is there."""

from __future__ import annotations

import io
from pathlib import Path

import zxingcpp
from PIL import Image

from tests.desk.conftest import Page, called
from tests.support.stage import CHILD


def code_in(picture: Path) -> str:
    """The text of the one QR code in a picture, as a scanner reads it."""
    found = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture.read_bytes())).convert("L"))
    assert [str(each.format) for each in found] == ["QR Code"] or len(found) == 1
    return str(found[0].text)


def test_a_code_read_from_the_simulators_picture_is_presented_by_typing(
    page: Page, tmp_path: Path, pictures: Path
) -> None:
    page.go("simulator")
    page.until("return document.querySelector('#sim-people')")
    page.click(f'[data-card="{CHILD}"] .qr')
    page.until("return document.querySelector('.qr-code')")
    shown = page.text("#qr-text")
    page.screenshot(pictures / "qr-zh-light.png")
    page.screenshot(tmp_path / "qr.png")
    page.prefer("dark")
    page.screenshot(tmp_path / "dark.png")
    page.prefer("light")
    scanned = code_in(tmp_path / "qr.png")
    assert scanned == shown == code_in(tmp_path / "dark.png")

    page.go("card")
    assert page.run("return document.activeElement.id") == "qr"  # no click is needed
    page.keys("#qr", scanned + "\n")
    page.sees("虛擬健保卡已可使用")
    page.until("return document.querySelector('#card-now').innerText.includes('虛擬健保卡使用中')")
    assert page.run("return document.querySelector('#qr').value") == ""
    assert page.bridge.sim.state()["console"]["hc"]["card"] == CHILD
    page.screenshot(pictures / "card-presented-zh.png")


def test_it_is_given_to_another_device_and_taken_over_again(page: Page) -> None:
    page.go("card")
    page.keys("#qr", page.bridge.sim.qr(CHILD) + "\n")
    page.sees("虛擬健保卡已可使用")
    page.click("#export")
    page.sees("已移轉")
    code = page.text("#given code")
    page.go("now")  # it is good once and shown once: looking away must not lose it
    page.go("card")
    page.click("#language")
    assert page.text("#given code") == code
    page.click("#language")
    assert page.bridge.sim.state()["console"]["hc"]["card"] is None
    page.keys("#code", code + "\n")
    page.sees("已接收")
    assert code not in page.text("main")
    assert page.bridge.sim.state()["console"]["hc"]["card"] == CHILD
    page.click("#log-out")
    page.sees("虛擬健保卡已登出")


def test_a_code_that_is_none_says_so_with_its_code(page: Page) -> None:
    page.go("card")
    page.keys("#qr", "hello\n")
    page.sees("失敗，代碼")
    page.keys("#qr", "\u0e01\n")  # no letter of code page 950
    page.sees("輸入法")  # what to do, in place of a code


def test_a_program_that_knows_only_the_library_shows_the_name_of_who_was_scanned(
    either_page: Page, pictures: Path
) -> None:
    page = either_page
    assert "測試十" in called(page.bridge, "hisGetBasicData").stdout
    page.go("card")
    page.keys("#qr", page.bridge.sim.qr(CHILD) + "\n")  # the one step at the desk
    page.sees("虛擬健保卡已可使用")
    assert called(page.bridge, "hisGetCardStatus", "CardType=2").stdout.split()[2] == "0"  # taken out
    assert "測小童" in called(page.bridge, "hisGetBasicData").stdout  # none in the program
    page.until("return document.querySelector('#card-now').innerText.includes('使用中')")
    page.screenshot(pictures / "card-either-zh.png")
    page.click("#log-out")
    page.sees("虛擬健保卡已登出")
    page.until("return !document.querySelector('#card-now').innerText.includes('使用中')")
