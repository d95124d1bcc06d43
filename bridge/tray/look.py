"""What the doctor has found becomes a colour and a reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from bridge.doctor.finding import Finding
from bridge.tray.words import TEXTS, Language, text

Colour = Literal["green", "yellow", "red"]
PRODUCT = "cshis-bridge"
LONGEST_TIP = 127  # characters that Windows shows


@dataclass(frozen=True, slots=True)
class Look:
    """What the icon shows. ``reasons``: why it is not green, the worst first, as names of TEXTS."""

    colour: Colour
    reasons: tuple[str, ...] = ()

    def tip(self, language: Language) -> str:
        """The text beside the pointer."""
        separator = "；" if language == "zh-TW" else "; "
        said = separator.join(text(reason, language) for reason in self.reasons or ("well",))
        full = f"{PRODUCT}: {said}"
        return full if len(full) <= LONGEST_TIP else full[: LONGEST_TIP - 1] + "…"


STARTING = Look("yellow", ("starting",))


def look_of(findings: Iterable[Finding]) -> Look:
    """Red where something is broken, yellow where there is a warning; what could not be found out is nobody's
    fault.
    """
    found = list(findings)
    broken = [_reason(each) for each in found if each.status == "broken"]
    warnings = [_reason(each) for each in found if each.status == "warning"]
    reasons = tuple(dict.fromkeys((*broken, *warnings)))
    return Look("red" if broken else "yellow" if warnings else "green", reasons)


def _reason(finding: Finding) -> str:
    """The text of a check, of the one that it belongs to ("console" for "console.url"), or a general one."""
    name = finding.check
    while name:
        if name in TEXTS:
            return name
        name = name.rpartition(".")[0]
    return "other"


class Told:
    """Tells once when it has turned red: only what two looks in a row have seen, since a console that has
    just been started, or a network that comes back, needs nobody.
    """

    def __init__(self) -> None:
        self._before: tuple[str, ...] = ()
        self._told: tuple[str, ...] = ()

    def is_news(self, look: Look) -> bool:
        """In: the next look. Out: whether a person is to be told of it."""
        reasons = look.reasons if look.colour == "red" else ()
        twice = bool(reasons) and reasons == self._before
        self._before = reasons
        if not reasons:
            self._told = ()
        if not twice or reasons == self._told:
            return False
        self._told = reasons
        return True
