"""What a number means to people: codes.yaml as frozen objects. What a program gets is said elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pydantic import Field

from bridge.table.model.spec import Identifier, Provenance, Spec


class Words(Spec):
    """A text in English and in Traditional Chinese; ``vi``: in Vietnamese, where its readers are there."""

    en: str = Field(min_length=2)
    zh: str = Field(min_length=2)
    vi: str = ""


class CodeText(Spec):
    """A code that programs get: its meaning in English, what to do (by name) and, where control software 6.0
    never leads to it, the name of the reason.
    """

    en: str = Field(min_length=2)
    do: Identifier
    never: Identifier | None = None


class StatusText(Spec):
    """A status of an upstream, or a result of a lookup: its meaning in English. Without ``do``, that of what
    it becomes.
    """

    en: str = Field(min_length=2)
    do: Identifier | None = None


class LookupTexts(Spec):
    """Result codes of Viet Nam's lookups. ``about``: what to do, by what a result is about. ``old_results``:
    those of the lookup that has codes of its own.
    """

    about: dict[Literal["card", "request", "account", "officer", "portal"], Identifier]
    results: dict[str, StatusText]
    old_results: dict[str, StatusText]


class ExceptionalVisit(Spec):
    """A code of exceptional visits (異常就醫). ``taken``: that where a visit number had been taken before."""

    en: str = Field(min_length=2)
    zh: str = Field(min_length=2)
    taken: str | None = None


class Steps(Spec):
    """What to do, one after the other, in both languages."""

    en: tuple[str, ...] = Field(min_length=1)
    zh: tuple[str, ...] = Field(min_length=1)


class ExceptionalVisits(Spec):
    """All codes of exceptional visits, and what staff do at such a visit and after it."""

    provenance: Provenance
    codes: dict[str, ExceptionalVisit]
    steps: Steps


class Texts(Spec):
    """All of codes.yaml. ``words``: other things that look like a code; ``#`` in a name stands for a letter
    or digit.
    """

    advice: dict[Identifier, Words]
    reasons: dict[Identifier, Words]
    codes: dict[int, CodeText]
    vhc: dict[int, CodeText]
    statuses: dict[str, dict[str, StatusText]]
    lookups: LookupTexts
    exceptional: ExceptionalVisits
    words: dict[str, Words]

    def english(self, code: int) -> str:
        """What a code means, in English; "" for one that nobody knows."""
        text = self.codes.get(code) or self.vhc.get(code)
        return text.en if text is not None else ""

    def status_english(self, source: str, status: str) -> str:
        """What a status of an upstream means, in English; "" for one that nobody has listed."""
        text = self.statuses.get(source, {}).get(status)
        return text.en if text is not None else ""

    def by_door(self, doors: Iterable[str]) -> dict[tuple[str, int], str]:
        """The English meaning of every code but success, by door and code."""
        texts = {**self.codes, **self.vhc}
        return {(door, code): text.en for door in doors for code, text in texts.items() if code != 0}
