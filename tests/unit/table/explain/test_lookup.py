"""What is said of a number: every meaning, in both languages, with what to do."""

from __future__ import annotations

import re

import pytest

from bridge.table.explain.lookup import Explanation, becomes, explain, known_words
from bridge.table.loader import default_table
from tests.support.small_table import small_table

TABLE = default_table()


def _one(word: str) -> Explanation:
    (found,) = explain(TABLE, word)
    return found


@pytest.mark.parametrize("word", known_words(TABLE))
def test_everything_known_has_meaning_and_advice_in_both_languages(word: str) -> None:
    found = explain(TABLE, word)
    assert found
    for each in found:
        assert each.en
        assert each.zh
        for words in (each.never, each.advice):
            assert words is None or (words.en and words.zh)
        if each.what != "no code":
            assert each.advice is not None or each.steps is not None
        assert each.given or each.becomes or each.never or each.steps or each.what == "no code" or word == "0"


def test_a_number_may_mean_several_things() -> None:
    assert [each.what for each in explain(TABLE, "9002")] == [
        "return code of cshis.dll",
        "return code of the upload centre (醫療資訊傳輸服務)",
    ]
    assert [each.what for each in explain(TABLE, "0")] == [
        "return code of cshis.dll",
        "status of the console (主控台)",
    ]


def test_a_status_says_what_it_becomes_and_where_it_becomes_something_else() -> None:
    assert _one("3208").becomes == ("5022", "5150: csUnGetSeqNumber")
    assert _one("1520").becomes == ("4033", "-1: csOpenCom", "1022: on the paths of the virtual-card SDK")
    assert next(iter(becomes(TABLE, "console", "1102"))) == "4013"


def test_a_code_that_6_0_never_gives_says_why() -> None:
    found = _one("5163")
    assert found.given == ()
    assert found.never is not None
    assert "cloud" in found.never.en


@pytest.mark.parametrize("word", ["A020", "a021"])
def test_an_exceptional_visit_is_found_by_either_code(word: str) -> None:
    found = _one(word)
    assert found.key == "A020 (A021)"
    assert found.steps is not None
    assert any("hisGetTreatNumNoICCard" in step for step in found.steps.zh)
    assert any("hisGetTreatNumNoICCard" in step for step in found.steps.en)


@pytest.mark.parametrize("word", ["W001", "w00a", "WZZZ"])
def test_a_visit_number_is_no_code(word: str) -> None:
    assert "V000" in _one(word).en


@pytest.mark.parametrize(
    "word", ["", "x", "05150", "+5150", "5150 ", "W01", "W0001", "999999", "１００２", "-0"]
)
def test_what_nobody_knows_is_not_explained(word: str) -> None:
    assert explain(TABLE, word) == []


def test_a_table_without_texts_explains_nothing() -> None:
    assert explain(small_table(), "4000") == []
    assert known_words(small_table()) == []


def test_the_word_for_exceptional_visits_leads_to_codes_and_a_function_that_there_are() -> None:
    (found,) = explain(TABLE, "異常就醫")
    codes = re.findall(r"\b[A-Z][0-9]{3}\b", found.en)
    assert len(codes) == 4
    assert all(explain(TABLE, code)[0].steps for code in codes)
    assert re.findall(r"his\w+", found.en) == ["hisGetTreatNumNoICCard"]
    assert "hisGetTreatNumNoICCard" in TABLE.functions
