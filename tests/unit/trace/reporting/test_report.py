"""The report: what JSON and page say, that hostile content stays text, and that big traces stay small."""

from __future__ import annotations

import base64
import csv
import hashlib
import re
import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from bridge.errors import TraceError
from bridge.table.loader import default_table
from bridge.trace.comparing.calls import Comparer
from bridge.trace.comparing.rules import default_rules
from bridge.trace.comparing.tally import MOST_EXAMPLES, MOST_FUNCTIONS, MOST_GROUPS, Tally
from bridge.trace.format import Answer, Number, TracedCall
from bridge.trace.reading import Problem, Trace
from bridge.trace.reporting.charts import LatencyScale, bars, time_text
from bridge.trace.reporting.dump import LINE_BYTES, dump, hex_text
from bridge.trace.reporting.page import make_page, write_page
from bridge.trace.reporting.report import About, make_report, write_json

TABLE = default_table()
NOW = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
EVIL = '"><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}'


def basic(tel: bytes = b"0212345678", name: bytes = b"NAME") -> bytes:
    head = b"000073898381" + name.ljust(20)[:20] + b"Z2999999290920315F1050217" + b"1"
    return head + tel.ljust(14)


def call(number: int, record: bytes, function: str = "hisGetBasicData") -> TracedCall:
    length = {"iBufferLen": Number(len(record))}
    given = {"pBuffer": b"", **length}
    answer = Answer(0, 1500.0, {"pBuffer": record, **length})
    return TracedCall(
        number=number,
        at=NOW + timedelta(seconds=number),
        thread=1,
        function=function,
        given=given,
        answer=answer,
    )


def compared(*pairs: tuple[TracedCall, Answer | None]) -> Tally:
    tally, comparer = Tally(), Comparer(TABLE, default_rules())
    for old, new in pairs:
        tally.add(comparer.compare(old, new))
    return tally


def differing(number: int) -> tuple[TracedCall, Answer]:
    old = call(number, basic())
    new = call(number, basic(b"0299999999"))
    return old, new.answer._replace(microseconds=250.0)


def report_of(tally: Tally, read: Trace | None = None, **about: object) -> dict:  # type: ignore[type-arg]
    made = About("bridge", "t.jsonl", "the bridge", NOW, masked=True)
    return make_report(TABLE, replace(made, **about), read or Trace(), tally)  # type: ignore[arg-type]


class Tags(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_a_group_says_what_where_and_how_often() -> None:
    report = report_of(compared(*(differing(n) for n in range(1, 4))))
    (group,) = report["groups"]
    assert (group["function"], group["field"], group["term"]) == (
        "hisGetBasicData",
        "emergency_tel",
        "緊急聯絡電話",
    )
    assert (group["count"], group["calls"], len(group["examples"])) == (3, 3, 3)
    example = group["examples"][0]
    assert base64.b64decode(example["old"]) == b"0212345678    "
    (marked,) = [f for f in example["piece"]["fields"] if f["differs"]]
    assert (marked["name"], marked["offset"], marked["width"]) == ("emergency_tel", 58, 14)
    (function,) = report["functions"]
    assert (function["old_us"]["median"], function["new_us"]["median"]) == (1500.0, 250.0)


def test_files_are_their_owners_alone(tmp_path: Path) -> None:
    report = report_of(Tally())
    for name, write in (("r.json", write_json), ("r.html", write_page)):
        (tmp_path / name).write_text("of before")
        write(report, tmp_path / name)
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
        with pytest.raises(TraceError, match="cannot be written"):
            write(report, tmp_path / "no" / name)
    assert sorted(f.name for f in tmp_path.iterdir()) == ["r.html", "r.json"]


def test_an_unmasked_trace_has_a_banner() -> None:
    assert 'id="not-masked"' in make_page(report_of(Tally(), masked=False))
    assert 'id="not-masked"' not in make_page(report_of(Tally(), masked=True))


def test_hostile_content_stays_text() -> None:
    evil = EVIL.encode()
    old, new = differing(1)
    strange = old._replace(function=EVIL, door=EVIL)
    tally = compared(
        (call(1, basic(evil[:14], evil)), new),
        (strange, new._replace(code=-1)),
        (old._replace(answer=old.answer._replace(code=5001)), new._replace(code=-(2**31))),
        (call(3, bytes(range(72))), new),
    )
    tally.skip(EVIL, "unknown")
    read = Trace(problems=[Problem(EVIL, 3, EVIL)] * 60)
    report = report_of(tally, read, trace=EVIL, target=EVIL, world=EVIL, remarks=(EVIL,))
    page = make_page(report)
    tags = Tags(page).tags
    assert [tag for tag, _ in tags].count("script") == 1
    assert not {"img", "iframe", "object", "link", "base", "form"} & {tag for tag, _ in tags}
    for tag, attributes in tags:
        assert not [name for name in attributes if name.startswith("on") or name == "style"], tag
        for name in ("href", "src"):
            assert str(attributes.get(name) or "#").startswith("#")
    assert "{{7*7}}" in page


def test_the_policy_admits_exactly_the_pages_own_style_and_script() -> None:
    page = make_page(report_of(compared(differing(1))))
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)
    assert "default-src 'none'" in policy
    for tag, directive in (("style", "style-src"), ("script", "script-src")):
        (text,) = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}'" in policy.replace("&#39;", "'")
    assert "http://" not in page
    assert "https://" not in page


def test_many_equal_differences_make_a_small_report(tmp_path: Path) -> None:
    tally, comparer = Tally(), Comparer(TABLE, default_rules())
    old, new = differing(1)
    for _ in range(3000):
        tally.add(comparer.compare(old, new))
    wide = b"1130101" * 200
    read = call(1, wide, "hisGetInoculateData")
    for _ in range(50):
        tally.add(
            comparer.compare(read, read.answer._replace(after={**read.answer.after, "pBuffer": wide[::-1]}))
        )
    report = report_of(tally)
    first = next(group for group in report["groups"] if group["field"] == "emergency_tel")
    assert (first["count"], len(first["examples"])) == (3000, MOST_EXAMPLES)
    assert len(make_page(report)) < 2_000_000
    write_json(report, tmp_path / "r.json")
    assert (tmp_path / "r.json").stat().st_size < 2_000_000


def test_a_trace_made_to_fill_the_memory_does_not() -> None:
    tally, comparer = Tally(), Comparer(TABLE, default_rules())
    old, new = differing(1)
    for number in range(MOST_GROUPS + 50):
        strange = old._replace(function=f"{number}" * 100, answer=old.answer._replace(code=number + 1))
        tally.add(comparer.compare(strange, new))
    for code in range(1, MOST_GROUPS):
        tally.add(comparer.compare(old._replace(answer=old.answer._replace(code=code)), new))
    assert len(tally.groups) == MOST_GROUPS
    assert len(tally.functions) <= MOST_FUNCTIONS + 1
    report = report_of(tally)
    assert report["more_differences"] == tally.more_groups > 0
    assert report["counts"]["different"] == 2 * MOST_GROUPS + 49
    assert len(make_page(report)) < 8_000_000


def test_bytes_stand_under_each_other_whatever_they_are() -> None:
    """Every line shows as many columns as it has bytes, so that offsets can be read off the ruler."""
    old = "王".encode("cp950") * 50 + bytes(range(256)) + "中".encode("cp950")
    piece = {
        "title": "",
        "old_at": 0,
        "new_at": 0,
        "fields": [],
        "old": base64.b64encode(old).decode(),
        "new": base64.b64encode(old[1:]).decode(),
    }
    made = dump(piece)
    for data, side in ((old, "old"), (old[1:], "new")):
        for line in made.lines:
            columns = sum(2 if cell.wide else len(cell.text) for cell in getattr(line, side))
            overhang = columns - len(data[line.at : line.at + LINE_BYTES])
            assert overhang in (0, 1)  # a character that begins in the last column
            assert not overhang or getattr(line, side)[-1].wide
    assert hex_text(b"AB") == ""
    assert hex_text(b"A\0") == "41 00"


def test_charts_of_nothing_and_of_extremes() -> None:
    assert bars([]) == []
    assert LatencyScale([]).ticks()
    spread = {"median": 0.0, "p95": 1e11, "least": 0.0, "most": 1e12}
    function = {
        "name": "f", "title": "", "different": 1, "expected": 0, "same": 1_000_000, "not_replayed": 0,
        "old_us": spread, "new_us": None,
    }  # fmt: skip
    (bar,) = bars([function])
    assert bar.parts[0].width >= 2
    (dots,) = LatencyScale([function]).dots([function])
    assert dots.new is None
    assert [time_text(t) for t in (850, 12_340, 1.2e6)] == ["850 µs", "12.3 ms", "1.2 s"]


# --- a page that stays openable -----------------------------------------------------------------------------


def many_differences(kinds: int, examples: int) -> dict[str, Any]:
    """A report with so many kinds of differences, of functions whose names are as long as they can be, and
    some of a field.
    """
    tally, comparer = Tally(), Comparer(TABLE, default_rules())
    for number in range(40):
        tally.add(comparer.compare(*differing(number)))
    for number in range(kinds * examples):
        kind = number % kinds
        old = call(number + 1, basic(), f"his{'<' * 70}{kind:04d}"[:80])
        tally.add(comparer.compare(old, Answer(4000 + kind, 90.0)))
    about = About("simulator", "day.jsonl", "simulators", NOW, masked=False)
    return make_report(TABLE, about, Trace(), tally)


@pytest.mark.parametrize(("kinds", "examples"), [(30, 3), (900, 25)])
def test_a_page_is_at_most_two_megabytes(tmp_path: Path, kinds: int, examples: int) -> None:
    report = many_differences(kinds, examples)
    file = tmp_path / "report.html"
    write_page(report, file)
    assert file.stat().st_size <= 2_000_000
    beside = sorted(each.name for each in tmp_path.iterdir() if each != file)
    page = file.read_text(encoding="utf-8")
    if kinds == 30:
        assert beside == []
        assert "no room" not in page
        return
    assert beside == ["report.differences.csv", "report.functions.csv"]
    assert all(name in page for name in beside)
    assert "more kinds of differences stand in the table beside" in page
    with (tmp_path / beside[0]).open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len({row["group"] for row in rows}) == len(report["groups"]) > 900
    assert all(row["time"].endswith("+08:00") for row in rows)
    assert (tmp_path / beside[0]).stat().st_mode & 0o777 == 0o600
    with (tmp_path / beside[1]).open(encoding="utf-8-sig", newline="") as stream:
        assert len(list(csv.DictReader(stream))) == 901


def test_what_is_most_urgent_stays_on_a_page_that_is_cut() -> None:
    report = many_differences(900, 25)
    page = make_page(report)
    assert len(page.encode()) <= 2_000_000
    assert [f'id="group-{number}"' in page for number in (1, 50, len(report["groups"]))] == [
        True,
        True,
        False,
    ]


def test_all_times_are_taiwans() -> None:
    report = make_report(
        TABLE, About("simulator", "d", "s", NOW, masked=True), Trace(), compared(differing(1))
    )
    assert report["started"] == "2026-11-25T16:00:00+08:00"
    assert report["groups"][0]["examples"][0]["time"] == "2026-11-25T16:00:01.000+08:00"
    page = make_page(report)
    assert "2026-11-25 16:00:00" in page
    assert "Taiwan time" in page
    assert "UTC" not in page.replace("UTC+8", "")
