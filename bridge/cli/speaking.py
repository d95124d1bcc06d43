"""The language of a command: ``--lang``, else the environment's, else Windows' own."""

from __future__ import annotations

import gettext
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from bridge.words import CHINESE, ENGLISH, speak
from bridge.words.language import can_be_shown, language_named, language_of_user

OPTION = "--lang"
_CLICK_ASKS = "LANGUAGE"  # by which gettext chooses the texts of click, and of programs that we start


@contextmanager
def in_its_language(arguments: Sequence[str] | None) -> Iterator[list[str] | None]:
    """Speak as the command line says until the end of the with statement.

    In: the arguments, None for those of the process. Out: the arguments for click, without a ``--lang`` that
    was understood, wherever it stood; None where nothing was taken out of those of the process.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    wanted, rest = _asked_for(given)
    language = wanted or (language_of_user(os.environ) if can_be_shown(sys.stdout) else ENGLISH)
    with _spoken(language):
        yield None if arguments is None and rest == given else rest


def _asked_for(given: list[str]) -> tuple[str | None, list[str]]:
    """The language that ``--lang`` names, and the other arguments. One that there is not goes to the front,
    where click refuses it.
    """
    end = given.index("--") if "--" in given else len(given)
    for at, argument in enumerate(given[:end]):
        name, equals, value = argument.partition("=")
        if name != OPTION:
            continue
        width = 1 if equals else 2
        value = value if equals else "".join(given[at + 1 : at + 2])
        rest = given[:at] + given[at + width :]
        found = language_named(value)
        return found, rest if found else [*given[at : at + width], *rest]
    return None, given


@contextmanager
def _spoken(language: str) -> Iterator[None]:
    speak(language)
    if language != CHINESE:
        yield
        return
    from bridge.words.catalogue import DOMAIN, FOLDER

    before, environment = gettext.textdomain(), os.environ.get(_CLICK_ASKS)
    gettext.bindtextdomain(DOMAIN, str(FOLDER / "locale"))
    gettext.textdomain(DOMAIN)
    os.environ[_CLICK_ASKS] = CHINESE.replace("-", "_")
    try:
        yield
    finally:
        speak(ENGLISH)
        gettext.textdomain(before)
        if environment is None:
            del os.environ[_CLICK_ASKS]
        else:
            os.environ[_CLICK_ASKS] = environment
