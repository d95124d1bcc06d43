"""What the doctor finds and the journal advises, in both languages at once."""

from __future__ import annotations

import re
from pathlib import Path

from bridge.desk.both import both, sections_in_both
from bridge.doctor.examine import examine
from bridge.doctor.finding import Section, broken, ok
from bridge.doctor.upstreams import CONSOLE
from bridge.records.pending import CUT_OFF
from bridge.words import Said, said, spoken
from tests.support.bridge_process import Bridge

HAN = re.compile(r"[㐀-鿿]{4}")


def test_a_text_is_said_in_both_whatever_the_bridge_speaks() -> None:
    assert spoken() == "en"
    found = both(CUT_OFF)
    assert found["en"] == CUT_OFF
    assert HAN.search(found["zh"])
    assert both(str(CUT_OFF)) == found  # as the journal keeps it
    assert HAN.search(both(CONSOLE.start)["zh"])


def test_values_are_said_in_it_too() -> None:
    inner = said("The answer is still awaited: look again in two minutes.")
    outer = both(said("{first} {second}", first=inner, second=7))
    assert outer["en"] == f"{inner} 7"
    assert outer["zh"] == f"{both(inner)['zh']} 7" != outer["en"]


def test_what_nobody_has_translated_is_english_twice() -> None:
    assert both("no such sentence") == {"en": "no such sentence", "zh": "no such sentence"}
    assert both("") == {"en": "", "zh": ""}


def test_findings_keep_their_check_and_status() -> None:
    sections = (Section("Settings", (ok("a", "fine"), broken("b.c", "bad", "why", "do"))),)
    (section,) = sections_in_both(sections)["sections"]  # type: ignore[attr-defined]
    good, bad = section["findings"]
    assert (good["check"], good["status"], good["why"], good["advice"]) == ("a", "ok", None, None)
    assert (bad["check"], bad["status"], bad["what"]["en"], bad["advice"]["en"]) == (
        "b.c",
        "broken",
        "bad",
        "do",
    )


SENTENCE = re.compile(r"[A-Za-z]{3,} [a-z]{2,}")


def unsaid(text: object) -> list[str]:
    """What of a text, and of the values in it, can be said in English alone."""
    if isinstance(text, Said):
        return [found for value in text.values.values() for found in unsaid(value)]
    plain = text if isinstance(text, str) else ""
    return [plain] if SENTENCE.search(plain) and not plain.startswith("cshis-bridge ") else []


def test_what_the_doctor_finds_of_a_bridge_is_said_in_chinese_down_to_its_values(
    bridge: Bridge, tmp_path: Path
) -> None:
    """Whatever this machine lets it find."""
    sections = examine(bridge.config, bridge.config.parent, (tmp_path,))
    texts = [
        text
        for section in sections
        for text in (section.title, *(t for f in section.findings for t in (f.what, f.why, f.advice)))
    ]
    assert len(texts) > 20
    faults = [found for text in texts for found in unsaid(text)]
    assert faults == []
