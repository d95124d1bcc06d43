"""Texts of the bridge in both languages: a page shows the one that is chosen there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

from bridge.doctor.finding import Section
from bridge.words import InBoth, Said, text_of
from bridge.words.catalogue import chinese

Both = dict[str, str]


def both(text: str | BaseException) -> Both:
    """A text, or what an error says, in English and in Traditional Chinese; twice the same where nobody has
    translated it.
    """
    return {"en": str(text), "zh": _in_chinese(text)}


def sections_in_both(sections: Sequence[Section]) -> dict[str, object]:
    """What the doctor found, as :func:`bridge.doctor.report.as_json` has it, with each sentence in both."""
    return {
        "sections": [
            {
                "title": both(section.title),
                "findings": [
                    {
                        "check": each.check,
                        "status": each.status,
                        "what": both(each.what),
                        "why": both(each.why) if each.why else None,
                        "advice": both(each.advice) if each.advice else None,
                    }
                    for each in section.findings
                ],
            }
            for section in sections
        ]
    }


@cache
def _catalogue() -> Callable[[str], str]:
    return chinese()


def _in_chinese(text: object) -> str:
    if isinstance(text, BaseException):
        return _in_chinese(text_of(text))
    if isinstance(text, InBoth):
        return text.chinese
    if not isinstance(text, Said):
        return _catalogue()(text) if isinstance(text, str) and text else str(text)
    template = _catalogue()(text.template)
    if not text.values:
        return template
    return template.format(
        **{
            name: _in_chinese(value) if isinstance(value, str | BaseException) else value
            for name, value in text.values.items()
        }
    )
