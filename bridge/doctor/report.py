"""Findings as text for people, and as values for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from typing import Any, Literal

from bridge.doctor.finding import Finding, Section, Status, exit_code
from bridge.words import Said, said, shown, tr
from bridge.words.wrapping import columns, wrapped

WORDS: dict[Status, Said] = {
    "ok": said("ok"),
    "warning": said("WARNING"),
    "broken": said("BROKEN"),
    "unknown": said("unknown"),
}
WORD_COLUMNS = 7
Paint = Callable[[str, Status | Literal["title"]], str]
INDENT = " " * 11
WIDTH = 110


def lines(sections: Sequence[Section], paint: Paint) -> Iterator[str]:
    """The report for people. ``paint`` makes a text look like what it is about."""
    for section in sections:
        yield paint(shown(section.title), "title")
        for finding in section.findings:
            yield from _finding(finding, paint)
        yield ""
    yield from _summary(sections, paint)


def as_json(sections: Sequence[Section]) -> dict[str, Any]:
    """The report for programs."""
    return {
        "exit_code": exit_code(sections),
        "sections": [
            {"title": section.title, "findings": [asdict(finding) for finding in section.findings]}
            for section in sections
        ],
    }


def _finding(finding: Finding, paint: Paint) -> Iterator[str]:
    word = shown(WORDS[finding.status])
    word = paint(word + " " * (WORD_COLUMNS - columns(word)), finding.status)
    first, *further = _wrapped(shown(finding.what), "")
    yield f"  {word}  {first.strip()}"
    yield from further
    if finding.why:
        yield from _wrapped(shown(finding.why), tr("Why: "))
    if finding.advice:
        wrong = finding.status in ("warning", "broken")
        yield from _wrapped(shown(finding.advice), tr("Do:  ") if wrong else "")


def _wrapped(text: str, label: str) -> list[str]:
    return wrapped(text, WIDTH, INDENT + label, INDENT + " " * columns(label))


def _summary(sections: Sequence[Section], paint: Paint) -> Iterator[str]:
    """How many findings of which kind, and once more what is broken: the rest has scrolled away."""
    findings = [finding for section in sections for finding in section.findings]
    counts = Counter(finding.status for finding in findings)
    if not counts["broken"] and not counts["warning"]:
        yield paint(tr("All is well."), "ok")
        return
    parts = []
    if counts["broken"]:
        parts.append(tr("{count} broken", count=counts["broken"]))
    if counts["warning"]:
        several = counts["warning"] > 1
        parts.append(tr("{count} warnings", count=counts["warning"]) if several else tr("1 warning"))
    worst: Status = "broken" if counts["broken"] else "warning"
    yield paint(tr("{counts}: see above what to do.", counts=", ".join(parts)), worst)
    for finding in findings:
        if finding.status == "broken":
            yield from (line[len(INDENT) - 2 :] for line in _wrapped(shown(finding.what), "- "))
