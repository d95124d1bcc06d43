"""Findings as text for people, and as values for programs."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from typing import Any, Literal

from bridge.doctor.finding import Finding, Section, Status, exit_code

WORDS: dict[Status, str] = {"ok": "ok", "warning": "WARNING", "broken": "BROKEN", "unknown": "unknown"}
Paint = Callable[[str, Status | Literal["title"]], str]
INDENT = " " * 11
WIDTH = 110


def lines(sections: Sequence[Section], paint: Paint) -> Iterator[str]:
    """The report for people. ``paint`` makes a text look like what it is about."""
    for section in sections:
        yield paint(section.title, "title")
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
    word = paint(f"{WORDS[finding.status]:<7}", finding.status)
    first, *further = _wrapped(finding.what, "")
    yield f"  {word}  {first.strip()}"
    yield from further
    if finding.why:
        yield from _wrapped(finding.why, "Why: ")
    if finding.advice:
        yield from _wrapped(finding.advice, "Do:  " if finding.status in ("warning", "broken") else "")


def _wrapped(text: str, label: str) -> list[str]:
    return textwrap.wrap(
        label + text,
        WIDTH,
        initial_indent=INDENT,
        subsequent_indent=INDENT + " " * len(label),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _summary(sections: Sequence[Section], paint: Paint) -> Iterator[str]:
    """How many findings of which kind, and once more what is broken: the rest has scrolled away."""
    findings = [finding for section in sections for finding in section.findings]
    counts = Counter(finding.status for finding in findings)
    if not counts["broken"] and not counts["warning"]:
        yield paint("All is well.", "ok")
        return
    parts = []
    if counts["broken"]:
        parts.append(f"{counts['broken']} broken")
    if counts["warning"]:
        parts.append(f"{counts['warning']} warning{'s' if counts['warning'] > 1 else ''}")
    worst: Status = "broken" if counts["broken"] else "warning"
    yield paint(f"{', '.join(parts)}: see above what to do.", worst)
    for finding in findings:
        if finding.status == "broken":
            yield from (line[len(INDENT) - 2 :] for line in _wrapped(finding.what, "- "))
