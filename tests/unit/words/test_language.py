"""Which language a command speaks, and how its lines are made."""

from __future__ import annotations

import io
import os
import sys

import click
import pytest
from click.testing import CliRunner

from bridge.cli.main import main
from bridge.cli.speaking import in_its_language
from bridge.cli.streams import styled
from bridge.words import CHINESE, ENGLISH, spoken
from bridge.words.language import can_be_shown, language_named, language_of_user
from bridge.words.moments import iso_moment, moment, moment_of
from bridge.words.wrapping import columns, wrapped


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, ENGLISH),
        ({"LANG": "zh_TW.UTF-8"}, CHINESE),
        ({"LANG": "zh_CN.UTF-8"}, CHINESE),
        ({"LANG": "C.UTF-8"}, ENGLISH),
        ({"LANG": "vi_VN.UTF-8"}, ENGLISH),
        ({"LC_ALL": "en_US.UTF-8", "LANG": "zh_TW"}, ENGLISH),
        ({"LC_MESSAGES": "zh_TW", "LANG": "en_US"}, CHINESE),
        ({"LC_ALL": "", "LANG": "zh_TW"}, CHINESE),
        ({"LANGUAGE": "zh_TW:en", "LC_ALL": "C"}, CHINESE),
    ],
)
def test_the_language_of_the_environment(environment: dict[str, str], language: str) -> None:
    assert language_of_user(environment) == language


@pytest.mark.parametrize(
    ("name", "language"),
    [("zh-TW", CHINESE), ("zh_tw", CHINESE), ("zh", CHINESE), ("EN", ENGLISH), ("fr", None), ("", None)],
)
def test_a_language_by_its_name(name: str, language: str | None) -> None:
    assert language_named(name) == language


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [("utf-8", True), ("cp950", True), ("cp1252", False), ("ascii", False), ("none", False)],
)
def test_chinese_needs_a_stream_that_has_it(encoding: str, shown: bool) -> None:
    class Stream:
        pass

    stream = Stream()
    stream.encoding = encoding  # type: ignore[attr-defined]
    assert can_be_shown(stream) is shown


@pytest.mark.parametrize(
    ("arguments", "language", "rest"),
    [
        (["--lang", "zh-TW", "status"], CHINESE, ["status"]),
        (["status", "--lang=zh_TW"], CHINESE, ["status"]),
        (["call", "x", "--lang", "en"], ENGLISH, ["call", "x"]),
        (["status", "--lang", "fr"], ENGLISH, ["--lang", "fr", "status"]),
        (["status", "--lang"], ENGLISH, ["--lang", "status"]),
        (["explain", "--", "--lang", "zh"], ENGLISH, ["explain", "--", "--lang", "zh"]),
        (["status"], ENGLISH, ["status"]),
    ],
)
def test_the_option_may_stand_anywhere(arguments: list[str], language: str, rest: list[str]) -> None:
    before = os.environ["LANGUAGE"]
    with in_its_language(arguments) as given:
        assert (spoken(), given) == (language, rest)
    assert (spoken(), os.environ["LANGUAGE"]) == (ENGLISH, before)


def test_a_language_that_there_is_not_is_an_error_of_usage() -> None:
    done = CliRunner().invoke(main, ["status", "--lang", "fr"])
    assert done.exit_code == 2
    assert "'fr' is not one of 'en', 'zh-TW'" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (["--help"], ("用法：", "指令:", "結束執行中的橋接程式。", "顯示這份說明。")),
        (["sim", "card", "hc", "--help"], ("健保卡。", "把健保卡插入卡槽，取代原有的。")),
        (["jornal"], ("錯誤：沒有指令 jornal。", "是不是要找：journal？", "說明請見：")),
        (["upload"], ("錯誤：缺少引數 'FILE'",)),
        (["serve", "--scenario", "x"], ("--scenario 要與 --simulate 一起用",)),
        (["journal", "pending", "--last", "1"], ("沒有選項",)),
    ],
)
def test_help_and_errors_are_chinese(arguments: list[str], shown: tuple[str, ...]) -> None:
    done = CliRunner().invoke(main, ["--lang", "zh-TW", *arguments])
    assert [text for text in shown if text not in done.output] == []


def test_no_line_of_chinese_help_is_wider_than_the_screen() -> None:
    done = CliRunner().invoke(main, ["--lang", "zh-TW", "explain", "--help"], terminal_width=60)
    lines = done.output.splitlines()
    assert len(lines) > 15
    assert [line for line in lines if columns(line) > 60] == []


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("健保卡與讀卡機", 8, ["健保卡與", "讀卡機"]),
        ("健保卡，讀卡機", 6, ["健保", "卡，讀", "卡機"]),
        ("健保（卡片）", 6, ["健保", "（卡", "片）"]),
        ("a word of English", 9, ["a word of", "English"]),
        ("用 cshis-bridge 指令", 12, ["用", "cshis-bridge", "指令"]),
        ("", 5, [""]),
    ],
)
def test_lines_break_between_characters_and_not_before_a_comma(
    text: str, width: int, lines: list[str]
) -> None:
    assert wrapped(text, width) == lines


def test_no_color(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b[" in styled("text", fg="red")
    monkeypatch.setenv("NO_COLOR", "1")
    assert styled("text", bold=True, fg="red") == "text"
    monkeypatch.setenv("NO_COLOR", "")  # https://no-color.org: when not an empty string
    assert "\x1b[" in styled("text", fg="red")


@pytest.mark.parametrize("zone", ["UTC", "Asia/Ho_Chi_Minh", "America/New_York"])
def test_moments_are_taiwans_wherever_the_machine_is(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", zone)
    assert moment(1_767_225_600) == "2026-01-01 08:00:00"
    assert iso_moment(1_767_225_600) == "2026-01-01T08:00:00+08:00"
    assert moment_of("2026-01-01T00:00:00+00:00") == "2026-01-01 08:00:00"
    assert moment_of(None) == "an unknown time"


def test_the_version_by_one_letter() -> None:
    done = CliRunner().invoke(main, ["-V"])
    assert done.output.startswith("cshis-bridge, version ")


def test_help_of_a_command_by_its_name() -> None:
    asked = CliRunner().invoke(main, ["help", "journal", "pending"])
    assert asked.exit_code == 0
    assert asked.output == CliRunner().invoke(main, ["journal", "pending", "--help"]).output
    assert CliRunner().invoke(main, ["help"]).output == CliRunner().invoke(main, ["--help"]).output
    wrong = CliRunner().invoke(main, ["help", "journal", "pendin"])
    assert (wrong.exit_code, "Did you mean: pending?" in wrong.stderr) == (2, True)


def test_an_embedded_library_loads_no_catalogue() -> None:
    """Nor does English anywhere."""
    import subprocess

    code = "import sys, bridge.config, bridge.words; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    found = [name for name in done.stdout.split() if name.startswith("bridge.words")]
    assert found == ["bridge.words"]


def test_a_stream_of_the_tests_takes_chinese() -> None:
    assert can_be_shown(io.StringIO())
    assert isinstance(main, click.Group)
