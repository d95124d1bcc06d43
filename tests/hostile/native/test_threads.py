"""Many threads of one program call at once and end: nothing is shared unguarded, nothing of them is left.

Watched by ThreadSanitizer, then by AddressSanitizer with its search for leaks.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from bridge.table.loader import default_table
from native.build import CLIENT, build, library_folder
from native.compiler import compile_program
from tests.hostile.native.checked import break_shim
from tests.support.bridge_process import Bridge, clean_environment
from tests.support.fake_bridge import FakeBridge

pytestmark = pytest.mark.usefixtures("tools")
CALLER = Path(__file__).parents[3] / "benchmarks" / "shim_calls.c"
FLAGS = ("-g", "-O1")
FAULTY = 66
WITHOUT_RANDOM_ADDRESSES = ("setarch", "-R")  # which the sanitizer of an older gcc needs on a newer kernel


def call(
    folder: Path, bridge: str, function: str, calls: int, sanitizer: str = "thread"
) -> subprocess.CompletedProcess[str]:
    """Eight threads make so many calls each. Where ThreadSanitizer cannot run at all, the test is skipped."""
    flags = (*FLAGS, f"-fsanitize={sanitizer}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CC", "gcc")
        build("client", folder, default_table(), extra=flags)
        program = compile_program(CALLER, folder / "calls", *flags, "-ldl", "-pthread")
    exitcode = f"exitcode={FAULTY}"
    env = clean_environment(CSHIS_BRIDGE=bridge, TSAN_OPTIONS=exitcode, ASAN_OPTIONS=exitcode)
    command = [program, library_folder(folder) / CLIENT, function, str(calls), "2", "8"]
    for prefix in ((), WITHOUT_RANDOM_ADDRESSES):
        done = subprocess.run([*prefix, *command], env=env, capture_output=True, text=True, timeout=120)
        if "unexpected memory mapping" not in done.stderr and "personality" not in done.stderr:
            return done
    pytest.skip("ThreadSanitizer does not run on this kernel: " + done.stderr.strip())


@pytest.mark.parametrize("sanitizer", ["thread", "address,undefined"])
@pytest.mark.parametrize(("function", "calls"), [("csCloseCom", 100), ("hisGetBasicData", 10)])
def test_threads_share_nothing_unguarded_and_leave_nothing(
    function: str, calls: int, sanitizer: str, bridge: Bridge, tmp_path: Path
) -> None:
    done = call(tmp_path, bridge.ready["channel"], function, calls, sanitizer)
    assert (done.returncode, done.stderr) == (0, "")
    assert '"failures": 0' in done.stdout


def test_what_a_thread_leaves_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    break_shim(monkeypatch, tmp_path, "channel.c", ("    drop(value);\n    free(value);", "    drop(value);"))
    with FakeBridge() as fake:
        done = call(tmp_path, fake.address, "csCloseCom", 1, "address")
    assert done.returncode == FAULTY
    assert "own_connection" in done.stderr


def test_what_is_shared_unguarded_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changes = (("static atomic_uint", "static uint"), ("atomic_fetch_add(&calls, 1)", "calls++"))
    break_shim(monkeypatch, tmp_path, "call.c", *changes)
    with FakeBridge() as fake:
        done = call(tmp_path, fake.address, "csCloseCom", 50)
    assert done.returncode == FAULTY
    assert "data race" in done.stderr
