"""The Chinese catalogue: every text is in it, and nothing else; placeholders and terms are right."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import click
import polib
import pytest

from bridge.cli.main import main
from bridge.words import CHINESE, ENGLISH, reason, said, shown, speak, tr
from bridge.words.catalogue import SOURCE
from tests.support.texts import (
    ROOT,
    help_texts,
    marked_texts,
    settings_texts,
    texts_of_click,
    unmarked_texts,
    wrong_terms,
)

CLICK = "click"
EXCEPTIONS = re.compile(r"\bC00[1-3]\b")  # the insurer's own names of these kinds of visit: 例外就醫
DAYS = "d"  # in a progress bar
CATALOGUE = polib.pofile(str(SOURCE))
OWN = {entry.msgid: entry.msgstr for entry in CATALOGUE if CLICK not in entry.tcomment}
# What click says to whoever writes a command, and to nobody else.
TO_PROGRAMMERS = (
    "(dynamic)", "Arguments take exactly", "Boolean option", "Choice({choices})", "Could not determine name",
    "DeprecationWarning", "Invalid start character", "Name '{name}' defined twice", "No options defined",
    "Unknown color", "Unknown standard stream", "Value must be an iterable", "Windows error", "{editor}",
)  # fmt: skip


@pytest.fixture
def chinese() -> Iterator[None]:
    speak(CHINESE)
    yield
    speak(ENGLISH)


def _texts() -> dict[str, str]:
    """Every text, and where it stands."""
    return {text: place for place, text in (*help_texts(), *marked_texts(), *settings_texts())}


def test_no_text_is_missing() -> None:
    known = {entry.msgid for entry in CATALOGUE}
    missing = [f"{place}: {text!r}" for text, place in _texts().items() if text not in known]
    assert missing == []


def test_no_sentence_goes_to_people_in_english_alone() -> None:
    assert [f"{place}: {text!r}" for place, text in unmarked_texts()] == []


def test_an_unmarked_sentence_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text('raise UsageError(f"give {name} the right card")\n', encoding="utf-8")
    (tmp_path / "three.py").write_text('raise BadReply(self.name, f"{name} is no list")\n', encoding="utf-8")
    (tmp_path / "two.py").write_text('raise UsageError(tr("give a card"))\n', encoding="utf-8")
    assert list(unmarked_texts(tmp_path)) == [
        ("one.py:1", "give {} the right card"),
        ("three.py:1", "{} is no list"),
    ]


def test_no_text_is_unused() -> None:
    assert sorted(set(OWN) - set(_texts())) == []


def test_no_text_of_click_is_missing() -> None:
    known = {entry.msgid for entry in CATALOGUE}
    wanted = {one for one, _ in texts_of_click() if not one.startswith(TO_PROGRAMMERS) and one != DAYS}
    assert sorted(wanted - known) == []


def test_every_entry_is_there_once_and_translated() -> None:
    ids = [entry.msgid for entry in CATALOGUE]
    assert sorted(text for text in set(ids) if ids.count(text) > 1) == []
    assert [entry.msgid for entry in CATALOGUE if not entry.translated() or entry.fuzzy] == []


def placeholders(text: str) -> list[str]:
    """The placeholders of a template: names with their forms."""
    try:
        found = [f"{name}!{how}:{form}" for _, name, form, how in Formatter().parse(text) if name is not None]
    except ValueError:  # a help text with braces of its own
        found = re.findall(r"[{}]", text)
    return sorted([*found, *re.findall(r"%\(\w+\)s", text)])


@pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.msgid[:40])
def test_the_placeholders_are_the_same(entry: polib.POEntry) -> None:
    if entry.msgid_plural:
        assert placeholders(entry.msgstr_plural[0]) == placeholders(entry.msgid_plural)
    else:
        # a name may be said twice
        assert set(placeholders(entry.msgstr)) == set(placeholders(entry.msgid))


NOT_NAMES = {"cshis-bridge", "settings.md", "settings.zh"}
NAMES = re.compile(r"--[a-z][a-z-]+|\b[a-z_]+\.[a-z_]+\b|\bcshis-bridge(?: [a-z][a-z-]*)+|\bCSHIS_BRIDGE_\w+")


@pytest.mark.parametrize("text", OWN, ids=lambda text: text[:40])
def test_options_settings_and_commands_are_named_as_they_are(text: str) -> None:
    def named(words: str) -> set[str]:
        return {command_of(found) for found in NAMES.findall(words)} - NOT_NAMES

    assert named(OWN[text]) == named(text)


def command_of(words: str) -> str:
    """The words as far as they name a command; others as they are."""
    group: click.Command = main
    known: list[str] = []
    for word in words.split()[1:] if words.startswith("cshis-bridge ") else ():
        found = group.get_command(click.Context(group), word) if isinstance(group, click.Group) else None
        if found is None:
            break
        group, known = found, [*known, word]
    return " ".join(["cshis-bridge", *known]) if words.startswith("cshis-bridge ") else words


def test_terms_are_those_of_the_glossary() -> None:
    assert len(wrong_terms()) >= 10
    faults = [
        f"{text!r}: {wrong} instead of {term}"
        for text in OWN.values()
        for wrong, term in wrong_terms()
        if wrong in text
    ]
    assert faults == []


def test_the_table_speaks_the_terms_of_the_glossary() -> None:
    """What the table says to people ends in logs, pages and reports."""
    faults = [
        f"{file.name}, line {number}: {wrong} instead of {term}"
        for file in sorted((ROOT / "mappings").rglob("*.yaml"))
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        for wrong, term in wrong_terms()
        if wrong in line and not EXCEPTIONS.search(line)
    ]
    assert faults == []


def test_chinese_has_the_punctuation_of_chinese() -> None:
    """No comma or full stop of half a width behind a Chinese character."""
    assert [text for text in OWN.values() if re.search(r"[\u4e00-\u9fff][,;:?!](?!\S*=)", text)] == []


# --- how texts are said -------------------------------------------------------------------------------------


def test_without_a_language_everything_is_english() -> None:
    assert tr("{count} call(s)", count=3) == "3 call(s)"


@pytest.mark.usefixtures("chinese")
def test_a_text_is_said_in_the_language_in_use() -> None:
    assert tr("{count} call(s)", count=3) == "3 次呼叫"
    assert tr("there is no such text") == "there is no such text"


@pytest.mark.usefixtures("chinese")
def test_an_error_is_english_in_the_log_and_chinese_on_the_screen() -> None:
    inner = said("settings file {file} does not exist", file="a.toml")
    error = ValueError(said("nothing was sent: {error}", error=ValueError(inner)))
    assert str(error) == "nothing was sent: settings file a.toml does not exist"
    assert reason(error) == "什麼都沒有送出：設定檔 a.toml 不存在"
    assert reason(ValueError("plain")) == "plain"
    assert shown("plain") == "plain"


@pytest.mark.usefixtures("chinese")
def test_braces_in_a_value_are_no_placeholders() -> None:
    assert tr("{file} is empty", file="{name}") == "{name} 是空的"
