"""A folder with our library, a stand-in for the official one with a reader of its own, and a routing file."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bridge.calls.call import OutBuffer
from bridge.channel.frame import Answer, Request, encode_reply
from tests.support.fake_bridge import FakeBridge

INI = "cshis-bridge.ini"
OLD_SOFTWARE = Path(__file__).with_name("hosts") / "old_software.c"
NO_CARD, WRONG_PERSON, UNREACHABLE = 4013, 5020, 4000
# Two of the simulators' invented people: number of the card, id, birthday.
DEMO = ("000073898381", "Z299999929", "0920315")
CHILD = ("000099990001", "Z100000012", "1080501")
Person = tuple[str, str, str]


@dataclass
class Folder:
    """``path`` has the library and, beside it, the original; ``old``: what the stand-in reads and writes;
    ``kept``: where the routing keeps its log and its visits; ``seen``: a file as its programs name it.
    """

    path: Path
    library: Path
    seen: Callable[[Path], str] = str
    old: Path = field(init=False)
    kept: Path = field(init=False)
    looked: int = 0  # calls that were looked at

    def __post_init__(self) -> None:
        self.old, self.kept = self.path / "old", self.path / "kept"
        self.old.mkdir()

    def clear(self) -> None:
        """As it was at first: no routes, no card, nothing kept."""
        (self.path / INI).unlink(missing_ok=True)
        shutil.rmtree(self.old)
        shutil.rmtree(self.kept, ignore_errors=True)
        self.old.mkdir()
        self.looked = 0

    def route(self, *lines: str, moved: tuple[str, ...] = ()) -> None:
        """Write the routing file."""
        text = "\r\n".join(["[routes]", *lines, "[moved]", *moved, ""])
        (self.path / INI).write_text(text, encoding="ascii", newline="")

    def insert(self, person: Person | None) -> None:
        """Put a card into the old software's reader; None: take it out."""
        (self.old / "card").write_text(" ".join(person or ()), encoding="ascii")

    def switch(self, *switches: str) -> None:
        """What goes wrong in the old software: ``hang NAME``, ``crash NAME``."""
        (self.old / "switches").write_text("\n".join(switches), encoding="ascii")

    def calls(self) -> list[str]:
        """What the old software was asked since the last look."""
        file = self.old / "calls"
        found = file.read_text(encoding="ascii").split() if file.exists() else []
        fresh, self.looked = found[self.looked :], len(found)
        return fresh

    def log(self) -> list[str]:
        """The lines of cutover.log without time and process."""
        file = self.kept / "cutover.log"
        if not file.exists():
            return []
        return [line.split(" ", 3)[3] for line in file.read_text(encoding="utf-8").splitlines()]


def make_folder(path: Path, library: Path, original: Path | None, name: str) -> Folder:
    """A new folder with copies of both libraries. ``name``: that of the original there."""
    path.mkdir(parents=True)
    shutil.copy(library, path / library.name)
    if original is not None:
        shutil.copy(original, path / name)
    return Folder(path, path / library.name)


@dataclass
class Reader:
    """The bridge's reader as a fake bridge answers for it."""

    bridge: FakeBridge
    card: Person | None = None
    codes: Mapping[str, int] = field(default_factory=dict)
    numbers: int = 0  # visit numbers that were given

    def __post_init__(self) -> None:
        self.bridge.behave = self._answer

    def clear(self) -> None:
        """As it was at first: no card, every answer a success, running."""
        self.card, self.codes, self.numbers = None, {}, 0
        self.bridge.seen.clear()
        self.bridge.start_again()

    def calls(self) -> list[str]:
        """What the bridge was asked since the last look."""
        found = [request.name for request in self.bridge.requests]
        self.bridge.seen.clear()
        return found

    def _answer(self, request: Request) -> bytes:
        code = self.codes.get(request.name, 0)
        if code == 0 and request.name.startswith("hisGet") and "ICD10" not in request.name:
            code = 0 if self.card is not None else NO_CARD
        outputs = tuple(self._outputs(request)) if code == 0 else ()
        return encode_reply(Answer(request.number, code, outputs))

    def _outputs(self, request: Request) -> list[tuple[int, bytes]]:
        texts = {
            "hisGetBasicData": self._basic(),
            "hisGetEmergentTel": b"0200000000NEW ",
            "hisGetICD10EnC": b"NEW",
            "hisGetSeqNumber256N1": str(1151130090000 + self.numbers).encode().ljust(316, b"0"),
            "csGetHospID": b"3501200000",
        }
        places = [
            index
            for index, sent in enumerate(request.arguments)
            if sent.kind == "text_out" or isinstance(sent.value, OutBuffer)
        ]
        self.numbers += request.name == "hisGetSeqNumber256N1"
        return [(places[0], texts[request.name])] if request.name in texts else []

    def _basic(self) -> bytes:
        card_no, id_no, birthday = self.card or ("", "", "")
        text = f"{card_no:12}{'NEW':20}{id_no:10}{birthday:7}F10502171"
        return text.encode("ascii").ljust(72)
