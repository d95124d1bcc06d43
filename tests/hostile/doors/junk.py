"""Strategies for what nobody meant to send: bytes near a good value, JSON of any kind, trees with holes."""

from __future__ import annotations

import copy
import random
from typing import Any

from hypothesis import strategies as st

WORDS = (
    "", " ", "0", "-1", "1.5", "1e9", "null", "NaN", "\0", "\ud800", "測試十", "堃", "０９２", "A" * 300,
    "9" * 50,
    "0920315", "0920231", "1150230", "20261125", "2026-11-25T18:00:00", "99999999999999", "Y", "Z299999929",
    "000073898381", "[", "]", "%", "'", '"', "\r\n", "😀", "\x85", "\u2028", "١٢٣", "²",
)  # fmt: skip

scalars = st.one_of(
    st.sampled_from(WORDS),
    st.text(max_size=20),
    st.sampled_from([None, True, False, 0, 1, -1, 6000, 32768, -32769, 10**20, 10**400, 0.1, 1e308]),
    st.sampled_from([float("nan"), float("inf"), float("-inf")]),
    st.integers(),
)
any_json = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4),
    max_leaves=8,
)


def paths(tree: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every node of a tree of dictionaries and lists, but for its root."""
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    found = []
    for key, value in items:
        found.append((*here, key))
        found += paths(value, (*here, key))
    return found


def damaged(tree: Any, chance: random.Random, junk: list[Any]) -> Any:
    """A copy of the tree in which one to three nodes are left out, doubled, or are something else."""
    made = copy.deepcopy(tree)
    for _ in range(chance.randint(1, 3)):
        ways = paths(made)
        if not ways:
            return made
        way = chance.choice(ways)
        inside = made
        for key in way[:-1]:
            inside = inside[key]
        what = chance.randrange(4)
        if what == 0:
            del inside[way[-1]]
        elif what == 1 and isinstance(inside, list):
            inside.insert(way[-1], copy.deepcopy(inside[way[-1]]))
        elif what == 2:
            inside[way[-1]] = copy.deepcopy(inside_of(made, chance.choice(ways)))
        else:
            inside[way[-1]] = copy.deepcopy(chance.choice(junk))
    return made


def inside_of(tree: Any, way: tuple[Any, ...]) -> Any:
    """The node at the end of a way; None where it does not lead anywhere any more."""
    for key in way:
        try:
            tree = tree[key]
        except (KeyError, IndexError, TypeError):
            return None
    return tree


def near(good: bytes) -> st.SearchStrategy[bytes]:
    """Bytes like the good ones: other bytes in them, cut, prolonged; and any others."""
    return st.one_of(
        st.just(good),
        st.builds(_edited, st.just(good), st.integers(0, 2**32)),
        st.binary(max_size=80),
        st.integers(0, 400).map(lambda width: b" " * width),
        st.sampled_from(
            [b"", b"\0", b"\xff" * 8, "０９２０３１５".encode("cp950"), b"\xa1", b"-1", b"1.", b"."]
        ),
        st.builds(lambda word: word.encode("cp950", "ignore"), st.sampled_from(WORDS)),
    )


def _edited(good: bytes, seed: int) -> bytes:
    chance = random.Random(seed)
    made = bytearray(good)
    for _ in range(chance.randint(1, 4)):
        at = chance.randint(0, len(made))
        piece = bytes(chance.choice(b" \0\xff\xa10123456789.[]-AZ%\t") for _ in range(chance.randint(0, 3)))
        made[at : at + chance.randint(0, 3)] = piece
    return bytes(made)
