"""The settings of PINs: where they come from, that they do not show, what the simulator is served with."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bridge.config import PinSettings, load_settings, save_settings
from bridge.errors import ConfigError
from bridge.lab.known_people import pin_settings_for
from bridge.sim.world import World

SECRET = "975310"


@pytest.fixture(autouse=True)
def _own_data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CSHIS_BRIDGE_DATA_DIR", str(tmp_path / "data"))


def _file(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_a_window_asks_unless_the_settings_say_otherwise() -> None:
    assert load_settings().pin == PinSettings(provider="prompt", timeout=60.0)


def test_fixed_pins_come_from_the_file_and_reach_another_process(tmp_path: Path) -> None:
    file = _file(tmp_path / "a.toml", f'[pin]\nprovider = "fixed"\n[pin.fixed]\nhc = "{SECRET}"\n')
    settings = load_settings(file)
    assert SECRET not in repr(settings)
    save_settings(settings, tmp_path / "saved.toml")
    again = load_settings(tmp_path / "saved.toml").pin
    assert again.fixed.hc is not None
    assert (again.provider, again.fixed.hc.get_secret_value(), again.fixed.hpc) == ("fixed", SECRET, None)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other file rights")
def test_only_the_user_reads_the_saved_file_also_where_one_lay_before(tmp_path: Path) -> None:
    file = _file(tmp_path / "saved.toml", "")
    file.chmod(0o644)
    save_settings(load_settings(), file)
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('provider = "window"', "pin.provider"),
        ("timeout = 0", "pin.timeout"),
        ("timeout = 91", "pin.timeout"),
        (f"fixed = {{hc = {SECRET}}}", "pin.fixed.hc"),
        (f'fixed = {{hcc = "{SECRET}"}}', "pin.fixed.hcc"),
    ],
)
def test_a_mistake_is_named_without_the_pin(tmp_path: Path, text: str, name: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings(_file(tmp_path / "a.toml", f"[pin]\n{text}\n"))
    assert name in str(caught.value)
    assert SECRET not in f"{caught.value} {caught.value.__cause__!r} {caught.value.__cause__}"


def test_the_simulator_is_served_with_the_pins_of_its_own_cards() -> None:
    world = World()
    made = pin_settings_for(PinSettings(timeout=5.0), world)
    assert (made.provider, made.timeout) == ("fixed", 5.0)
    known = made.fixed.model_dump(mode="json")
    assert {card.pin for card in world.cards.values()} - {None} == {known["hc"]} == {known["new_hc"]}
    for card in world.practitioners.values():
        assert (known["hpc"], known["new_hpc"], known["puk"]) == (card.pin, card.pin, card.puk)


@pytest.mark.parametrize("provider", ["prompt", "keypad", "fixed"])
def test_a_provider_in_the_settings_is_kept_for_the_simulator(provider: str) -> None:
    given = PinSettings.model_validate({"provider": provider})
    assert pin_settings_for(given, World()) is given
