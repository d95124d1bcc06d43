"""Writes the page that documents all settings (docs/operate/settings.md). Pure: Settings -> Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin

import tomli_w
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from bridge.config.base import Unit
from bridge.config.settings import Settings
from bridge.words import said, shown, tr

COMMAND = "cshis-bridge config docs --output docs/operate/settings.md"
_BOUNDS = {
    "gt": said("above {bound}"),
    "ge": said("{bound} or more"),
    "lt": said("below {bound}"),
    "le": said("at most {bound}"),
}
_UNITS = {"seconds": said("seconds"), "bytes": said("bytes")}
_HEAD = f"""# Settings

[中文](settings.zh-TW.md)

Generated from `bridge/config` by `{COMMAND}`; do not edit.

Sources, the stronger first:

1. the environment: `CSHIS_BRIDGE_CLOUD__READ_TIMEOUT=30` is `read_timeout` of `[cloud]`; a table or a
   list is written in JSON there: `CSHIS_BRIDGE_READER__DEVICES={{"5": "COM3"}}`, or, where it is one
   of texts, as plain entries: `5=COM3;6=COM4`, `one.example;two.example`;
2. a TOML file: the one given with `--config FILE`, else the one that `CSHIS_BRIDGE_CONFIG` names, else
   `config.toml` in the data directory. It is UTF-8; a byte order mark does no harm;
3. on Windows the registry, for everybody at the machine: values (REG_SZ or REG_EXPAND_SZ) of
   `HKEY_LOCAL_MACHINE\\SOFTWARE\\cshis-bridge`, such as `cloud.read_timeout` with the text `30`; lists and
   tables as in the environment; an entry of a table may stand alone, too (`reader.devices.5`).
   [The installer](../install/windows-installer.md) writes them, and so may a group policy. Everybody at the
   machine can read them, so no secret belongs there. On another system `/etc/cshis-bridge/config.toml` has
   that place, a TOML file as above; [the package for Debian](../install/debian.md) brings one;
4. the defaults below. A dash is a setting that has none.

An unknown key, a value out of its bounds, half of two settings that go together, and a variable of the
environment that begins with `CSHIS_BRIDGE_` and that nobody reads: each is an error at start, with its file
and line and, where one is like it, the name that may have been meant. `cshis-bridge config check` says all
of them at once, else where each setting comes from; `cshis-bridge config init` writes a file with every
setting as a comment. A file with a few settings:

```toml
call_deadline = 60.0

[cloud]
read_timeout = 30.0

[reader.devices]
5 = "COM3"
```

[SECURITY.md](../../SECURITY.md#settings-that-weaken-it) lists the settings that weaken what is protected.
"""


def settings_page(model: type[BaseModel] = Settings) -> str:
    """The whole page: a table for the settings without a section, then one for each section. In the language
    in use (:mod:`bridge.words`).
    """
    head = "\n\n".join(tr(block) for block in head_blocks()) + "\n"
    parts = [head, f"## {tr('Without a section')}", "", *_table(model), *_sections(model, "")]
    return "\n".join(parts).rstrip() + "\n"


def head_blocks() -> list[str]:
    """The paragraphs before the tables, each a text of the catalogue; a block of code is one, too."""
    blocks: list[str] = []
    for block in _HEAD.strip().split("\n\n"):
        if blocks and blocks[-1].count("```") == 1:
            blocks[-1] += f"\n\n{block}"
        else:
            blocks.append(block)
    return blocks


def descriptions(model: type[BaseModel] = Settings) -> Iterator[str]:
    """What is said of each setting and section."""
    for field in model.model_fields.values():
        if field.description:
            yield field.description
        if (section := section_of(field)) is not None:
            yield from descriptions(section)


def described(field: FieldInfo) -> str:
    """What is said of a setting, in the language in use."""
    return tr(field.description) if field.description else ""


def _sections(model: type[BaseModel], outer: str) -> Iterator[str]:
    for name, field in model.model_fields.items():
        section = section_of(field)
        if section is None:
            continue
        path = f"{outer}{name}"
        yield from ("", f"## [{path}]", "", described(field), "")
        yield from _table(section)
        yield from _sections(section, f"{path}.")


def _table(model: type[BaseModel]) -> Iterator[str]:
    yield tr("| setting | default | values | meaning |")
    yield "|---|---|---|---|"
    for name, field in model.model_fields.items():
        if section_of(field) is None:
            yield f"| `{name}` | {_default(field)} | {values_text(field)} | {described(field)} |"


def section_of(field: FieldInfo) -> type[BaseModel] | None:
    """The section that a field is, None for a setting."""
    kind = field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def _default(field: FieldInfo) -> str:
    """The default for the page; a dash where there is none or it depends on the machine."""
    text = default_text(field)
    if text is None:
        return "-"
    return tr("none") if text == "{}" else f"`{text}`"


def default_text(field: FieldInfo) -> str | None:
    """The default as it would stand in the file; None where there is none or it depends on the machine."""
    value: Any = field.default
    if field.default_factory is dict:
        return "{}"
    if field.is_required() or field.default_factory is not None or value is None:
        return None
    plain = list(value) if isinstance(value, tuple) else value
    text = tomli_w.dumps({"value": plain}).removeprefix("value = ").strip()
    return " ".join(text.split()).replace("[ ", "[").replace(", ]", "]")


def values_text(field: FieldInfo) -> str:
    """What may be written: the choices, or unit and bounds."""
    if get_origin(field.annotation) is Literal:
        return ", ".join(f'`"{choice}"`' for choice in get_args(field.annotation))
    if field.annotation is bool:
        return "`true`, `false`"
    units = [shown(_UNITS[part.name]) for part in field.metadata if isinstance(part, Unit)]
    return ", ".join([*units, *_bounds(field)])


def _bounds(field: FieldInfo) -> list[str]:
    limits = {name: getattr(part, name) for part in field.metadata for name in _BOUNDS if hasattr(part, name)}
    if limits.keys() == {"ge", "le"}:
        return [tr("{least} to {most}", least=limits["ge"], most=limits["le"])]
    return [tr(_BOUNDS[name].template, bound=f"{limit:g}") for name, limit in limits.items()]
