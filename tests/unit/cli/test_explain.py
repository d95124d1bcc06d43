"""The commands ``explain`` and ``functions``: what people and programs see, and how they end."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from bridge.bhyt.loader import load_lookups
from bridge.cli.main import main
from bridge.table.loader import default_table

TABLE = default_table()


def _run(*words: str) -> Result:
    return CliRunner().invoke(main, [*words])


def _json(*words: str) -> list[dict[str, object]]:
    done = _run("explain", "--json", *words)
    assert done.exit_code == 0
    found: list[dict[str, object]] = json.loads(done.stdout)["meanings"]
    return found


@pytest.mark.parametrize("word", ["5150", "-1", "0", "1002", "3208", "1022", "010", "cloud-timeout", "W12A"])
def test_a_word_is_explained(word: str) -> None:
    done = _run("explain", word)
    assert done.exit_code == 0
    assert done.stdout.splitlines()[0].split()[0] == word
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("typed", "meant"), [("５１５０", "5150"), ("－１", "-1"), ("Ａ０２０", "A020"), (" 5150　", "5150")]
)
def test_a_word_typed_in_full_width_or_with_blanks_is_explained(typed: str, meant: str) -> None:
    assert _run("explain", typed).stdout == _run("explain", meant).stdout != ""


def test_what_staff_read() -> None:
    shown = _run("explain", "5150").stdout
    assert "卡片中無此筆就醫記錄" in shown
    assert "The card has no such visit record" in shown
    assert "cloud 3208" in shown
    assert "csUnGetSeqNumber" in shown
    assert "處理" in shown


@pytest.mark.parametrize("row", list(TABLE.functions.values()), ids=lambda row: row.name)
def test_a_function_is_explained_whatever_the_letter_case(row: object) -> None:
    (found,) = _json(row.name.upper())  # type: ignore[attr-defined]
    assert (found["key"], found["zh"]) == (row.name, row.title)  # type: ignore[attr-defined]


def test_the_own_codes_of_a_function_stand_without_marks() -> None:
    (found,) = _json("csUnGetSeqNumber")
    codes = found["codes"]
    assert isinstance(codes, list)
    assert codes[0].startswith("5150 卡片中無此筆就醫記錄 (context rollback): cloud 3208")


def test_every_result_of_the_lookups_is_explained_in_vietnamese_and_english() -> None:
    family = load_lookups()
    assert family is not None
    for code, result in family.results.items():
        found = [each for each in _json(code) if "maKetQua" in str(each["what"])]
        assert len(found) == 1
        advice = found[0]["advice"]
        assert isinstance(advice, dict)
        own = [(key, fault) for key, fault in family.faults.items()]
        own += [(f"{key} (HTTP {fault.http})", fault) for key, fault in family.pass_through.faults.items()]
        own += [(f"HTTP {status}", fault) for status, fault in family.pass_through.refusals.items()]
        assert found[0].get("given", []) == [
            f"bridge: {key}: {fault.note}" for key, fault in own if fault.result == code
        ]
        assert found[0]["vi"] == result.meaning
        assert found[0]["en"]
        assert advice["vi"]
        assert advice["en"]
    assert TABLE.texts is not None
    assert set(TABLE.texts.lookups.results) == set(family.results)


def test_every_code_of_the_oldest_lookup_is_explained_with_what_becomes_it() -> None:
    family = load_lookups()
    assert family is not None
    results = family.lookups["nhanLichSuKCB"].results
    for code, old in results.items():
        (found,) = [each for each in _json(code) if "maKetQua of nhanLichSuKCB" in str(each["what"])]
        assert (found["vi"], bool(found["en"])) == (old.meaning, True)
        assert found["given"] == [
            f"maKetQua {', '.join(old.of)}"
            if old.of
            else "nothing any more: the portal compares it no longer"
        ]
    assert TABLE.texts is not None
    assert set(TABLE.texts.lookups.old_results) == set(results)


def test_what_the_bridge_refuses_before_it_looks_is_told_with_its_http_status() -> None:
    shown = _run("explain", "205").output
    assert "from nguồn" in shown
    assert "do cần làm" in shown
    assert "body-too-long (HTTP 413)" in shown
    assert "HTTP 400: tên máy chủ" in shown
    assert "HTTP 403: cầu nối không phục vụ" in _run("explain", "101").output


@pytest.mark.parametrize("code", ["054", "055"])
def test_a_refused_officer_is_explained_with_whose_entry_it_may_be(code: str) -> None:
    family = load_lookups()
    assert family is not None
    (found,) = [each for each in _json(code) if "maKetQua" in str(each["what"])]
    advice = found["advice"]
    assert isinstance(advice, dict)
    notes = family.officer_notes
    entry = notes.settings.format(entry="N").partition(", ")[2].removesuffix(")")
    told = (notes.program.removeprefix("cán bộ "), entry)
    for language in ("en", "zh", "vi"):
        assert [text for text in told if text not in advice[language]] == []


@pytest.mark.parametrize(
    ("word", "meant"),
    [("515o", "5150"), ("csUnGetSeqNo", "csUnGetSeqNumber"), ("cloudtimeout", "cloud-timeout")],
)
def test_an_unknown_word_ends_with_2_and_says_what_may_be_meant(word: str, meant: str) -> None:
    done = _run("explain", word)
    assert done.exit_code == 2
    assert done.stdout == ""
    assert "Did you mean" in done.stderr
    assert meant in done.stderr


@pytest.mark.parametrize("word", ["qqqqqqqq", "", "7777777777777777777777", "\udcff"])
def test_nonsense_ends_with_2_and_guesses_nothing(word: str) -> None:
    done = _run("explain", word)
    assert done.exit_code == 2
    assert "Did you mean" not in done.stderr


def test_all_functions_are_listed() -> None:
    shown = _run("functions").stdout
    assert [line.split()[0] for line in shown.splitlines()] == list(TABLE.functions)


@pytest.mark.parametrize("word", ["退掛", "UNGETSEQ", "gives a visit number back", "1.39"])
def test_functions_are_filtered_by_name_title_and_description(word: str) -> None:
    done = _run("functions", "--json", word)
    assert [each["name"] for each in json.loads(done.stdout)] == ["csUnGetSeqNumber"]


def test_a_function_that_is_not_served_says_so() -> None:
    assert "-2" in _run("functions", "hisWriteOrganDonate").stdout
    (found,) = json.loads(_run("functions", "hisWriteOrganDonate", "--json").stdout)
    assert (found["served"], found["status"]) == (False, "unsupported")


def test_no_such_function() -> None:
    done = _run("functions", "qqqq")
    assert done.exit_code == 2
    assert "qqqq" in done.stderr
