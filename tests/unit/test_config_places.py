"""Where a setting stands in its file: by TOML's own lines, and however deep a file goes."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.config import load_settings
from bridge.config.places import DEEPEST, lines_of, paths_of
from bridge.errors import ConfigError


@pytest.mark.parametrize("character", ["\u2028", "\u0085", "\u001c", "\u000b"])
def test_other_signs_for_a_new_line_end_none_in_toml(character: str) -> None:
    escaped = character if ord(character) > 0x7F else f"\\u{ord(character):04x}"
    assert lines_of(f'a = "x{escaped}y"\nb = 1\n') == {("a",): 1, ("b",): 2}


def test_a_file_that_goes_too_deep_is_refused_by_name(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text(".".join("a" * 600) + " = 1\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"a\.toml.*a: there is no such setting"):
        load_settings(file)
    deep: dict[str, object] = {}
    inner = deep
    for _ in range(5000):
        inner["a"] = inner = {}  # type: ignore[assignment]
    assert max(map(len, paths_of(deep))) == DEEPEST
