"""The watch over all requests of the run: it lets pass what stands in the table, and nothing else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bridge.reader.use import Use
from bridge.table.loader import default_table
from bridge.table.model.rows import Step
from tests.support.bridge_process import ROOT, clean_environment
from tests.support.simulated import Bench
from tests.support.table_watch import SEEN, Seen, requests_of

PLANTED = """
from contextlib import suppress

from bridge.errors import HttpFault
from bridge.reader.use import Use

async def test_planted(bench):
    with suppress(HttpFault):
        await bench.reader.request(Use(), (), "{method}", "{path}", None)
"""


@pytest.mark.parametrize(
    ("request_", "stands"),
    [
        (("console", "POST", "/api/common/v1/Initial"), True),
        (("console", "GET", "/api/common/v1/Initial"), False),
        (("console", "POST", "/api/hc/v1/Signature/HpcHc"), True),
        (("console", "POST", "/api/v1/BasicData/Query"), False),
        (("console", "DELETE", "/api/settings/v1/CloudSam/901000000047"), True),
        (("console", "DELETE", "/api/settings/v1/CloudSam/"), False),
        (("console", "DELETE", "/api/settings/v1/CloudSam/901000000047/x"), False),
        (("console", "PUT", "/api/settings/v1/CloudSam/901000000047"), False),
        (("cloud", "DELETE", "/api/settings/v1/CloudSam/901000000047"), False),
        (("cloud", "POST", "/api/v1/BasicData/Query"), True),
        (("cloud", "POST", "/api/v1/BasicData/Query/"), False),
        (("cloud", "HEAD", "/"), True),
        (("cloud", "GET", "/"), False),
        (("portal", "POST", "/anything"), True),
    ],
)
def test_a_request_stands_in_the_table_or_is_named(request_: tuple[str, str, str], stands: bool) -> None:
    seen = Seen()
    seen.note(*request_)
    service, method, path = request_
    assert [line.partition(" (first")[0] for line in seen.strangers()] == (
        [] if stands else [f"{service}: {method} {path}"]
    )


def test_a_request_of_a_table_that_a_test_uses_is_known() -> None:
    table = default_table()
    step = Step(id="new", provenance="test", console="GET /api/v9/New")
    row = table.functions["hisGetBasicData"].model_copy(update={"steps": (step,)})
    seen = Seen()
    seen.note("console", "GET", "/api/v9/New")
    assert len(seen.strangers()) == 1
    seen.uses(table.model_copy(update={"functions": {"hisGetBasicData": row}}))
    assert seen.strangers() == []


async def test_what_a_bench_asks_is_seen(bench: Bench) -> None:
    await bench.reader.open(Use(), 0)
    await (await bench.reader.sign(Use(), "hc", "01")).proved()
    expected = {
        ("console", "POST", "/api/common/v1/Initial"),
        ("console", "POST", "/api/hc/v1/Signature/Hc"),
    }
    assert expected <= set(SEEN.requests)
    assert expected <= set(requests_of(default_table()))


@pytest.mark.parametrize(
    ("method", "path", "fails"),
    [("GET", "/api/common/v1/Status", False), ("GET", "/api/settings/v1/LocalSam", True)],
)
def test_a_planted_request_fails_the_run(tmp_path: Path, method: str, path: str, fails: bool) -> None:
    file = tmp_path / "test_planted.py"
    file.write_text(PLANTED.format(method=method, path=path), encoding="utf-8")
    plugins = ("-p", "tests.support.table_watch", "-p", "tests.support.plugin", "-p", "no:cacheprovider")
    options = ("-o", "asyncio_mode=auto", "-o", "asyncio_default_fixture_loop_scope=function")
    made = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *plugins, *options, "--rootdir", str(tmp_path), str(file)],
        cwd=ROOT,
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "1 passed" in made.stdout, made.stdout + made.stderr
    named = f"NOT IN THE TABLE console: {method} {path} (first in test_planted.py::test_planted"
    assert (made.returncode, named in made.stdout) == ((1, True) if fails else (0, False)), made.stdout
