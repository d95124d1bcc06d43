"""Settings: where they come from, which one wins, and what a mistake looks like."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from bridge.config import (
    Settings,
    TextSettings,
    UnusableSettings,
    chosen_data_dir,
    chosen_places,
    default_data_dir,
    load_settings,
    save_settings,
)
from bridge.config.environment import OTHERS
from bridge.errors import ConfigError


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data directory of its own, so that no real settings file is found."""
    monkeypatch.setenv("CSHIS_BRIDGE_DATA_DIR", str(tmp_path / "data"))
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


def _file(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_defaults_are_the_official_addresses_and_loopback(data_dir: Path) -> None:
    settings = load_settings()
    assert settings.console.url == "https://localhost:5066"
    assert settings.cloud.url == "https://medvpndc.nhi.gov.tw"
    assert (settings.console.read_timeout, settings.cloud.read_timeout) == (10.0, 25.0)
    assert (settings.facade.port, settings.facade.legacy_http_port, settings.channel.port) == (
        5067,
        3033,
        5068,
    )
    assert settings.facade.host == settings.channel.host == "127.0.0.1"
    assert settings.data_dir == data_dir
    assert settings.call_deadline < 120  # callers give up at 120 s


def test_a_given_file_is_read(tmp_path: Path) -> None:
    file = _file(
        tmp_path / "a.toml", '[console]\nurl = "https://localhost:9"\n[reader.devices]\n3 = "COM9"\n'
    )
    settings = load_settings(file)
    assert settings.console.url == "https://localhost:9"
    assert settings.reader.devices == {"3": "COM9"}
    assert settings.console.read_timeout == 10.0


def test_the_environment_names_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CSHIS_BRIDGE_CONFIG", str(_file(tmp_path / "b.toml", "call_deadline = 50.0\n")))
    assert load_settings().call_deadline == 50.0


def test_the_data_directorys_file_is_the_last_resort(data_dir: Path, tmp_path: Path) -> None:
    _file(data_dir / "config.toml", "call_deadline = 40.0\n")
    assert load_settings().call_deadline == 40.0
    assert load_settings(_file(tmp_path / "a.toml", "call_deadline = 41.0\n")).call_deadline == 41.0
    other = tmp_path / "other"
    other.mkdir()
    _file(other / "config.toml", "call_deadline = 42.0\n")
    assert load_settings(data_dir=other).call_deadline == 42.0


def test_the_environment_wins_over_the_file_and_the_caller_over_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = _file(
        tmp_path / "a.toml", 'call_deadline = 50.0\n[cloud]\nurl = "https://a"\nread_timeout = 5.0\n'
    )
    monkeypatch.setenv("CSHIS_BRIDGE_CLOUD__URL", "https://b")
    monkeypatch.setenv("CSHIS_BRIDGE_CALL_DEADLINE", "60")
    settings = load_settings(file)
    assert (settings.cloud.url, settings.cloud.read_timeout, settings.call_deadline) == (
        "https://b",
        5.0,
        60.0,
    )
    assert load_settings(file, call_deadline=70.0).call_deadline == 70.0


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("[console]\nadress = 'x'\n", "console.adress"),
        ("[consoles]\nurl = 'x'\n", "consoles"),
        ("[console]\nread_timeout = 0\n", "console.read_timeout"),
        ("[reader]\nlinger = -1\n", "reader.linger"),
        ("[reader]\nunopened = 'maybe'\n", "reader.unopened"),
        ("[facade]\nport = 65536\n", "facade.port"),
        ("[facade]\nmost_body_bytes = 0\n", "facade.most_body_bytes"),
        ("call_deadline = 120\n", "call_deadline"),
        ("call_deadline = 'soon'\n", "call_deadline"),
    ],
)
def test_a_mistake_names_the_file_and_the_setting(tmp_path: Path, text: str, name: str) -> None:
    file = _file(tmp_path / "a.toml", text)
    with pytest.raises(ConfigError, match=r"a\.toml") as caught:
        load_settings(file)
    assert name in str(caught.value)


@pytest.mark.parametrize(
    ("text", "line", "fault"),
    [
        ("[cloud]\nurl = 'https://a'\nread_timout = 3\n", 3, "cloud.read_timout: there is no such setting; "
         "did you mean cloud.read_timeout, cloud.connect_timeout?"),
        ("linger = 3\n", 1, "linger: there is no such setting; did you mean reader.linger?"),
        ("[reader]\ndevices = {COM3 = 'x'}\n", 2, 'reader.devices: "COM3" is no port number: write the '
         "number that a program opens, 0 to 999"),
        ("[reader.devices]\n5 = 'COM6'\n\n-1 = 'x'\n", 1, 'reader.devices: "-1" is no port number: write the '
         "number that a program opens, 0 to 999"),
        ("# a\n\n[facade]\nkey_file = 'x'\n", 3, "facade: certificate_file and key_file go together: set "
         "both, or neither"),
        ("[facade]\nallowed_hosts = [\n  'a',\n]\nport = 70000\n", 5, "facade.port: must be at most 65535"),
        ('text.eudc = """\n\n"""\nreader."linger" = -1\n', 4, "reader.linger: must be 0 or more"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_line(tmp_path: Path, text: str, line: int, fault: str) -> None:
    file = _file(tmp_path / "a.toml", text)
    with pytest.raises(UnusableSettings) as caught:
        load_settings(file)
    assert caught.value.faults == [f"{file}, line {line}: {fault}"]


def test_every_mistake_is_named_at_once(tmp_path: Path) -> None:
    file = _file(tmp_path / "a.toml", "call_deadline = 0\n[facade]\nport = -1\n[reader]\nlinger = -1\n")
    with pytest.raises(ConfigError) as caught:
        load_settings(file)
    assert all(name in str(caught.value) for name in ("call_deadline", "facade.port", "reader.linger"))


@pytest.mark.parametrize("content", [b"this is = = no TOML", b"\xff\xfe", b"[console"])
def test_broken_toml_is_a_fault_of_the_settings(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "a.toml"
    file.write_bytes(content)
    with pytest.raises(ConfigError, match=r"a\.toml"):
        load_settings(file)


def test_a_mistake_in_the_environment_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CSHIS_BRIDGE_FACADE__PORT", "no number")
    with pytest.raises(ConfigError, match=r"facade\.port"):
        load_settings()


@pytest.mark.parametrize(
    ("variables", "devices", "linger"),
    [
        ({"READER__DEVICES": '{"3": "COM9"}'}, {"3": "COM9"}, 900.0),
        ({"READER__DEVICES__3": "COM9", "reader__devices__4": "7"}, {"3": "COM9", "4": "7"}, 900.0),
        (
            {"READER": '{"linger": 5, "devices": {"3": "x"}}', "READER__DEVICES__3": "COM9"},
            {"3": "COM9"},
            5.0,
        ),
        (
            {"TIMEOUT": "7", "TOKEN_FILE": "token", "WHEEL": "linux", "PYTHONPATH": "x", "SUPERVISED": "5"},
            {},
            900.0,
        ),
    ],
    ids=["a table in JSON", "an entry of a table", "a section and its setting", "names of others"],
)
def test_sections_tables_and_single_settings_of_the_environment(
    variables: dict[str, str], devices: dict[str, str], linger: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(f"CSHIS_BRIDGE_{name}", value)
    assert (load_settings().reader.devices, load_settings().reader.linger) == (devices, linger)


def test_lists_and_deep_sections_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CSHIS_BRIDGE_FACADE__ALLOWED_HOSTS", '["a", "b"]')
    monkeypatch.setenv("CSHIS_BRIDGE_UPLOAD__CENTRE__READ_TIMEOUT", "7")
    monkeypatch.setenv("CSHIS_BRIDGE_PIN__FIXED__HC", "0123")
    settings = load_settings()
    assert settings.facade.allowed_hosts == ("a", "b")
    assert settings.upload.centre.read_timeout == 7.0
    assert settings.pin.fixed.hc is not None
    assert settings.pin.fixed.hc.get_secret_value() == "0123"  # text, whatever it looks like


@pytest.mark.parametrize(
    ("variable", "value", "named"),
    [
        ("READER__DEVICES", "COM9", "CSHIS_BRIDGE_READER__DEVICES: JSON"),
        ("READER__DEVICES", "[" * 100_000, "CSHIS_BRIDGE_READER__DEVICES: JSON"),
        ("READER", "COM9", "CSHIS_BRIDGE_READER: JSON"),
        ("READER__LINGERS", "1", r"reader\.lingers"),
        ("READER__LINGER__X", "1", r"reader\.linger"),
        ("READERS__LINGER", "1", "CSHIS_BRIDGE_READERS__LINGER: .* did you mean CSHIS_BRIDGE_READER__LINGER"),
        ("CLUOD__URL", "x", "CSHIS_BRIDGE_CLUOD__URL: .* did you mean CSHIS_BRIDGE_CLOUD__URL"),
        ("TIMOUT", "5", "CSHIS_BRIDGE_TIMOUT: .* did you mean CSHIS_BRIDGE_TIMEOUT"),
        ("QQQ", "5", "CSHIS_BRIDGE_QQQ: there is no such setting$"),
        ("CLOUD__URL", "", r"cloud\.url"),
    ],
)
def test_mistakes_in_the_environment(
    variable: str, value: str, named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"CSHIS_BRIDGE_{variable}", value)
    with pytest.raises(ConfigError, match=named):
        load_settings()


@pytest.mark.parametrize("how", ["argument", "environment"])
def test_a_file_that_is_named_must_be_there(
    how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = tmp_path / "missing.toml"
    if how == "environment":
        monkeypatch.setenv("CSHIS_BRIDGE_CONFIG", str(missing))
    with pytest.raises(ConfigError, match="does not exist"):
        load_settings(missing if how == "argument" else None)


def test_settings_cannot_be_changed_after_they_were_read() -> None:
    settings = load_settings()
    with pytest.raises(ValidationError):
        settings.call_deadline = 1.0
    with pytest.raises(ValidationError):
        settings.console.url = "https://elsewhere"


def test_what_is_saved_is_what_another_process_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CSHIS_BRIDGE_DATA_DIR")  # it would win over the file
    written = Settings.model_validate(
        {
            "console": {"url": "https://localhost:1234", "ca_file": tmp_path / "測試 ca.pem"},
            "reader": {"devices": {"0": "001000000103"}, "linger": 0.5},
            "facade": {"allowed_origins": ["*.example"]},
            "data_dir": tmp_path,
        }
    )
    file = tmp_path / "saved.toml"
    save_settings(written, file)
    assert load_settings(file).model_dump() == written.model_dump()


def test_the_data_directory_follows_the_environment(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert default_data_dir() == data_dir
    monkeypatch.delenv("CSHIS_BRIDGE_DATA_DIR")
    assert default_data_dir().name == "cshis-bridge"


def test_the_data_directory_is_the_one_that_the_settings_name(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a file that is given, of the user's own, and never that of a command line that says another."""
    usual, given = data_dir / "config.toml", tmp_path / "given.toml"
    monkeypatch.delenv("CSHIS_BRIDGE_DATA_DIR")
    monkeypatch.setattr("bridge.config.settings.default_data_dir", lambda: data_dir)
    assert chosen_places(None, None) == (data_dir, None)
    usual.write_text(f"data_dir = '{tmp_path}/moved'\nreader.linger = 3\n")
    assert chosen_places(None, None) == (tmp_path / "moved", usual)
    assert load_settings(usual, data_dir=tmp_path / "moved").reader.linger == 3
    given.write_text(f"data_dir = '{tmp_path}/other'\n")
    assert chosen_places(None, given) == (tmp_path / "other", given)
    assert chosen_places(tmp_path / "said", given) == (tmp_path / "said", given)
    assert chosen_data_dir() == load_settings().data_dir == tmp_path / "moved"


def test_the_data_directory_is_known_where_another_setting_is_wrong(data_dir: Path, tmp_path: Path) -> None:
    """There the log says what is wrong."""
    file = tmp_path / "given.toml"
    file.write_text("[reader]\nlinger = -1\n")
    assert chosen_places(None, file) == (data_dir, file)
    file.write_text("[reader\n")
    assert chosen_places(None, file) == (data_dir, file)
    assert chosen_places(None, tmp_path / "none.toml") == (data_dir, tmp_path / "none.toml")


def test_saved_paths_hold_in_every_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command in another folder reads the token of the bridge that runs."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "given.toml").write_text('channel.token_file = "token"\nupload.centre.ca_file = "x/ca.pem"\n')
    given = load_settings(Path("given.toml"), data_dir=Path("data"))
    save_settings(given, Path("running.toml"))
    monkeypatch.chdir("/")
    saved = load_settings(tmp_path / "running.toml")
    assert saved.channel.token_file == tmp_path / "token"
    assert saved.upload.centre.ca_file == tmp_path / "x" / "ca.pem"
    assert saved.data_dir == tmp_path / "data"


def test_settings_that_cannot_be_written_are_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "nowhere" / "running.toml"
    with pytest.raises(ConfigError, match=r"running\.toml cannot be written: No such file"):
        save_settings(Settings(), file)
    unnamed = TextSettings(eudc=Path("/list/\udcb3\udc5c"))  # as os.fsdecode has bytes that are not UTF-8
    with pytest.raises(ConfigError, match="a path in the settings is not UTF-8"):
        save_settings(Settings(text=unnamed), tmp_path / "running.toml")
    assert list(tmp_path.glob("running.toml*")) == []


def test_a_list_of_drawn_characters_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert TextSettings().eudc_list() == ""
    with pytest.raises(ConfigError, match=r"text\.eudc: .*none cannot be read: No such file"):
        TextSettings(eudc=tmp_path / "none").eudc_list()


def test_what_the_native_programs_set_is_no_misspelt_setting() -> None:
    """A bridge that starts at log-on is told by a variable that it was started again."""
    native = Path(__file__).parents[2] / "native"
    code = "".join(each.read_text(encoding="utf-8") for each in native.rglob("*.[ch]"))
    named = set(re.findall(r'"(CSHIS_BRIDGE_[A-Z_]+)"', code))
    assert len(named) >= 3
    assert named - {"CSHIS_BRIDGE_DATA_DIR"} <= set(OTHERS)  # which is a setting
