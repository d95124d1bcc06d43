"""The page has words for everything that it says, in both languages."""

from __future__ import annotations

import json
import re
from importlib import resources

from bridge.reader.pin import questions
from bridge.reader.state import Why
from bridge.sim.faults import KINDS
from tests.support.texts import wrong_terms

PAGE = resources.files("bridge.desk").joinpath("page")
SOURCES = {
    each.name: each.read_text(encoding="utf-8") for each in PAGE.iterdir() if each.name.endswith(".js")
}
TEXT = r'"(?:[^"\\]|\\.)*"'
ENTRY = re.compile(rf'^  ("[a-z_.-]+"): (\[\s*{TEXT},\s*{TEXT}\]),$', re.MULTILINE)
HAN = re.compile(r"[㐀-鿿]")
WORDS = {
    json.loads(key): json.loads(re.sub(r"\s*\n\s*", "", texts))
    for key, texts in ENTRY.findall(SOURCES["words.js"])
}
SAME = {"other"}  # each names the other language


def test_all_entries_were_found() -> None:
    assert len(WORDS) == len(re.findall(r'^  "[^"]+": \[', SOURCES["words.js"], re.MULTILINE)) > 200


def test_each_has_chinese_and_english_with_the_same_values() -> None:
    for key, (chinese, english) in WORDS.items():
        assert chinese, key
        assert english, key
        values = [set(re.findall(r"\{(\w+)\}", text)) for text in (chinese, english)]
        assert values[0] == values[1], key
        if key not in SAME:
            assert not HAN.search(english), key


def test_terms_are_those_of_the_glossary() -> None:
    """docs/reference/terms.md, as for all other texts."""
    faults = [
        f"{key}: {wrong} instead of {term}"
        for key, (chinese, _) in WORDS.items()
        for wrong, term in wrong_terms()
        if wrong in chinese
    ]
    assert faults == []


def test_chinese_has_the_punctuation_of_chinese() -> None:
    for key, (chinese, _) in WORDS.items():
        assert not re.search(r"[㐀-鿿][,;:?!]", chinese), key


def test_each_key_that_is_written_out_is_there() -> None:
    for name, source in SOURCES.items():
        for key in re.findall(r'\bt\("([^"]+)"', source):
            assert key in WORDS, (name, key)


def test_each_key_that_is_put_together_is_there() -> None:
    source = resources.files("bridge.desk").joinpath("now.py").read_text(encoding="utf-8")
    said = re.findall(r'Tile\("(\w+)", (?:"\w+"|level), "(\w+)"', source)
    assert len(said) > 25
    for name, says in said:
        assert f"now.{name}.{says}" in WORDS, (name, says)
        assert f"tile.{name}" in WORDS
        assert name != "what_now" or f"now.what_now.{says}.way" in WORDS
    assert all(f"now.card.{says}" in WORDS for says in ("presented", "in_use", "in_visit"))
    for why in Why:
        assert f"why.{why.name.lower()}" in WORDS
    keys = {each.key for each in vars(questions).values() if isinstance(each, questions.PinQuestion)}
    assert len(keys) > 4
    for key in keys:
        assert f"question.{key}" in WORDS
    for kind in KINDS:
        assert f"sim.fault.{kind}" in WORDS


def test_no_key_is_unused() -> None:
    together = "".join(SOURCES[name] for name in SOURCES if name != "words.js")
    prefixes = set(re.findall(r"[`\"]([a-z_.]+)\$\{", together))
    listed = {f"{prefix}{name}" for prefix in prefixes for name in re.findall(r'"(\w+)"', together)}
    for key in WORDS:
        known = f'"{key}"' in together or key in listed or any(key.startswith(prefix) for prefix in prefixes)
        assert known, key
