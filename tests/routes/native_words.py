"""Calls of the native libraries in the driver's own words, for arguments that no sane program passes."""

from __future__ import annotations

from pathlib import Path

from tests.routes.battery import Case, cases
from tests.support.hosts.driver import Argument, text
from tests.support.legacy_routes import FILL, NativeRoute, word
from tests.support.prototypes import PROTOTYPES, UNSUPPORTED
from tests.support.visit_steps import demo_patient

BAD_ARGUMENT = 6018


def untouched(answer: Argument, words: str) -> bool:
    """Whether a buffer or variable still holds what it held."""
    kind, _, rest = words.partition(":")
    if kind == "b":
        assert answer.data is not None
        return answer.data == FILL * len(answer.data)
    if kind in ("l", "L"):
        return answer.number == int(rest)
    return True


def refused(route: NativeRoute, function: str, *words: str) -> bool:
    """6018, and nothing written."""
    code, answers = route.raw(function, *words)
    return code == BAD_ARGUMENT and all(map(untouched, answers, words))


def words_of(function: str, case: Case) -> list[str]:
    """The words of a case of the battery, to be changed."""
    parameters = PROTOTYPES[function]
    return [word(parameter, parameters, case.given) for parameter in parameters]


def owner_of(argument: str) -> str:
    """A function with this argument."""
    return next(
        function
        for function, parameters in PROTOTYPES.items()
        if function not in UNSUPPORTED and argument in [each.name for each in parameters]
    )


def with_string(route: NativeRoute, function: str, argument: str, value: bytes, folder: Path) -> bool:
    """Whether a call with this string in one place is refused."""
    names = [each.name for each in PROTOTYPES[function]]
    words = words_of(function, cases(demo_patient(), folder)[function])
    words[names.index(argument)] = text(value)
    return refused(route, function, *words)
