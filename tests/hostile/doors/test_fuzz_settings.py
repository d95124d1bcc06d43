"""Settings of any value, type and encoding, from the file and from the environment: usable, or a ConfigError
that names the setting. Never another exception, and no secret in its text.
"""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from bridge.config import Settings, load_settings, save_settings
from bridge.errors import ConfigError

FACTOR = int(os.environ.get("FUZZ_FACTOR", "1"))
OFTEN = settings(
    max_examples=150 * FACTOR, deadline=None, suppress_health_check=list(HealthCheck), database=None
)
SECRET = "s3cr3t-4711"
SECRETS = {("pin", "fixed", name): SECRET for name in ("hc", "hpc", "puk", "new_hc", "new_hpc")}
ACCOUNT = {("bhyt", "username"): "name", ("bhyt", "password"): SECRET}
VALUES: list[Any] = [
    "", " ", "x", "0", "-1", "1e99", "true", "http://x", "https://", "https://[", "https://x:99999", "\u2028",
    "測試", "/", "\0", "a" * 5000, 0, -1, 1, 70000, 10**30, 1.5, -0.5, float("inf"), float("nan"), True,
    False, [], [1], ["x"], {}, {"a": 1}, {"a": {"b": "c"}}, [[]], [{}],
]  # fmt: skip


def ways(model: type[BaseModel], here: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """The way to every setting and every section."""
    found = []
    for name, field in model.model_fields.items():
        found.append((*here, name))
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            found += ways(field.annotation, (*here, name))
    return found


WAYS = ways(Settings)


def put(tree: dict[str, Any], way: tuple[str, ...], value: Any) -> None:
    """Set a value at the end of a way, whatever stood in the middle of it."""
    for name in way[:-1]:
        if not isinstance(tree.get(name), dict):
            tree[name] = {}
        tree = tree[name]
    tree[way[-1]] = value


def load(file: Path) -> Settings | None:
    """Load the file; None where it was refused in the right way."""
    try:
        return load_settings(file)
    except ConfigError as error:
        text = str(error)
    assert SECRET not in text
    assert str(file) in text or text.startswith("CSHIS_BRIDGE_")  # the file, or the variable
    assert len(text) > len(text.partition(": ")[0]) + 5
    return None


def absolute(value: Any) -> Any:
    """What is handed on names its files whatever folder it is read in."""
    if isinstance(value, dict):
        return {name: absolute(each) for name, each in value.items()}
    return value.absolute() if isinstance(value, Path) else value


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def test_any_value_of_any_type(file: Path) -> None:
    usable = []

    @OFTEN
    @given(st.lists(st.tuples(st.sampled_from(WAYS), st.sampled_from(VALUES)), min_size=1, max_size=3))
    def try_it(chosen: list[tuple[tuple[str, ...], Any]]) -> None:
        tree: dict[str, Any] = {}
        for way, value in (SECRETS | ACCOUNT).items():
            put(tree, way, value)
        for way, value in chosen:
            put(tree, way, value)
        file.write_text(tomli_w.dumps(tree), encoding="utf-8")
        made = load(file)
        if made is not None:  # what can be used can be handed on, and read again
            usable.append(made)
            save_settings(made, file)
            assert load_settings(file).model_dump() == absolute(made.model_dump())

    try_it()
    assert usable


@pytest.mark.parametrize("way", WAYS, ids=".".join)
def test_a_wrong_value_is_named(way: tuple[str, ...], file: Path) -> None:
    """A value that fits no setting at all: the text says which one it was."""
    tree: dict[str, Any] = {}
    put(tree, way, [[SECRET], {"a": SECRET}])
    file.write_text(tomli_w.dumps(tree), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_settings(file)
    assert ".".join(way) in str(caught.value)
    assert SECRET not in str(caught.value)


def test_any_text(file: Path) -> None:
    @OFTEN
    @given(st.text(max_size=60) | st.text(alphabet='[]="\n.#{}0a\\', max_size=40))
    @example("[" * 5000)
    @example("a = " + "[" * 3000)
    @example("a." * 3000 + "a = 1")
    @example("a = " + "9" * 5000)
    @example(f'pin.fixed.hc = "{SECRET}')
    @example(f"pin.fixed.hc = {SECRET}")
    @example(f'[pin.fixed]\nhc = "1234"\nhc = "{SECRET}"')
    def try_it(text: str) -> None:
        file.write_bytes(text.encode("utf-8", "surrogatepass"))
        load(file)

    try_it()


def test_any_bytes(file: Path) -> None:
    @OFTEN
    @given(st.binary(max_size=80))
    @example(b"\xff\xfe")
    @example('[facade]\nhost = "測試"\n'.encode("utf-16"))
    @example('[facade]\nhost = "測試"\n'.encode("cp950"))
    @example(b"\xef\xbb\xbf[facade]\nport = 1\n")
    @example(b"\0" * 100)
    def try_it(content: bytes) -> None:
        file.write_bytes(content)
        load(file)

    try_it()


@pytest.mark.parametrize("seed", range(40))
def test_the_environment(seed: int, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(seed)
    for way in chance.sample(WAYS, 3):
        value = chance.choice(
            ["x", '{"a": 1}', "{", "[1", "null", "-1", '["x"]', "測試", f'{{"hc": "{SECRET}"}}']
        )
        monkeypatch.setenv("CSHIS_BRIDGE_" + "__".join(way).upper(), value)
    file.write_text("", encoding="utf-8")
    try:
        load_settings(file)
    except ConfigError as error:
        text = str(error)
    else:
        return
    assert SECRET not in text
    # a value, or a variable that is no JSON; what several settings make together has no place of its own
    assert (
        str(file) in text or "CSHIS_BRIDGE_" in text or text.startswith(tuple(".".join(way) for way in WAYS))
    )
    assert len(text) > len(text.partition(": ")[0]) + 5


@pytest.mark.parametrize("way", ["console.read_timeout", "reader.linger", "call_deadline", "pin.timeout"])
@pytest.mark.parametrize("value", ["inf", "nan", "-inf"])
def test_times_are_finite(way: str, value: str, file: Path) -> None:
    """An event loop cannot wait for ever by a number."""
    file.write_text(f"{way} = {value}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=way):
        load_settings(file)


def test_files_that_are_none(tmp_path: Path) -> None:
    for name in ("none.toml", "", "a\0b", "x" * 5000):
        with pytest.raises(ConfigError, match="settings file"):
            load_settings(tmp_path / name)
