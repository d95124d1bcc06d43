"""Settings: defaults, then a TOML file, then the environment (CSHIS_BRIDGE_<SECTION>__<KEY>).

The TOML file is the one given (``--config``), else CSHIS_BRIDGE_CONFIG, else ``config.toml`` in the data
directory.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal

import tomli_w
from platformdirs import user_data_path
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from bridge.errors import ConfigError


class Section(BaseModel):
    """Base of the sections.

    Immutable, and an unknown key is an error, so that a typing mistake is found at start.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")


class UpstreamSettings(Section):
    """How to reach one upstream. Times in seconds.

    ``ca_file`` (PEM) verifies it, else the system's trusted CAs do.
    """

    url: str
    ca_file: Path | None = None
    connect_timeout: float = Field(default=2.0, gt=0)
    read_timeout: float = Field(default=10.0, gt=0)


class ConsoleSettings(UpstreamSettings):
    """The console (主控台) of control software 6.0 on this machine."""

    url: str = "https://localhost:5066"


class CloudSettings(UpstreamSettings):
    """The insurer's business-logic Web API (業務邏輯端)."""

    url: str = "https://medvpndc.nhi.gov.tw"
    read_timeout: float = Field(default=25.0, gt=0)


class ReaderSettings(Section):
    """The card reader session.

    ``devices`` maps a legacy port number (as text) to a console device name where ``COM<number+1>`` is not
    meant; ``default_device`` (empty: the console's own choice) serves csOpenCom(-1) and calls without an open
    port; ``linger`` is how many seconds after csCloseCom the console session is kept; ``unopened`` tells what
    a card call without an open port does.
    """

    devices: dict[str, str] = Field(default_factory=dict)
    default_device: str = ""
    linger: float = Field(default=900.0, ge=0)
    unopened: Literal["default", "refuse"] = "default"
    logout_before_read: bool = False


class FacadeSettings(Section):
    """The HTTP doors. ``port`` is HTTPS, ``legacy_http_port`` plain HTTP as the old SDK had.

    0 means any free one.
    """

    host: str = "127.0.0.1"
    port: int = Field(default=5067, ge=0, le=65535)
    legacy_http_port: int = Field(default=3033, ge=0, le=65535)
    certificate_file: Path | None = None
    key_file: Path | None = None
    allowed_hosts: tuple[str, ...] = ("localhost", "127.0.0.1", "[::1]")
    allowed_origins: tuple[str, ...] = ("localhost", "127.0.0.1", "*.nhi.gov.tw")
    most_body_bytes: int = Field(default=1_048_576, gt=0)


class ChannelSettings(Section):
    """The door of the native library.

    With ``token_file`` set, only callers that can read that file are answered.
    """

    host: str = "127.0.0.1"
    port: int = Field(default=5068, ge=0, le=65535)
    token_file: Path | None = None


class Settings(BaseSettings):
    """Everything that can be set. Sources, strongest first: environment, TOML file, defaults.

    ``dropped_functions``: whether what 6.0 refuses and the bridge can serve is served or answers -2.
    ``call_deadline``: seconds after which any call ends (the native library itself waits 120).
    """

    model_config = SettingsConfigDict(
        env_prefix="CSHIS_BRIDGE_", env_nested_delimiter="__", extra="forbid", frozen=True
    )

    console: ConsoleSettings = ConsoleSettings()
    cloud: CloudSettings = CloudSettings()
    reader: ReaderSettings = ReaderSettings()
    facade: FacadeSettings = FacadeSettings()
    channel: ChannelSettings = ChannelSettings()
    data_dir: Path = Field(default_factory=lambda: default_data_dir())
    dropped_functions: Literal["serve", "refuse"] = "serve"
    call_deadline: float = Field(default=100.0, gt=0, le=115.0)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment over TOML.

        The file's name comes in through ``toml_file`` of the (sub)class configuration.
        """
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def default_data_dir() -> Path:
    """The per-user folder for certificate, journal and settings (CSHIS_BRIDGE_DATA_DIR overrides it)."""
    given = os.environ.get("CSHIS_BRIDGE_DATA_DIR")
    return Path(given) if given else user_data_path("cshis-bridge", appauthor=False)


def load_settings(file: Path | None = None, **overrides: Any) -> Settings:
    """Read the settings.

    In: the TOML file (None: CSHIS_BRIDGE_CONFIG, else config.toml of the data directory if it is there);
    top-level overrides.
    Raises ConfigError, with the setting's name, when the file is missing or a value cannot be used.
    """
    chosen = file or _configured_file(Path(overrides.get("data_dir") or default_data_dir()))
    if chosen is not None and not chosen.is_file():
        raise ConfigError(f"settings file {chosen} does not exist")

    class FromFile(Settings):
        model_config = SettingsConfigDict(toml_file=chosen)

    try:
        return FromFile(**overrides)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise ConfigError(f"{chosen or 'environment'}: {faults}") from error
    except ValueError as error:  # broken TOML
        raise ConfigError(f"{chosen}: {error}") from error


def _configured_file(data_dir: Path) -> Path | None:
    given = os.environ.get("CSHIS_BRIDGE_CONFIG")
    if given:
        return Path(given)
    usual = data_dir / "config.toml"
    return usual if usual.is_file() else None


def save_settings(settings: Settings, file: Path) -> None:
    """Write settings as TOML, so that another process reaches the same upstreams (the ready line's
    ``config``).
    """
    values = settings.model_dump(mode="json", exclude_none=True)
    file.write_text(tomli_w.dumps(values), encoding="utf-8")
