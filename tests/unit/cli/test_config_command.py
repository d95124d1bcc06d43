"""``cshis-bridge config``: a file to begin with, and what is said of one."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bridge.cli.main import main
from bridge.config import Settings, load_settings
from bridge.config.template import settings_template
from bridge.private_files import write_private
from bridge.serving.certificate import ensure_certificate


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CSHIS_BRIDGE_DATA_DIR", str(tmp_path))
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["config", *arguments])


def test_the_file_to_begin_with_changes_nothing(data_dir: Path) -> None:
    done = run("init")
    file = data_dir / "config.toml"
    assert done.output == f"written: {file}\n"
    assert load_settings().model_dump() == Settings(data_dir=data_dir).model_dump()
    assert file.stat().st_mode & 0o077 == 0


def test_every_setting_stands_in_it_and_can_be_used_as_it_is() -> None:
    """Without the # each default is valid TOML, and the default."""
    text = re.sub(r"^# (?=[a-z_0-9]+ = )", "", settings_template(), flags=re.MULTILINE)
    values = tomllib.loads(text)

    def same(model: object, given: dict[str, object]) -> None:
        for name in type(model).model_fields:  # type: ignore[attr-defined]
            assert name in given, name
            value = getattr(model, name)
            if hasattr(type(value), "model_fields"):
                same(value, given[name])  # type: ignore[arg-type]
            elif value is not None and name != "data_dir":
                assert given[name] == (list(value) if isinstance(value, tuple) else value), name

    same(Settings(), values)


def test_a_file_that_is_there_stays(data_dir: Path) -> None:
    (data_dir / "config.toml").write_text("call_deadline = 50.0\n")
    done = run("init")
    assert (done.exit_code, "exists; --force replaces it" in done.stderr) == (1, True)
    assert load_settings().call_deadline == 50
    assert run("init", "--force").exit_code == 0
    assert load_settings().call_deadline == 100


def test_it_can_be_printed(data_dir: Path) -> None:
    assert run("init", "--output", "-").output == settings_template()
    assert not (data_dir / "config.toml").exists()


def test_check_says_where_each_setting_comes_from(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = data_dir / "config.toml"
    file.write_text(
        '[cloud]\nurl = "https://a.example"\nread_timeout = 9\n\n'
        '[pin]\nprovider = "fixed"\nfixed.hc = "1234"\n'
        '[bhyt.officers]\n00000_BV = {hoTenCb = "Somebody", cccdCb = "000000000000"}\n'
    )
    monkeypatch.setenv("CSHIS_BRIDGE_CLOUD__READ_TIMEOUT", "8")
    done = run("check")
    assert done.exit_code == 0, done.output
    assert done.output.splitlines() == [
        f"the settings file {file} is valid",
        f'  cloud.url = "https://a.example"    {file}, line 2',
        '  cloud.read_timeout = "8"    environment variable CSHIS_BRIDGE_CLOUD__READ_TIMEOUT',
        f'  pin.provider = "fixed"    {file}, line 6',
        f"  pin.fixed.hc = (secret)    {file}, line 7",
        f"  bhyt.officers.00000_BV.hoTenCb = (secret)    {file}, line 9",
        f"  bhyt.officers.00000_BV.cccdCb = (secret)    {file}, line 9",
        f'  data_dir = "{data_dir}"    environment variable CSHIS_BRIDGE_DATA_DIR',
    ]


def test_check_names_every_fault_on_a_line_of_its_own(data_dir: Path) -> None:
    file = data_dir / "config.toml"
    file.write_text("[cloud]\nread_timout = 3\n\n[reader]\nlinger = -1\n")
    done = run("check")
    assert done.exit_code == 1
    assert done.stderr.splitlines() == [
        f"{file}, line 2: cloud.read_timout: there is no such setting; did you mean cloud.read_timeout, "
        "cloud.connect_timeout?",
        f"{file}, line 5: reader.linger: must be 0 or more",
    ]
    chinese = CliRunner().invoke(main, ["--lang", "zh-TW", "config", "check"])
    assert f"{file}，第 5 行：reader.linger：必須是 0 以上" in chinese.stderr


def test_check_without_a_file() -> None:
    assert run("check").output.splitlines()[0] == "no settings file: every setting has its default"


NO_FILE = "cannot be used: [Errno 2] No such file or directory"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("[console]\nca_file = '{0}/none'\n", f"ca_file {{0}}/none {NO_FILE}"),
        ("[upload.centre]\nca_file = '{0}/none'\n", f"ca_file {{0}}/none {NO_FILE}"),
        ("[text]\neudc = '{0}/none'\n", "text.eudc: {0}/none cannot be read: No such file or directory"),
        ("[text]\neudc = '{0}/list'\n", "[text] eudc, line 2: A440 is not a code of user-defined characters"),
        (
            "[facade]\ncertificate_file = '{0}/list'\nkey_file = '{0}/none'\n",
            "facade.key_file {0}/none cannot be read: No such file or directory",
        ),
        (
            "[facade]\ncertificate_file = '{0}/none'\nkey_file = '{0}/key'\n",
            "{0}/none and {0}/key cannot be used for HTTPS: [Errno 2] No such file or directory",
        ),
        (
            "[bhyt.gateway]\ncertificate_file = '{0}/list'\nkey_file = '{0}/none'\n",
            "bhyt.gateway.key_file {0}/none cannot be read: No such file or directory",
        ),
        (
            "[bhyt.gateway]\ncertificate_file = '{0}/none'\nkey_file = '{0}/key'\n",
            "{0}/none and {0}/key cannot be used for HTTPS: [Errno 2] No such file or directory",
        ),
        ("[bhyt.gateway.store]\nca_file = '{0}/none'\n", f"ca_file {{0}}/none {NO_FILE}"),
    ],
)
def test_check_looks_at_the_files_that_are_named(data_dir: Path, settings: str, said: str) -> None:
    (data_dir / "list").write_text("FA40 U+5803\nA440 U+5803\n")
    write_private(data_dir / "key", "")
    (data_dir / "config.toml").write_text(settings.format(data_dir))
    done = run("check")
    assert (done.exit_code, done.stdout, done.stderr) == (1, "", said.format(data_dir) + "\n")


def test_check_of_usable_files_and_in_chinese(data_dir: Path) -> None:
    certificate, key, authority = ensure_certificate(data_dir / "certificate")
    (data_dir / "list").write_text("FA40 U+5803\n")
    (data_dir / "config.toml").write_text(
        f"text.eudc = '{data_dir}/list'\nconsole.ca_file = '{authority}'\n"
        f"[facade]\ncertificate_file = '{certificate}'\nkey_file = '{key}'\n"
    )
    assert run("check").exit_code == 0, run("check").stderr
    (data_dir / "list").write_text("FA40 U+5803\nFA40 U+5804\n")
    done = CliRunner().invoke(main, ["--lang", "zh-TW", "config", "check"])
    assert done.stderr == "[text] eudc，第 2 行：FA40 列了兩次\n"
