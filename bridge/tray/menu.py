"""The menu: entries with a text and steps. Commands are lines as Windows takes them."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bridge.tray.words import Language, text


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that an entry does; native/tray/parts.h says what the words mean."""

    word: Literal["open", "run", "start", "show", "try", "ask", "tell", "leave"]
    about: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the menu; without a text a line between others, without steps only to be read."""

    text: str = ""
    steps: tuple[Step, ...] = ()
    default: bool = False


@dataclass(frozen=True, slots=True)
class Here:
    """What the menu is about. ``command``: the words that run cshis-bridge, ``silent``: without a window;
    ``arguments``: those that this bridge was started with; ``running``: the file that other commands find it
    by.
    """

    command: Sequence[str]
    silent: Sequence[str]
    arguments: Sequence[str]
    running: Path
    data_dir: Path
    logs: Path
    version: str


def menu(here: Here, language: Language, state: str) -> list[Entry]:
    """All entries. In: the line that says how the bridge is."""
    said = _Said(language)
    line = Entry()
    speaks = ("--lang", language)
    again = (said.ask("ask.console"), _show(here, *speaks, "console", "start", "--again"))
    stop = Step("run", _line(here.command, "stop", "--force", *_data(here)))
    restart = (stop, Step("start", _line(here.silent, *here.arguments)))
    return [
        Entry(state),
        line,
        Entry(
            said("menu.page"),
            (Step("try", _line(here.command, *speaks, "desk", *_data(here))),),
            default=True,
        ),
        Entry(said("menu.doctor"), (_show(here, *speaks, "doctor", *_config(here)),)),
        Entry(said("menu.log"), (Step("open", str(here.logs)),)),
        line,
        Entry(said("menu.console"), (_show(here, *speaks, "console", "start"),)),
        Entry(said("menu.console.again"), again),
        Entry(said("menu.release"), (_show(here, *speaks, "console", "release", *_config(here)),)),
        line,
        Entry(said("menu.restart"), restart),
        Entry(said("menu.stop"), (said.ask("ask.stop"), stop, Step("leave", "-"))),
        Entry(said("menu.about"), (_about(here, language),)),
    ]


def menu_of_failure(here: Here, language: Language, state: str) -> list[Entry]:
    """Of a bridge that cannot start, and is started again and again until it can: what says why."""
    said = _Said(language)
    doctor = _show(here, "--lang", language, "doctor", *_data(here))
    return [
        Entry(state),
        Entry(),
        Entry(said("menu.doctor"), (doctor,), default=True),
        Entry(said("menu.log"), (Step("open", str(here.logs)),)),
        Entry(said("menu.about"), (_about(here, language),)),
    ]


class _Said:
    """Texts in one language."""

    def __init__(self, language: Language) -> None:
        self._language = language

    def __call__(self, name: str) -> str:
        return text(name, self._language)

    def ask(self, name: str) -> Step:
        return Step("ask", self(name))


def _show(here: Here, *words: str) -> Step:
    return Step("show", _line(here.command, *words))


def _about(here: Here, language: Language) -> Step:
    return Step("tell", text("about", language, version=here.version, folder=str(here.data_dir)))


def _config(here: Here) -> tuple[str, str]:
    return "--config", str(here.running)


def _data(here: Here) -> tuple[str, str]:
    return "--data-dir", str(here.data_dir)


def _line(command: Sequence[str], *further: str) -> str:
    return subprocess.list2cmdline([*command, *further])
