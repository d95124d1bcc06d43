"""What a check has found out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Status = Literal["ok", "warning", "broken", "unknown"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding. ``check`` is its name for programs; the others are sentences for people.

    ``why``: why it matters; ``advice``: what to do; both "" where all is well. ``unknown``: it could not be
    found out, which by itself is nobody's fault.
    """

    check: str
    status: Status
    what: str
    why: str = ""
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """The findings about one subject."""

    title: str
    findings: tuple[Finding, ...]


def ok(check: str, what: str, advice: str = "") -> Finding:
    """All is well."""
    return Finding(check, "ok", what, advice=advice)


def warning(check: str, what: str, why: str, advice: str) -> Finding:
    """Calls work, but somebody should look at it."""
    return Finding(check, "warning", what, why, advice)


def broken(check: str, what: str, why: str, advice: str) -> Finding:
    """Calls fail, or some of them."""
    return Finding(check, "broken", what, why, advice)


def unknown(check: str, what: str, advice: str = "") -> Finding:
    """It could not be found out."""
    return Finding(check, "unknown", what, advice=advice)


def exit_code(sections: Iterable[Section]) -> int:
    """0 all well, 1 warnings only, 2 something is broken."""
    statuses = {finding.status for section in sections for finding in section.findings}
    return 2 if "broken" in statuses else 1 if "warning" in statuses else 0
