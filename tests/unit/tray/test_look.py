"""Findings become a colour, a reason and, once, a message."""

from __future__ import annotations

import re

import pytest

from bridge.doctor.finding import Finding, broken, ok, unknown, warning
from bridge.tray.look import LONGEST_TIP, Look, Told, look_of
from bridge.tray.words import TEXTS, Language, text

WELL = ok("bridge", "the bridge runs")
HANGS = broken("console.answer", "the console of Reader 7 accepts connections, but: timeout", "why", "do")
NO_SAM = warning("console.sam", "the console has no SAM", "why", "do")
LANGUAGES: tuple[Language, ...] = ("zh-TW", "en")


@pytest.mark.parametrize(
    ("findings", "look"),
    [
        ([], Look("green")),
        ([WELL, unknown("smart_cards", "no reader")], Look("green")),
        ([WELL, NO_SAM], Look("yellow", ("console.sam",))),
        ([NO_SAM, HANGS], Look("red", ("console.answer", "console.sam"))),
        ([HANGS, HANGS], Look("red", ("console.answer",))),
    ],
)
def test_the_worst_gives_the_colour_and_stands_first(findings: list[Finding], look: Look) -> None:
    assert look_of(findings) == look


@pytest.mark.parametrize(
    ("check", "reason"),
    [
        ("console", "console"),
        ("console.url", "console"),
        ("console.reader.plugged", "console.reader"),
        ("cloud.certificate", "cloud.certificate"),
        ("journal.pending", "journal.pending"),
        ("something.new", "other"),
    ],
)
def test_a_check_without_a_text_of_its_own_has_that_of_what_it_belongs_to(check: str, reason: str) -> None:
    assert look_of([broken(check, "what", "why", "do")]).reasons == (reason,)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_tip_has_our_words_alone_and_fits(language: Language) -> None:
    tip = look_of([HANGS]).tip(language)
    assert tip == f"cshis-bridge: {text('console.answer', language)}"
    everything = Look("red", tuple(name for name in TEXTS if name != "about")).tip(language)
    assert len(everything) == LONGEST_TIP
    assert everything.endswith("…")


def test_every_text_stands_in_both_languages() -> None:
    for name, (chinese, english) in TEXTS.items():
        assert re.search("[一-鿿]", chinese), name
        assert english.isascii(), name
        assert set(re.findall(r"\{\w+\}", chinese)) == set(re.findall(r"\{\w+\}", english)), name


def test_what_lasts_is_told_once() -> None:
    told, red, well = Told(), Look("red", ("console",)), Look("green")
    assert [told.is_news(each) for each in (red, red, red, red)] == [False, True, False, False]
    assert not told.is_news(well)
    assert [told.is_news(each) for each in (red, well, red, red)] == [False, False, False, True]
    other = Look("red", ("cloud", "console"))
    assert [told.is_news(each) for each in (other, other)] == [False, True]


def test_yellow_disturbs_nobody() -> None:
    told, yellow = Told(), Look("yellow", ("journal.pending",))
    assert not any(told.is_news(yellow) for _ in range(5))
