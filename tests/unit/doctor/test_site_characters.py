"""The list of user-defined characters (造字), as doctor sees it."""

from __future__ import annotations

from pathlib import Path

from bridge.config import TextSettings
from bridge.doctor.finding import Finding
from bridge.doctor.site_characters import check_site_characters


def finding(settings: TextSettings) -> Finding:
    (found,) = check_site_characters(settings)
    return found


def test_without_a_list_it_says_what_becomes_of_such_characters() -> None:
    found = finding(TextSettings())
    assert (found.status, found.check) == ("ok", "text.eudc")
    assert "as □" in found.what
    assert "6018" in found.what
    assert "`eudc` of `[text]`" in found.advice


def test_a_list_is_counted(tmp_path: Path) -> None:
    file = tmp_path / "eudc.txt"
    file.write_text("FA40 堃\nFA41 喆\n", encoding="utf-8")
    assert finding(TextSettings(eudc=file)) == Finding(
        "text.eudc", "ok", f"{file} lists 2 user-defined character(s) (造字)"
    )


def test_a_list_that_cannot_be_used_is_broken(tmp_path: Path) -> None:
    file = tmp_path / "eudc.txt"
    for content, reason in (
        (b"FA40 U+5803\nA440 U+5803", "[text] eudc, line 2: A440 is not"),
        ("FA40 堃".encode("cp1252", "backslashreplace") + b"\xb4", "is not UTF-8 at byte"),
    ):
        file.write_bytes(content)
        found = finding(TextSettings(eudc=file))
        assert (found.status, reason in found.what) == ("broken", True), found.what
    file.unlink()
    assert "cannot be read: No such file" in finding(TextSettings(eudc=file)).what
