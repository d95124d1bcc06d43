"""The client library and its driver under the eyes of AddressSanitizer and UBSan, or of valgrind."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bridge.table.loader import default_table
from native import build as native_build
from native.build import CLIENT, build, library_folder
from tests.support.hosts.driver import build_driver
from tests.support.legacy_routes import NativeRoute

DEBUG = ("-g", "-O1", "-fno-omit-frame-pointer")
SANITIZERS = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")
LIMITS = "exitcode=66:detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1"


@dataclass(frozen=True)
class Checked:
    """A library, the command that starts a driver, the environment, and where faults are reported."""

    library: Path
    command: tuple[str | Path, ...]
    environment: Mapping[str, str]
    reports: Path

    def faults(self) -> str:
        """What was reported by the drivers that have ended."""
        texts = (report.read_text(errors="replace") for report in sorted(self.reports.iterdir()))
        return "\n".join(text for text in texts if text.strip())


def sanitized(folder: Path) -> Checked:
    """Library and driver compiled by gcc with both sanitizers; any fault ends the driver."""
    library, driver = _compiled(folder, *SANITIZERS)
    reports = folder / "reports"
    reports.mkdir()
    log = f"log_path={reports}/report"
    environment = {
        "ASAN_OPTIONS": f"{log}:{LIMITS}",
        "UBSAN_OPTIONS": f"{log}:print_stacktrace=1:halt_on_error=1",
        "LSAN_OPTIONS": log,
    }
    return Checked(library, (driver,), environment, reports)


def under_valgrind(folder: Path) -> Checked:
    """The driver as valgrind runs it: every read of undefined bytes and every lost block is an error."""
    library, driver = _compiled(folder)
    reports = folder / "reports"
    reports.mkdir()
    options = (
        "--error-exitcode=66",
        "--leak-check=full",
        "--errors-for-leak-kinds=definite,indirect,possible",
        "--track-origins=yes",
        f"--log-file={reports}/report.%p",
        "--quiet",
    )
    return Checked(library, ("valgrind", *options, driver), {}, reports)


def _compiled(folder: Path, *flags: str) -> tuple[Path, Path]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CC", "gcc")  # its sanitizers are shared libraries, which a library can be linked with
        build("client", folder, default_table(), extra=(*DEBUG, *flags))
        driver = build_driver(folder, *DEBUG, *flags)
    return library_folder(folder) / CLIENT, driver


def break_shim(monkeypatch: pytest.MonkeyPatch, folder: Path, file: str, *changes: tuple[str, str]) -> None:
    """Let libraries be built from a copy of the sources in ``folder`` in which these texts are changed."""
    shim = folder / native_build.SHIM.name
    for sources in {file.parent for file in native_build.NATIVE.glob("*/*.c")}:
        shutil.copytree(sources, folder / sources.name)
    source = (shim / file).read_text(encoding="utf-8")
    for right, wrong in changes:
        assert source.count(right) == 1, "this line of the runtime has changed; change it here too"
        source = source.replace(right, wrong)
    (shim / file).write_text(source, encoding="utf-8")
    monkeypatch.setattr(native_build, "NATIVE", folder)


@contextmanager
def checked_route(name: str, checked: Checked, env: Mapping[str, str]) -> Iterator[NativeRoute]:
    """A route through the checked library. When it ends, no fault may have been reported."""
    with NativeRoute(
        name, checked.library, checked.library.parent, {**env, **checked.environment}, checked.command
    ) as route:
        yield route
    assert not checked.faults(), checked.faults()
