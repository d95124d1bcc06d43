"""Answers of Viet Nam's portal that are anything at all: a program gets a result code and valid JSON, never
one about another card, and nothing that the visits do changes what is told about the card.
"""

from __future__ import annotations

import asyncio
import json
import os
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.bhyt.lookup_bench import CARD, FAMILY, HERE, LOOKUPS, pin_policy

FACTOR = int(os.environ.get("FUZZ_FACTOR", "1"))
OFTEN = settings(
    max_examples=150 * FACTOR,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
STRANGER = "DN4010000099999"
NUMBERS = st.sampled_from([CARD["mathe"], STRANGER, "", None, CARD["mathe"].lower(), f" {CARD['mathe']} "])
CODES = st.sampled_from([*FAMILY.results, "999", "00", "", 0, 200, None])
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8), st.floats(allow_nan=True))
WORDS = st.text(max_size=6)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=8,
)
NAMES = st.one_of(
    st.sampled_from([*FAMILY.reply.names, *FAMILY.reply.spellings]),
    st.sampled_from(FAMILY.reply.names).map(str.upper),
    st.text(max_size=6),
)


def replies(*lists: str) -> st.SearchStrategy[dict[str, Any]]:
    """Replies that look nearly right."""
    visits = st.none() | st.lists(st.dictionaries(NAMES, JSON, max_size=3), max_size=3) | JSON
    known = st.fixed_dictionaries(
        {"maKetQua": CODES},
        optional={**dict.fromkeys(FAMILY.reply.persons, NUMBERS), **dict.fromkeys(lists, visits)},
    )
    return st.builds(lambda more, given: {**more, **given}, st.dictionaries(NAMES, JSON, max_size=3), known)


def answers(*lists: str) -> st.SearchStrategy[tuple[int, bytes]]:
    """HTTP status and body, most of them JSON, with NaN and halves of characters as Python writes them."""
    texts = replies(*lists).map(json.dumps).map(str.encode)
    contents = st.one_of(texts, texts, JSON.map(json.dumps).map(str.encode), st.binary(max_size=40))
    return st.tuples(st.sampled_from([200] * 8 + [401, 403, 500]), contents)


def ask(name: str, first: tuple[int, bytes], visits: tuple[int, bytes]) -> dict[str, Any]:
    async def run() -> dict[str, Any]:
        async with pin_policy() as (desk, portal):
            portal.replies = [httpx.Response(first[0], content=first[1])]
            portal.visit_replies = [httpx.Response(visits[0], content=visits[1])]
            return await desk.look_up(LOOKUPS[name], CARD, HERE)

    return asyncio.run(run())


FIRST, VISITS = answers("dsLichSuKCB2018", "dsLichSuKT2018"), answers("dsLichSuKCB2025")
NOTHING = (503, b"")


@pytest.mark.parametrize("name", ["nhanLichSuKCB", "KQNhanLichSuKCB595", "KQNhanLichSuKCB2024"])
@settings(OFTEN)
@given(first=FIRST, visits=VISITS)
def test_a_lookup_has_an_answer_whatever_the_portal_says(
    name: str, first: tuple[int, bytes], visits: tuple[int, bytes]
) -> None:
    reply = ask(name, first, visits)
    json.dumps(reply, ensure_ascii=False, allow_nan=False).encode()
    assert reply["maKetQua"].isdecimal()
    told = [reply[person] for person in FAMILY.reply.persons if reply.get(person) is not None]
    numbers = {str(number).strip().zfill(10)[-10:] for number in told if str(number).strip()}
    assert not numbers or CARD["mathe"][-10:] in numbers
    alone = ask(name, first, NOTHING)
    list_name = LOOKUPS[name].renames.get("dsLichSuKCB2018", "dsLichSuKCB2018")
    for each in {*reply, *alone} - {list_name}:
        assert json.dumps(reply.get(each)) == json.dumps(alone.get(each))
    if alone.get(list_name) is not None:
        assert json.dumps(reply[list_name]) == json.dumps(alone[list_name])


@settings(OFTEN)
@given(visits=VISITS)
def test_the_visits_alone_have_an_answer_whatever_the_portal_says(visits: tuple[int, bytes]) -> None:
    reply = ask("Lskcb2025", NOTHING, visits)
    json.dumps(reply, ensure_ascii=False, allow_nan=False).encode()
    assert reply["maKetQua"].isdecimal()
