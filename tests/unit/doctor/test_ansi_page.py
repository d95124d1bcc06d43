"""The machine's code page for ANSI programs."""

from __future__ import annotations

import sys

import pytest

from bridge.doctor.ansi_page import ansi_page, check_ansi_page


@pytest.mark.parametrize(
    ("page", "status", "said"),
    [
        (950, "ok", ""),
        (1252, "warning", "names are shown as other characters."),
        (936, "warning", "names are shown as other characters."),
        (932, "warning", "or lost, and fields move."),
        (65001, "warning", "or lost, and fields move."),
    ],
)
def test_what_is_said_of_a_code_page(page: int, status: str, said: str) -> None:
    (finding,) = check_ansi_page(page)
    assert (finding.check, finding.status) == ("text.ansi_page", status)
    assert f"code page {page}" in finding.what
    assert said in finding.why
    assert ("系統地區設定" in finding.advice) == (status == "warning")


def test_only_windows_has_one() -> None:
    assert (ansi_page() is None) == (sys.platform != "win32")
    assert list(check_ansi_page(None)) == []
