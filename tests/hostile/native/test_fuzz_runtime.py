"""A million hostile inputs to the C runtime: replies, arguments, sockets, settings.

What each fuzzer requires stands in its C file: nothing is written where it may not be, no 0 by accident.
The second half breaks the runtime on purpose: each fuzzer must notice.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from bridge.table.loader import default_table
from native.build import SHIM
from tests.hostile.native.fuzzing import FUZZERS, Fuzzer, Outcome, fuzz
from tests.hostile.native.shapes import write_shapes

pytestmark = pytest.mark.usefixtures("tools")
ALL = 1_000_000
RUNS_TO_NOTICE = 100_000
SEEDS_TO_NOTICE = (1, 2, 3)  # where a run goes depends on the machine, too
BY_NAME = {fuzzer.name: fuzzer for fuzzer in FUZZERS}


@pytest.fixture(scope="module")
def counted() -> dict[str, int]:
    """How many inputs each fuzzer has run."""
    return {}


@pytest.fixture(scope="module")
def running(request: pytest.FixtureRequest, fuzz_folder: Path) -> Iterator[dict[str, Future[Outcome]]]:
    """The fuzzers that were chosen, two at a time."""

    def run(fuzzer: Fuzzer) -> Outcome:
        return fuzz(fuzzer.compile(fuzz_folder), fuzzer.write_corpus(fuzz_folder), fuzzer.runs)

    given = [item.callspec.params for item in request.session.items if hasattr(item, "callspec")]
    chosen = [params["fuzzer"] for params in given if "fuzzer" in params]
    with ThreadPoolExecutor(2) as pool:
        yield {fuzzer.name: pool.submit(run, fuzzer) for fuzzer in chosen}


@pytest.mark.parametrize("fuzzer", FUZZERS, ids=lambda fuzzer: fuzzer.name)
def test_hostile_inputs(
    fuzzer: Fuzzer,
    running: dict[str, Future[Outcome]],
    counted: dict[str, int],
    capsys: pytest.CaptureFixture[str],
) -> None:
    outcome = running[fuzzer.name].result()
    assert outcome.code == 0, f"{outcome.crash}\n{outcome.said[-4000:]}"
    counted[fuzzer.name] = outcome.runs
    with capsys.disabled():
        print(f"\nfuzz_{fuzzer.name}: {outcome.runs:,} inputs", end="")
    assert outcome.runs >= fuzzer.runs


def test_a_million_were_run(counted: dict[str, int]) -> None:
    if set(counted) != set(BY_NAME):
        pytest.skip("not all fuzzers were chosen")
    assert sum(counted.values()) >= ALL, counted


FAULTS: dict[str, tuple[str, str, str, str]] = {
    "an output beyond the capacity": (
        "reply",
        "marshal.c",
        "output->length <= (size_t)call->capacities[index]",
        "call->capacities[index] > 0",
    ),
    "a refusal that says success": ("reply", "marshal.c", " || refused == 0", ""),
    "bytes left over": (
        "reply",
        "marshal.c",
        "cursor->left != 0)\n        return false;\n    if (!can",
        "false)\n        return false;\n    if (!can",
    ),
    "another call's number": ("reply", "marshal.c", " || header.number != call->number", ""),
    "a text_out that is too long": ("reply", "marshal.c", "output->length <= slot->most", "true"),
    "a null pointer": ("pack", "marshal.c", "if (word.pointer == NULL)\n        return true;", ""),
    "a byte beyond a string without a NUL": (
        "pack",
        "marshal.c",
        "i < most && i < readable && text[i]",
        "i <= most && text[i]",
    ),
    "a capacity below zero": ("pack", "marshal.c", "capacity <= 0 || ", ""),
    "memory that runs out": ("pack", "bytes.c", "if (larger == NULL)\n        return false;", ""),
    "a request that is sent again": (
        "stream",
        "channel.c",
        "    drop(connection); /* a reply",
        "    (void)send_or_resend(connection, request, deadline);\n    drop(connection); /* a reply",
    ),
    "a call to one who has proved nothing": (
        "stream",
        "greeting.c",
        "return same(proof, nonce + NONCE, sizeof proof) ? nonce : NULL;",
        "return same(proof, nonce + NONCE, sizeof proof) || true ? nonce : NULL;",
    ),
    "any frame taken for an eviction": (
        "stream",
        "frame.c",
        "return header->kind == CSHIS_EVICTION_FRAME && header->length == 0;",
        "return header->length == 0;",
    ),
    "a late reply for the next call": (
        "stream",
        "channel.c",
        "    drop(connection); /* a reply",
        "    (void)0; /* a reply",
    ),
    "half a reply": ("stream", "stream.c", "received += (size_t)taken;", "received = length;"),
    "a host that is too long": ("place", "place.c", " || length >= sizeof place->host", ""),
    "a token that is none": ("place", "place.c", "if (high < 0 || low < 0)", "if (false)"),
    "a file that stays open": ("place", "place.c", "    fclose(ini);", "    (void)ini;"),
}


@pytest.mark.parametrize(("name", "file", "right", "wrong"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_in_the_runtime_is_noticed(
    name: str, file: str, right: str, wrong: str, tmp_path: Path
) -> None:
    shim = tmp_path / "shim"
    shutil.copytree(SHIM, shim)
    source = (shim / file).read_text(encoding="utf-8")
    assert source.count(right) == 1, "this line of the runtime has changed; change it here too"
    (shim / file).write_text(source.replace(right, wrong), encoding="utf-8")
    write_shapes(default_table(), tmp_path)
    program = BY_NAME[name].compile(tmp_path, shim)
    corpus = BY_NAME[name].write_corpus(tmp_path)
    tries = (fuzz(program, corpus, RUNS_TO_NOTICE, seed) for seed in SEEDS_TO_NOTICE)
    outcome = next((each for each in tries if each.code != 0), None)
    assert outcome is not None, "no seed has found it"
    assert outcome.crash
