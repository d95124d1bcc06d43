"""Faults of codes.yaml, planted one by one in the project's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bridge.table.check.texts import check_texts
from bridge.table.explain.causes import VHC, causes
from bridge.table.loader import default_table
from bridge.table.model.texts import Texts

TABLE = default_table()
Content = dict[str, Any]


def _faults(edit: Callable[[Content], object]) -> list[str]:
    assert TABLE.texts is not None
    content = TABLE.texts.model_dump()
    edit(content)
    return list(check_texts(TABLE.model_copy(update={"texts": Texts.model_validate(content)})))


def _put(*path: Any) -> Callable[[Content], object]:
    def edit(content: Content) -> None:
        *way, last, value = path
        for key in way:
            content = content[key]
        content[last] = value

    return edit


def _drop(*path: Any) -> Callable[[Content], object]:
    def edit(content: Content) -> None:
        *way, last = path
        for key in way:
            content = content[key]
        del content[last]

    return edit


def test_the_projects_own_has_none() -> None:
    assert list(check_texts(TABLE)) == []


def test_the_projects_own_says_nothing_of_numbers_that_are_nowhere() -> None:
    texts, statuses = TABLE.texts, TABLE.statuses
    assert texts is not None
    assert set(texts.codes) == set(statuses.legacy_codes)
    assert set(texts.vhc) == set(statuses.vhc_codes)
    assert {k: set(v) for k, v in texts.statuses.items()} == {k: set(v) for k, v in statuses.sources.items()}


@pytest.mark.parametrize("door", ["", VHC])
def test_what_no_row_leads_to_says_why(door: str) -> None:
    assert TABLE.texts is not None
    texts = TABLE.texts.vhc if door else TABLE.texts.codes
    assert {code for code, text in texts.items() if text.never is None} == set(texts) & set(
        causes(TABLE, door)
    )


def test_a_table_without_texts_has_none() -> None:
    assert list(check_texts(TABLE.model_copy(update={"texts": None}))) == []


@pytest.mark.parametrize(
    ("edit", "fault"),
    [
        (_drop("codes", 5150), "codes: 5150 has no text"),
        (_drop("vhc", 1022), "vhc: 1022 has no text"),
        (_drop("statuses", "cloud", "3208"), "statuses: cloud: 3208 has no text"),
        (_put("codes", 5150, "do", "dance"), "there is no advice dance"),
        (_put("lookups", "about", "card", "dance"), "there is no advice dance"),
        (_put("advice", "dance", {"en": "Dance", "zh": "跳舞"}), "nothing refers to the advice dance"),
        (_put("codes", 5163, "never", "luck"), "there is no reason luck"),
        (_put("reasons", "luck", {"en": "Luck", "zh": "運氣"}), "nothing refers to the reason luck"),
        (_put("codes", 5150, "never", "reserved"), "codes: 5150: 'never' is wrong, a row leads to it"),
        (_put("vhc", 1022, "never", "vhc_other"), "vhc: 1022: 'never' is wrong, a row leads to it"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_fault(edit: Callable[[Content], object], fault: str) -> None:
    assert f"codes.yaml: {fault}" in _faults(edit)
