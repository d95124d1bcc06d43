"""All settings together, and their file."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import ConfigDict, Field, ValidationError

from bridge.config.base import Seconds, Section
from bridge.config.bhyt import BhytSettings
from bridge.config.faults import UnusableSettings, faults_of
from bridge.config.machine import FILE, machine_settings
from bridge.config.sections import (
    ChannelSettings,
    FacadeSettings,
    JournalSettings,
    LogSettings,
    PinSettings,
    ReaderSettings,
    TextSettings,
    TraySettings,
)
from bridge.config.sources import Source, all_sources, all_values, place_of, read_toml
from bridge.config.telemetry import TelemetrySettings
from bridge.config.upstreams import (
    CloudSettings,
    ConsoleSettings,
    MediCloudSettings,
    UploadSettings,
    VpnSettings,
)
from bridge.errors import ConfigError
from bridge.private_files import write_private
from bridge.words import said

SectionT = TypeVar("SectionT", bound=Section)


class Settings(Section):
    """Everything that can be set. ``load_settings`` reads it; the class alone has the defaults."""

    # A PIN with a typing mistake must not stand in a traceback.
    model_config = ConfigDict(hide_input_in_errors=True)

    console: ConsoleSettings = Field(
        default=ConsoleSettings(), description="The console (主控台) of control software 6.0 on this machine."
    )
    cloud: CloudSettings = Field(
        default=CloudSettings(), description="The insurer's business-logic Web API (業務邏輯端)."
    )
    upload: UploadSettings = Field(
        default=UploadSettings(),
        description="Uploads of visit records (就醫資料上傳).",
    )
    medicloud: MediCloudSettings = Field(
        default=MediCloudSettings(),
        description="The insurer's cloud query system (健保醫療資訊雲端查詢系統): requests of 5.x for "
        "interactions of medicines (GetMedPrtData) go there in the form of 6.0.",
    )
    vpn: VpnSettings = Field(
        default=VpnSettings(),
        description="VPN signatures (VPN認卡元件): for which use a random is taken ahead of its signing. A "
        "signature of that use is right wherever a program sends it; one of another use only through the "
        "bridge's own upload paths.",
    )
    reader: ReaderSettings = Field(default=ReaderSettings(), description="The session with the card reader.")
    pin: PinSettings = Field(
        default=PinSettings(),
        description="Who is asked for PINs. All questions of a call stay within 85 % of `call_deadline`.",
    )
    text: TextSettings = Field(default=TextSettings(), description="Texts in code page 950.")
    bhyt: BhytSettings = Field(
        default=BhytSettings(),
        description="Viet Nam's portal of health insurance (thẻ BHYT), whose paths the bridge serves. Off "
        "without officers and accounts, unless `serve` says otherwise.",
    )
    facade: FacadeSettings = Field(
        default=FacadeSettings(), description="The HTTP doors: the paths of the VHC SDK."
    )
    channel: ChannelSettings = Field(default=ChannelSettings(), description="The door of the native library.")
    journal: JournalSettings = Field(
        default=JournalSettings(),
        description="What stays in the journal. It is counted, not dated: no clock that is set wrongly takes "
        "anything away.",
    )
    log: LogSettings = Field(
        default=LogSettings(),
        description="The log of `serve`. Its options --log-level and --log-file win over these.",
    )
    tray: TraySettings = Field(
        default=TraySettings(),
        description="The icon in Windows' notification area (工作列通知區域): how the bridge is, and a menu.",
    )
    telemetry: TelemetrySettings = Field(
        default=TelemetrySettings(),
        description="Finished calls as spans of OpenTelemetry: door, function, code and times, and no "
        "person. Wants the extra `otel`.",
    )
    data_dir: Path = Field(
        default_factory=lambda: default_data_dir(),
        description="Folder of certificate, journal and simulator. Without it the user's own data folder: "
        "`%LOCALAPPDATA%\\cshis-bridge` on Windows, `~/.local/share/cshis-bridge` on Linux.",
    )
    dropped_functions: Literal["serve", "refuse"] = Field(
        default="serve",
        description="What 6.0 refuses and the bridge can serve (manual 3.3 §1.9, the telemedicine paths): "
        "`serve` it, or `refuse` it with -2.",
    )
    call_deadline: Seconds = Field(
        default=100.0,
        gt=0,
        le=115.0,
        description="Any call ends after this time. The native library itself waits 120 seconds.",
    )


def default_data_dir() -> Path:
    """The per-user folder for certificate, journal and settings (CSHIS_BRIDGE_DATA_DIR overrides it)."""
    given = os.environ.get("CSHIS_BRIDGE_DATA_DIR")
    if given:
        return Path(given)
    from platformdirs import user_data_path

    return user_data_path("cshis-bridge", appauthor=False)


def chosen_data_dir(file: Path | None = None) -> Path:
    """The data directory that the settings name, else the user's own: what :func:`load_settings` of the same
    file has, and also there where another setting cannot be used.
    """
    try:
        named = all_values(sources_of(file, {})).get("data_dir")
    except ConfigError:
        named = None
    return Path(named) if isinstance(named, str | Path) and str(named) else default_data_dir()


def chosen_places(data_dir: Path | None, file: Path | None) -> tuple[Path, Path | None]:
    """In: what the command line says. Out: the data directory (absolute: other commands run in other folders)
    and the settings file, None for the one that lies in it, if any. A file of the user's own folder that
    names another data directory is still the one that is read.
    """
    if data_dir is not None:
        return data_dir.absolute(), file
    with suppress(ConfigError):  # load_settings says it
        file = settings_file(file, default_data_dir())
    return chosen_data_dir(file).absolute(), file


def load_settings(file: Path | None = None, **overrides: Any) -> Settings:
    """Read the settings.

    In: the TOML file (None: CSHIS_BRIDGE_CONFIG, else config.toml of the data directory if it is there);
    top-level overrides. The stronger first: overrides, environment, file, those of the machine
    (Windows' registry, elsewhere /etc/cshis-bridge/config.toml), defaults.
    Raises ConfigError, with the setting's name, when the file is missing or a value cannot be used.
    """
    sources = sources_of(file, overrides)
    try:
        return Settings.model_validate(all_values(sources))
    except ValidationError as error:
        faults = faults_of(error, Settings, lambda names: place_of(sources, names))
        raise UnusableSettings(faults) from error


def sources_of(file: Path | None, overrides: Mapping[str, Any]) -> list[Source]:
    """Where :func:`load_settings` takes the settings from, the weaker first. Raises ConfigError."""
    chosen = settings_file(file, Path(overrides.get("data_dir") or default_data_dir()))
    files = [each for each in (_machine_file(), chosen) if each is not None]
    return all_sources(list(dict.fromkeys(files)), overrides, Settings, machine_settings)


def _machine_file() -> Path | None:
    """The file for everybody at this machine, if it is there. On Windows anybody may make a folder of that
    name; the registry has that place there.
    """
    return FILE if sys.platform != "win32" and FILE.is_file() else None


def load_running(file: Path) -> Settings:
    """The settings of a bridge that runs, from the file that :func:`save_settings` made for it: those alone,
    whatever the environment says here. Raises ConfigError.
    """
    try:
        return Settings.model_validate(read_toml(file)[0])
    except ValidationError as error:
        raise ConfigError(said("{file} is of another version, or damaged", file=file)) from error


def settings_file(file: Path | None, data_dir: Path) -> Path | None:
    """The file that :func:`load_settings` reads: the one given, CSHIS_BRIDGE_CONFIG, config.toml of the data
    directory if it is there, or none. Raises ConfigError where that cannot be seen.
    """
    if file is not None:
        return file
    given = os.environ.get("CSHIS_BRIDGE_CONFIG")
    if given:
        return Path(given)
    usual = data_dir / "config.toml"
    try:
        return usual if usual.is_file() else None
    except OSError as error:  # a folder that this user may not enter
        raise ConfigError(said("{file}: {why}", file=usual, why=error.strerror or error)) from error


def save_settings(settings: Settings, file: Path) -> None:
    """Write settings as TOML, so that another process reaches the same upstreams (the ready line's
    ``config``), whatever folder it works in: paths become absolute. Only the user may read the file: fixed
    PINs stand in it as they were given. Raises ConfigError when it cannot be written.
    """
    import tomli_w  # whoever only reads settings does without it

    values = _with_whole_paths(settings).model_dump(mode="json", exclude_none=True)
    try:
        write_private(file, tomli_w.dumps(values))
    except OSError as error:
        raise ConfigError(said("{file} cannot be written: {why}", file=file, why=error.strerror)) from error
    except UnicodeEncodeError as error:
        raise ConfigError(
            said("{file} cannot be written: a path in the settings is not UTF-8", file=file)
        ) from error


def _with_whole_paths(section: SectionT) -> SectionT:
    """The section with every path in it absolute."""
    whole: dict[str, Any] = {}
    for name in type(section).model_fields:
        value = getattr(section, name)
        if isinstance(value, Path):
            whole[name] = value.absolute()
        elif isinstance(value, Section):
            whole[name] = _with_whole_paths(value)
    return section.model_copy(update=whole)
