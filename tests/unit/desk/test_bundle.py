"""The support bundle: everything that helps, and no line with a person in it."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pytest

from bridge.desk.bundle import kind_of, make_bundle
from tests.support.log_leaks import _people, kinds_in

SIGNATURE = "QUJD" * 60
LINES = {
    "call=7 function=hisGetBasicData Z299999929": "id number",
    "an id in the new form A800000014.": "id number",
    "as typed: z299999929": "id number",
    "in full width: Ｚ２９９９９９９２９": "id number",
    'card "000073898381"': "card number",
    "born 1992-03-15 or so": "western birthday",
    "pBirthday=20030315": "western birthday",
    "born 0920315, they say": "birthday",
    f"signature {SIGNATURE}": "signature",
    "token MBHcF0FgRHdhp9GgHqfcCA==.MI38JAFOTp2ZfkWJYa7LX6w=.7aEk": "QR or transfer code",
    'password = "hunter22"': "secret",
    "pin: 123456": "secret",
}
HARMLESS = (
    "2026-11-30 03:35:14,120 INFO bridge.app: version 0.1.0 listens at https://127.0.0.1:42053",
    "call=12 door=native function=hisGetBasicData code=4013 ms=12.3 upstream_ms=11.0",
    "POST /api/v1/Certificate/Seqnum 1520 (The QR code has a wrong form)",
    '{"name": "pin.provider", "value": "page"}',
    '{"name": "bhyt.password", "value": "(hidden)"}',
    "2026-11-30T11:35:14.120+00:00 pid 1234567",
)


@pytest.mark.parametrize(("line", "kind"), LINES.items())
def test_what_may_be_a_persons_is_found(line: str, kind: str) -> None:
    assert kind_of(line) == kind


@pytest.mark.parametrize("line", HARMLESS)
def test_what_helps_is_kept(line: str) -> None:
    assert kind_of(line) == ""


def test_every_id_and_card_number_of_the_simulators_is_found() -> None:
    wanted = [value for kind, value in _people() if kind in ("card number", "id")]
    of_taiwan = [each for each in wanted if re.fullmatch(r"[A-Z][A-D1289]\d{8}|\d{12}", each)]
    assert len(of_taiwan) > 20
    assert [each for each in of_taiwan if not kind_of(f"a line with {each} in it")] == []


def test_lines_are_left_out_and_that_is_said(tmp_path: Path) -> None:
    log = tmp_path / "bridge.txt"
    log.write_text("\n".join([*HARMLESS, *LINES]), encoding="utf-8")
    (tmp_path / "bridge.txt.1").write_text(HARMLESS[0], encoding="utf-8")
    (tmp_path / "other.md").write_text("not ours", encoding="utf-8")
    rows = [{"name": "facade.port", "value": "5067", "source": "default"}]
    content, left_out = make_bundle(log, {"exit_code": 0}, rows, [{"function": "x", "code": 0}], "abc")
    assert sum(left_out.values()) == len(LINES)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name).decode("utf-8") for name in archive.namelist()}
    assert set(parts) == {
        "versions.json", "doctor.json", "settings.json", "calls.json", "log/bridge.txt", "log/bridge.txt.1",
        "README.txt",
    }  # fmt: skip
    assert parts["log/bridge.txt"].splitlines() == list(HARMLESS)
    assert "log/bridge.txt: id number: 4 line(s)" in parts["README.txt"]
    assert kinds_in("".join(parts.values())) == set()
    assert "5067" in parts["settings.json"]


def test_without_a_log_file_it_says_where_the_log_is() -> None:
    content, left_out = make_bundle(None, {}, [], [], "abc")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert b"standard error" in archive.read("log.txt")
        assert b"nothing had to be left out" in archive.read("README.txt")
    assert left_out == {}
