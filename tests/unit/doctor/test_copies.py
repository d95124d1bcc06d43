"""What the doctor says of all cshis.dll of a machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.doctor.copies import check_copies, check_failed, placed_folders
from bridge.doctor.examine import examine
from bridge.doctor.finding import Finding
from bridge.installing.copies import Copy
from bridge.installing.placed import Entry, remember
from bridge.installing.searching import Search

HIS = Path("/C/HIS/cshis.dll")
BOOT = Path("/C/NHI/LIB/cshis.dll")


def copy(path: Path = HIS, **further: object) -> Copy:
    usual: dict[str, object] = {
        "sha256": "ab" * 32,
        "machine": "x86",
        "version": "6.0.1.0",
        "kind": "bridge",
        "current": True,
        "placed": True,
        "original": None,
    }
    return Copy(path=path, **{**usual, **further})  # type: ignore[arg-type]


def look(*copies: Copy) -> list[Finding]:
    return list(check_copies(Search(copies=list(copies))))


@pytest.mark.parametrize(
    ("given", "status", "words"),
    [
        (copy(original=HIS.with_name("cshis.dll.before-bridge")), "ok", "before-bridge is kept"),
        (copy(), "ok", "32-bit, version 6.0.1.0, sha256 abababababab, the bridge's own"),
        (copy(current=False), "warning", "of another version"),
        (copy(placed=False), "unknown", "by a script"),
        (copy(kind="other", version=None), "unknown", "version unknown"),
        (copy(kind="recorder"), "unknown", "a recorder"),
        (copy(BOOT), "ok", "Scripts of hospitals copy"),
    ],
)
def test_a_copy(given: Copy, status: str, words: str) -> None:
    (finding,) = look(given)
    assert (finding.status, words in finding.what) == (status, True), finding


def test_one_that_a_script_has_overwritten_with_the_official_one() -> None:
    kept = HIS.with_name("cshis.dll.before-bridge")
    boot, his = look(copy(BOOT, kind="other"), copy(kind="other", placed=False, original=kept))
    assert (boot.status, his.status) == ("unknown", "warning")
    assert str(BOOT.parent) in his.what
    assert "--allow-nhi-lib" in his.advice
    (alone,) = look(copy(kind="other", placed=False, original=kept))
    assert alone.status == "unknown"


def test_what_could_not_be_read_or_found() -> None:
    assert [f.status for f in check_copies(Search(unread={HIS: "Permission denied"}))] == ["unknown"]
    assert "no cshis.dll was found" in look()[0].what


def test_folders_where_it_failed_and_where_it_did_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CSHIS_BRIDGE_DATA_DIR", str(tmp_path / "data"))
    served, failed = tmp_path / "A", tmp_path / "B"
    served.mkdir()
    remember(Entry(served))
    remember(Entry(failed, failed="cshis.dll is in use"))
    (finding,) = check_failed()
    assert (finding.status, "is in use" in finding.what) == ("warning", True)
    assert placed_folders() == [served]
    titles = {section.title for section in examine(None, tmp_path / "data", [])}
    assert {f"DLL in {served}", "Folders without their DLL"} <= titles
