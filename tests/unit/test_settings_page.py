"""docs/operate/settings.md is what the code says, and says all of it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from bridge.cli.main import main
from bridge.config import OfficerSettings, Settings, load_settings
from bridge.config.base import Unit
from bridge.config.page import COMMAND, settings_page
from bridge.words import CHINESE, ENGLISH, speak

PAGE = settings_page()
COMMITTED = Path(__file__).parents[2] / "docs" / "operate" / "settings.md"
ROW = re.compile(r"^\| `(\w+)` \| (.*?) \| (.*?) \| (.+) \|$", re.MULTILINE)


def fields(model: type[BaseModel] = Settings, section: str = "") -> Iterator[tuple[str, str, FieldInfo]]:
    """(section, key, field) of every setting and every section."""
    for key, field in model.model_fields.items():
        yield section, key, field
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from fields(field.annotation, f"{section}.{key}" if section else key)


def is_section(field: FieldInfo) -> bool:
    return isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)


ALL = [(section, key, field) for section, key, field in fields() if not is_section(field)]
EACH = pytest.mark.parametrize(("section", "key", "field"), ALL, ids=lambda part: str(part)[:20])


def rows(section: str) -> dict[str, tuple[str, str, str]]:
    heading = f"## [{section}]" if section else "## Without a section"
    _, found, rest = PAGE.partition(f"\n{heading}\n")
    assert found, f"no heading {heading}"
    return {
        key: (default, values, text) for key, default, values, text in ROW.findall(rest.split("\n## ")[0])
    }


def test_the_page_is_current() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == PAGE, f"docs/operate/settings.md is old; run: {COMMAND}"


def test_the_command_prints_and_writes_it(tmp_path: Path) -> None:
    assert CliRunner().invoke(main, ["config", "docs"]).output == PAGE
    target = tmp_path / "made" / "settings.md"
    assert CliRunner().invoke(main, ["config", "docs", "--output", str(target)]).exit_code == 0
    assert target.read_text(encoding="utf-8") == PAGE


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = CliRunner().invoke(main, ["config", "docs", "--output", str(tmp_path / "file" / "settings.md")])
    assert result.exit_code == 1
    assert "file" in result.output


@EACH
def test_every_setting_has_its_row(section: str, key: str, field: FieldInfo) -> None:
    default, _, text = rows(section)[key]
    assert field.description
    assert text == field.description
    if default.startswith("`"):
        assert shown_value(default) == default_of(field)
    else:
        assert default == ("none" if default_of(field) == {} else "-")
        assert default_of(field) in ({}, None)


def shown_value(default: str) -> Any:
    return tomllib.loads(f"value = {default.strip('`')}")["value"]


def default_of(field: FieldInfo) -> Any:
    if field.default_factory is dict:
        return {}
    if field.is_required() or field.default_factory is not None:
        return None
    return list(field.default) if isinstance(field.default, tuple) else field.default


@pytest.mark.parametrize("section", ["", *sorted({section for section, _, _ in ALL if section})])
def test_no_row_is_of_a_setting_that_is_not_there(section: str) -> None:
    assert set(rows(section)) == {key for other, key, _ in ALL if other == section}


def test_numbers_tell_their_unit() -> None:
    measures = re.compile(r"timeout|deadline|linger|bytes")
    without = [
        f"{section}.{key}"
        for section, key, field in ALL
        if measures.search(key) and not any(isinstance(part, Unit) for part in field.metadata)
    ]
    assert without == []
    assert rows("console")["read_timeout"][1] == "seconds, above 0"
    assert rows("log")["most_bytes"][1] == "bytes, 10000 or more"
    assert rows("facade")["port"][1] == "0 to 65535"
    assert rows("pin")["provider"][1] == '`"prompt"`, `"keypad"`, `"page"`, `"fixed"`'


def test_every_section_says_what_it_is() -> None:
    for _, key, field in fields():
        if is_section(field):
            assert field.description, key
            assert f"]\n\n{field.description}\n\n| setting" in PAGE
    assert all(field.description for field in OfficerSettings.model_fields.values())


def test_the_example_is_a_file_that_can_be_used() -> None:
    (example,) = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    settings = Settings.model_validate(tomllib.loads(example))
    assert settings.cloud.read_timeout == 30
    assert settings.reader.devices == {"5": "COM3"}


def test_the_environment_variable_of_the_page_works(monkeypatch: pytest.MonkeyPatch) -> None:
    ((name, value),) = re.findall(r"`(CSHIS_BRIDGE_\w+)=(\w+)`", PAGE)
    monkeypatch.setenv(name, value)
    assert load_settings().cloud.read_timeout == float(value)


def test_the_json_of_the_page_works(monkeypatch: pytest.MonkeyPatch) -> None:
    ((name, value),) = re.findall(r"`(CSHIS_BRIDGE_\w+)=(\{.*?\})`", PAGE)
    monkeypatch.setenv(name, value)
    assert load_settings().reader.devices == {"5": "COM3"}


def test_the_page_is_there_in_chinese() -> None:
    """As ``cshis-bridge --lang zh-TW config docs --output ...`` makes it."""
    speak(CHINESE)
    try:
        page = settings_page()
    finally:
        speak(ENGLISH)
    assert COMMITTED.with_name("settings.zh-TW.md").read_text(encoding="utf-8") == page
    assert [row[0] for row in ROW.findall(page)] == [row[0] for row in ROW.findall(PAGE)]
