"""The menu, and the lines by which the tray program gets it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path, PureWindowsPath

import pytest

from bridge.tray.lines import balloon_line, gone_line, look_line, menu_lines
from bridge.tray.look import Look
from bridge.tray.menu import Entry, Here, Step, menu
from bridge.tray.words import Language, text

EXE = r"C:\Program Files\cshis-bridge\cshis-bridge.exe"
SILENT = r"C:\Program Files\cshis-bridge\cshis-bridgew.exe"
HERE = Here(
    command=[EXE],
    silent=[SILENT],
    arguments=["serve", "--log-level", "DEBUG"],
    running=Path("running.toml"),
    data_dir=Path("data"),
    logs=Path("logs"),
    version="1.2.3",
)
LANGUAGES: tuple[Language, ...] = ("zh-TW", "en")


def steps(name: str, here: Here = HERE, language: Language = "en") -> list[tuple[str, str]]:
    wanted = text(name, language)
    (entry,) = [each for each in menu(here, language, "state") if each.text == wanted]
    return [(step.word, step.about) for step in entry.steps]


def test_what_an_entry_does() -> None:
    assert steps("menu.page") == [("try", f'"{EXE}" --lang en desk --data-dir data')]
    assert steps("menu.doctor") == [("show", f'"{EXE}" --lang en doctor --config running.toml')]
    assert steps("menu.log") == [("open", "logs")]
    assert steps("menu.console") == [("show", f'"{EXE}" --lang en console start')]
    assert steps("menu.release") == [("show", f'"{EXE}" --lang en console release --config running.toml')]
    again = f'"{EXE}" stop --force --data-dir data'
    assert steps("menu.restart") == [("run", again), ("start", f'"{SILENT}" serve --log-level DEBUG')]


def test_what_hurts_is_asked_first() -> None:
    for name in ("menu.stop", "menu.console.again"):
        assert steps(name)[0][0] == "ask", name
    assert steps("menu.stop")[-1][0] == "leave"


def test_about_says_version_and_folder() -> None:
    ((word, said),) = steps("menu.about", language="zh-TW")
    assert (word, "1.2.3" in said, "data" in said) == ("tell", True, True)


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_entry_is_the_usual_one_and_the_first_only_tells(language: Language) -> None:
    entries = menu(HERE, language, "all is well")
    assert entries[0] == Entry("all is well")
    assert [entry.text for entry in entries if entry.default] == [text("menu.page", language)]
    assert all(entry.steps for entry in entries[1:] if entry.text)


def test_paths_with_blanks_stay_one_word() -> None:
    here = replace(HERE, data_dir=PureWindowsPath(r"C:\my data"))  # type: ignore[arg-type]
    assert ('"C:\\my data"') in steps("menu.stop", here)[1][1]


def test_lines_hold_whatever_stands_in_a_field() -> None:
    entry = Entry("a\tb", (Step("tell", "one\ntwo\\three"), Step("open", "x")), default=True)
    assert menu_lines([entry, Entry(), Entry("only text")]) == (
        b"menu\n"
        b"entry\tdefault\ta\\tb\ttell one\\ntwo\\\\three\topen x\n"
        b"entry\tplain\t\n"
        b"entry\toff\tonly text\n"
        b"shown\n"
    )


def test_lines_of_a_look() -> None:
    look = Look("red", ("console",))
    assert look_line(look, "zh-TW").decode() == "look\tred\tcshis-bridge: 主控台沒有執行或連不上\n"
    title, advice = text("console", "en"), text("advice", "en")
    assert balloon_line(look, "en").decode() == f"balloon\tcshis-bridge: {title}\t{advice}\n"
    assert gone_line("en").decode().split("\t")[0::3] == ["gone", f"{text('gone.advice', 'en')}\n"]
