"""Texts for people, in English and in Traditional Chinese (Taiwan).

English stands in the code; ``zh_TW.po`` beside this file has the Chinese by it. ``tr`` gives a text for the
screen in the language of the command that runs, ``said`` an English text that knows how to be said in the
other language later: an error is logged in English and shown in the user's language. Without ``speak``, as
in a program that has the bridge embedded, everything is English and nothing is loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

ENGLISH, CHINESE = "en", "zh-TW"
LANGUAGES = (ENGLISH, CHINESE)

Catalogue = Callable[[str], str]


class _Speaking:
    """What the command speaks."""

    language = ENGLISH
    catalogue: Catalogue = str


def speak(language: str) -> None:
    """Say everything in this language from now on; one of ``LANGUAGES``."""
    if language != ENGLISH:
        from bridge.words.catalogue import chinese  # English needs no file

        _Speaking.catalogue = chinese()
    else:
        _Speaking.catalogue = str
    _Speaking.language = language


def spoken() -> str:
    """The language in use."""
    return _Speaking.language


class Said(str):
    """An English text whose template and values are known, so that it can be said in another language.

    For everybody who does not ask it is the English text.
    """

    __slots__ = ("template", "values")
    template: str
    values: dict[str, object]

    def __reduce__(self) -> tuple[object, ...]:
        return str, (str(self),)


class InBoth(str):
    """An English text with the Chinese of it, where neither stands in the code: of the table's words."""

    __slots__ = ("chinese",)
    chinese: str

    def __reduce__(self) -> tuple[object, ...]:
        return str, (str(self),)


def in_both(english: str, chinese: str) -> InBoth:
    """A text of two languages, as a value of :func:`said` or alone. For everybody who does not ask it is the
    English one.
    """
    text = InBoth(english)
    text.chinese = chinese
    return text


def said(template: str, /, **values: object) -> Said:
    """A text for logs and screens. In: English with ``{name}`` for each value; the values, which may be such
    texts themselves. A template stands in the catalogue as it is written.
    """
    text = Said(template.format(**values) if values else template)
    text.template, text.values = template, values
    return text


def joined(texts: Sequence[str], between: str = "; ") -> Said:
    """Several texts as one."""
    values = {f"text{number}": text for number, text in enumerate(texts)}
    return said(between.join(f"{{{name}}}" for name in values), **values)


def tr(template: str, /, **values: object) -> str:
    """A text for the screen, in the language in use. In: as :func:`said`."""
    found = _Speaking.catalogue(template)
    return found.format(**{name: _value(value) for name, value in values.items()}) if values else found


def shown(text: str) -> str:
    """A text for the screen: in the language in use where it knows how, else as it is."""
    if isinstance(text, InBoth):
        return text.chinese if _Speaking.language == CHINESE else text
    return tr(text.template, **text.values) if isinstance(text, Said) else text


def text_of(error: BaseException) -> str:
    """What an error says, for a text that is shown later: one that can be said in the other language,
    where the error was raised with such a text.
    """
    text = error.args[0] if error.args else None
    return text if isinstance(text, Said) else str(error)


def reason(error: BaseException) -> str:
    """What an error says, for the screen."""
    return shown(text_of(error))


def _value(value: object) -> object:
    if isinstance(value, BaseException):
        return reason(value)
    return shown(value) if isinstance(value, str) else value
