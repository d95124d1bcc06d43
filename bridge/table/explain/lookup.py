"""Everything that a number, or another word on a screen or in a log, may mean."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from bridge.table.explain.causes import VHC, Cause, causes
from bridge.table.explain.wording import cause_texts, functions_text
from bridge.table.model.rows import Table
from bridge.table.model.texts import CodeText, StatusText, Steps, Texts, Words
from bridge.words import said

STATUS_TITLES = {
    "console": said("status of the console (主控台)"),
    "cloud": said("status of the cloud (雲端)"),
    "vpn": said("return code of the upload centre (醫療資訊傳輸服務)"),
    "transport": said("failure on the way"),
    "bridge": said("finding of the bridge"),
}
CODE_TITLE = said("return code of cshis.dll")
VHC_TITLE = said("code of the virtual-card SDK (虛擬健保卡)")
RESULT_TITLE = said("maKetQua of a lookup (BHYT, Viet Nam)")
VISIT_TITLE = said("code of an exceptional visit (異常就醫)")


@dataclass(frozen=True, slots=True)
class Explanation:
    """One meaning, in English and Chinese, or Vietnamese. ``given``: what leads to it, a line each.
    ``becomes``: the codes that programs get for it. ``never``: why control software 6.0 does not lead to it.
    ``steps``: what to do, where it is more than one thing.
    """

    what: str
    key: str
    en: str
    zh: str = ""
    vi: str = ""
    given: tuple[str, ...] = ()
    becomes: tuple[str, ...] = ()
    never: Words | None = None
    advice: Words | None = None
    steps: Steps | None = None


def as_meant(word: str) -> str:
    """A word that a person typed, in half width (also where it was ５１５０) and without blanks around it."""
    return unicodedata.normalize("NFKC", word).strip()


def explain(table: Table, word: str) -> list[Explanation]:
    """What a word means: a legacy code, one of the virtual-card SDK, a status of any upstream, a code of an
    exceptional visit, a visit number. Every meaning; an empty list where there is none, or the table has no
    texts.
    """
    texts = table.texts
    if texts is None:
        return []
    found = [*_codes(table, texts, word), *_statuses(table, texts, word)]
    return [*found, *_visits(texts, word.upper()), *_words(texts, word.upper())]


def known_words(table: Table) -> list[str]:
    """Every word that :func:`explain` knows, but for those of a pattern."""
    texts = table.texts
    if texts is None:
        return []
    codes = [str(code) for code in (*texts.codes, *texts.vhc)]
    statuses = [key for entries in texts.statuses.values() for key in entries]
    visits = [code for each, visit in texts.exceptional.codes.items() for code in (each, visit.taken) if code]
    return list(dict.fromkeys([*codes, *statuses, *visits, *(w for w in texts.words if "#" not in w)]))


def _codes(table: Table, texts: Texts, word: str) -> Iterator[Explanation]:
    if not re.fullmatch(r"-?[0-9]{1,5}", word):
        return
    code = int(word)
    for title, there, door in ((CODE_TITLE, texts.codes, ""), (VHC_TITLE, texts.vhc, VHC)):
        if code in there and (word == str(code)):
            given = causes(table, door).get(code, ())
            yield _code(table, texts, title, code, there[code], tuple(cause_texts(table, given)))


def _code(
    table: Table, texts: Texts, title: str, code: int, text: CodeText, given: tuple[str, ...]
) -> Explanation:  # fmt: skip
    return Explanation(
        what=title,
        key=str(code),
        en=text.en,
        zh=table.statuses.meaning(code).rstrip("。"),
        given=given,
        never=texts.reasons[text.never] if text.never is not None else None,
        advice=texts.advice[text.do],
    )


def _statuses(table: Table, texts: Texts, word: str) -> Iterator[Explanation]:
    for source, entries in table.statuses.sources.items():
        if word not in entries:
            continue
        entry, text = entries[word], texts.statuses[source][word]
        do = text.do or texts.codes[entry.legacy].do
        yield Explanation(
            what=STATUS_TITLES[source],
            key=word,
            en=text.en,
            zh=entry.meaning,
            becomes=tuple(becomes(table, source, word)),
            advice=texts.advice[do],
        )


def becomes(table: Table, source: str, status: str) -> Iterator[str]:
    """The codes that a status becomes, the most usual one first: "5022", "5150: csUnGetSeqNumber"."""
    yield from (text for _, text in _becomes(causes(table), source, status))
    for code, _ in _becomes(causes(table, VHC), source, status):
        if code in table.statuses.vhc_codes:
            yield said("{code}: on the paths of the virtual-card SDK", code=code)


def _becomes(by_code: Mapping[int, tuple[Cause, ...]], source: str, status: str) -> list[tuple[int, str]]:
    met = [
        (code, cause)
        for code, given in by_code.items()
        for cause in given
        if (cause.source, cause.status) == (source, status)
    ]
    met.sort(key=lambda each: -len(each[1].functions))
    named = [(code, functions_text(cause.functions, cause.others)) for code, cause in met]
    usual = [(code, str(code)) for code, _ in named[:1]]
    return usual + [
        (code, said("{what}: {names}", what=code, names=names) if names else str(code))
        for code, names in named[1:]
    ]


def _visits(texts: Texts, word: str) -> Iterator[Explanation]:
    for code, visit in texts.exceptional.codes.items():
        if word in (code, visit.taken):
            taken = f" ({visit.taken})" if visit.taken is not None else ""
            yield Explanation(
                what=VISIT_TITLE,
                key=f"{code}{taken}",
                en=visit.en,
                zh=visit.zh,
                steps=texts.exceptional.steps,
            )


def explain_result(
    texts: Texts, code: str, vi: str, about: str, given: tuple[str, ...] = ()
) -> Explanation:  # fmt: skip
    """A result code of Viet Nam's lookups. In: its meaning and what it is about, as bhyt.yaml has them; when
    the bridge gives it by itself, a line each.
    """
    found = _result(texts, RESULT_TITLE, code, (vi, about), texts.lookups.results.get(code))
    return replace(found, given=tuple(f"bridge: {line}" for line in given))


def explain_old_result(
    texts: Texts, lookup: str, code: str, vi: str, about: str, of: tuple[str, ...]
) -> Explanation:
    """A result code that a lookup has of its own. In: the lookup's name; meaning, what it is about, and the
    result codes of today that become it, as bhyt.yaml has them.
    """
    found = _result(
        texts,
        said("maKetQua of {lookup} (BHYT, Viet Nam)", lookup=lookup),
        code,
        (vi, about),
        texts.lookups.old_results.get(code),
    )
    given = (f"maKetQua {', '.join(of)}",) if of else ("nothing any more: the portal compares it no longer",)
    return replace(found, given=given)


def _result(
    texts: Texts, title: str, code: str, listed: tuple[str, str], text: StatusText | None
) -> Explanation:
    vi, about = listed
    by_kind = {str(kind): name for kind, name in texts.lookups.about.items()}
    do = text.do if text is not None and text.do is not None else by_kind[about]
    return Explanation(
        what=title, key=code, en=text.en if text is not None else "", vi=vi, advice=texts.advice[do]
    )


def _words(texts: Texts, word: str) -> Iterator[Explanation]:
    for name, meaning in texts.words.items():
        if re.fullmatch(name.replace("#", "[0-9A-Z]"), word):
            yield Explanation(what=said("no code"), key=word, en=meaning.en, zh=meaning.zh)
