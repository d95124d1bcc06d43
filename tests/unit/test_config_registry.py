r"""Settings of the whole machine: what stands in Windows' registry, and what is stronger than it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bridge.config import Settings, UnusableSettings, load_settings, settings
from bridge.config.environment import settings_of_machine
from bridge.config.machine import KEY, machine_settings
from bridge.config.page import settings_page
from bridge.errors import ConfigError


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data directory of its own, so that no real settings file is found."""
    monkeypatch.setenv("CSHIS_BRIDGE_DATA_DIR", str(tmp_path))
    return tmp_path


def _registry(monkeypatch: pytest.MonkeyPatch, **texts: str) -> None:
    """The values of the key; two underscores stand for the dot of a name."""
    found = {name.replace("__", "."): text for name, text in texts.items()}
    monkeypatch.setattr(settings, "machine_settings", lambda: found)


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        ({}, {}),
        ({"cloud.url": "https://a.example"}, {"cloud": {"url": "https://a.example"}}),
        ({"Cloud.URL": "https://a.example"}, {"cloud": {"url": "https://a.example"}}),
        ({"call_deadline": "50"}, {"call_deadline": "50"}),
        (
            {"upload.centre.url": "https://u.example", "upload.type": "ZZ"},
            {"upload": {"centre": {"url": "https://u.example"}, "type": "ZZ"}},
        ),
        ({"facade.allowed_hosts": '["a", "b"]'}, {"facade": {"allowed_hosts": ["a", "b"]}}),
        ({"reader.devices": '{"5": "COM3"}'}, {"reader": {"devices": {"5": "COM3"}}}),
        ({"facade.allowed_hosts": "a.example"}, {"facade": {"allowed_hosts": ["a.example"]}}),
        (
            {"facade.allowed_origins": "https://a.example:8443;[::1];*.b.example"},
            {"facade": {"allowed_origins": ["https://a.example:8443", "[::1]", "*.b.example"]}},
        ),
        ({"reader.devices": "5=COM3"}, {"reader": {"devices": {"5": "COM3"}}}),
        (
            {"reader.devices": r"5=\\.\COM13;6=COM4"},
            {"reader": {"devices": {"5": r"\\.\COM13", "6": "COM4"}}},
        ),
        ({"reader.devices.5": "COM3"}, {"reader": {"devices": {"5": "COM3"}}}),
        ({"cloud.none": "x"}, {"cloud": {"none": "x"}}),
        ({"nobodys": "x"}, {"nobodys": "x"}),
    ],
)
def test_names_with_dots_are_settings_in_sections(texts: dict[str, str], found: dict[str, object]) -> None:
    assert settings_of_machine(texts, Settings) == found


def test_a_section_is_weaker_than_its_settings() -> None:
    texts = {"cloud": '{"url": "https://a.example", "read_timeout": 9}', "cloud.read_timeout": "7"}
    found = settings_of_machine(texts, Settings)
    assert found == {"cloud": {"url": "https://a.example", "read_timeout": "7"}}


@pytest.mark.parametrize("text", ["a, b", "a b", "[a.example]", "[abc]", "a;", ";a", "", "[" * 100_000])
def test_a_list_that_is_no_json_is_an_error_with_place_and_name(text: str) -> None:
    """A command line easily loses the quotes of JSON."""
    said = rf"registry HKEY_LOCAL_MACHINE\{KEY}: facade.allowed_hosts: JSON is needed"
    with pytest.raises(ConfigError, match=re.escape(said)):
        settings_of_machine({"facade.allowed_hosts": text}, Settings)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("reader.devices", "COM3"),
        ("reader.devices", "5=COM3;6"),
        ("reader.devices", "{5: COM3}"),
        ("reader.devices", "5=a=b"),
        ("bhyt.accounts", "a=b"),
        ("bhyt.officers", "a=b"),
        ("cloud", "url=https://a.example"),
    ],
)
def test_a_table_that_is_neither_json_nor_plain_is_an_error(name: str, text: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(f"{name}: JSON is needed")):
        settings_of_machine({name: text}, Settings)


def test_the_environment_takes_plain_entries_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CSHIS_BRIDGE_FACADE__ALLOWED_HOSTS", "a.example;b.example")
    monkeypatch.setenv("CSHIS_BRIDGE_READER__DEVICES", "5=COM3")
    read = load_settings()
    assert read.facade.allowed_hosts == ("a.example", "b.example")
    assert read.reader.devices == {"5": "COM3"}


def test_a_value_counts_where_nobody_else_says_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    _registry(
        monkeypatch,
        cloud__url="https://registry.example",
        reader__linger="600",
        facade__allowed_origins='["https://his.example"]',
        console__several_bridges="true",
    )
    read = load_settings()
    assert read.cloud.url == "https://registry.example"
    assert read.reader.linger == 600
    assert read.facade.allowed_origins == ("https://his.example",)
    assert read.console.several_bridges is True
    assert read.cloud.read_timeout == Settings().cloud.read_timeout


def test_the_file_is_stronger_and_the_environment_stronger_still(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _registry(
        monkeypatch, cloud__url="https://registry.example", cloud__read_timeout="5", reader__linger="600"
    )
    (data_dir / "config.toml").write_text(
        '[cloud]\nurl = "https://file.example"\nread_timeout = 6.0\n', encoding="utf-8"
    )
    assert (load_settings().cloud.url, load_settings().cloud.read_timeout) == ("https://file.example", 6)
    monkeypatch.setenv("CSHIS_BRIDGE_CLOUD__READ_TIMEOUT", "7")
    read = load_settings()
    assert (read.cloud.url, read.cloud.read_timeout, read.reader.linger) == ("https://file.example", 7, 600)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("cloud__urll", "https://a.example", "cloud.urll: there is no such setting; did you mean cloud.url"),
        ("nobodys", "x", "nobodys: there is no such setting"),
        ("cloud__read_timeout", "soon", "cloud.read_timeout: must be a number"),
        ("facade__port", "70000", "facade.port: must be at most 65535"),
    ],
)
def test_a_mistake_is_named_with_its_place(
    name: str, text: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _registry(monkeypatch, **{name: text})
    with pytest.raises(ConfigError) as error:
        load_settings()
    assert said in str(error.value)
    assert rf"HKEY_LOCAL_MACHINE\{KEY}" in str(error.value)


def test_a_mistake_is_named_where_it_stands(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not where others of its section stand, however strong."""
    _registry(monkeypatch, facade__port="70000", reader__linger="600")
    file = data_dir / "config.toml"
    file.write_text("[facade]\nhost = '127.0.0.1'\n\n[reader]\nlinger = -1\n", encoding="utf-8")
    with pytest.raises(UnusableSettings) as error:
        load_settings()
    assert error.value.faults == [
        f"{file}, line 5: reader.linger: must be 0 or more",
        rf"registry HKEY_LOCAL_MACHINE\{KEY}, value facade.port: facade.port: must be at most 65535",
    ]


def test_other_systems_have_no_registry() -> None:
    assert machine_settings() == {}


def test_the_value_of_the_page_works(monkeypatch: pytest.MonkeyPatch) -> None:
    ((key, name, text),) = re.findall(
        r"`HKEY_LOCAL_MACHINE\\(\S+)`, such as `([\w.]+)` with the text `(\w+)`", settings_page()
    )
    assert key == KEY
    _registry(monkeypatch, **{name.replace(".", "__"): text})
    assert load_settings().cloud.read_timeout == float(text)
