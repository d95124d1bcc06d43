"""Settings: defaults, then a TOML file, then the environment (CSHIS_BRIDGE_<SECTION>__<KEY>).

The TOML file is the one given (``--config``), else CSHIS_BRIDGE_CONFIG, else ``config.toml`` in the data
directory.
"""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import tomli_w
from platformdirs import user_data_path
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_serializer,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from bridge.errors import ConfigError
from bridge.private_files import write_private

ENVIRONMENT_PREFIX = "CSHIS_BRIDGE_"
THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


def _in_capitals(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


class Section(BaseModel):
    """Base of the sections.

    Immutable, and an unknown key is an error, so that a typing mistake is found at start.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class UpstreamSettings(Section):
    """How to reach one upstream. Times in seconds.

    ``ca_file`` (PEM) verifies it, else the system's trusted CAs do. Without encryption (http) only what
    listens on this machine is asked.
    """

    url: str
    ca_file: Path | None = None
    connect_timeout: float = Field(default=2.0, gt=0)
    read_timeout: float = Field(default=10.0, gt=0)

    @field_validator("url")
    @classmethod
    def _encrypted(cls, url: str) -> str:
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname, parts.port
        except ValueError as error:
            raise ValueError("no valid address") from error
        if not host or parts.scheme not in ("https", "http"):
            raise ValueError("an address that begins with https:// is needed")
        if parts.scheme == "http" and host not in THIS_MACHINE:
            raise ValueError("https is needed; http is taken for this machine only")
        return url


class ConsoleSettings(UpstreamSettings):
    """The console (主控台) of control software 6.0 on this machine."""

    url: str = "https://localhost:5066"


class CloudSettings(UpstreamSettings):
    """The insurer's business-logic Web API (業務邏輯端)."""

    url: str = "https://medvpndc.nhi.gov.tw"
    read_timeout: float = Field(default=25.0, gt=0)


class CentreSettings(UpstreamSettings):
    """The insurer's upload centre (醫療資訊傳輸服務) for format 2.0; the service's name follows the address.

    V2000 takes the signatures of control software 6.0, V1000 those of 5.x.
    """

    url: str = "https://medvpndti.nhi.gov.tw/V2000/"
    read_timeout: float = Field(default=60.0, gt=0)


class UploadSettings(Section):
    """Uploads of visit records (就醫資料上傳).

    ``format``: ``1.0`` sends them to the cloud, ``2.0`` to the upload centre. ``type`` (作業類別, format 2.0
    only): A1 real, A2 pre-check (預檢), ZZ interface test (介接測試).
    """

    format: Literal["1.0", "2.0"] = "1.0"
    type: Literal["A1", "A2", "ZZ"] = "A1"
    centre: CentreSettings = CentreSettings()


class VpnSettings(Section):
    """VPN signatures (VPN認卡元件): for which use a random is taken ahead of its signing.

    ``guess_card_type`` (卡別): 1 health card, 2 doctor's card, 3 SAM, 4 all three, 5 practitioner card.
    ``guess_service_code`` (服務代號): 2 characters; 30 is the upload of visit records. A signature of that
    use is right wherever a program sends it; one of another use only through the bridge's own upload paths.
    """

    guess_card_type: int = Field(default=3, ge=1, le=5)
    guess_service_code: str = Field(default="30", pattern=r"^[0-9A-Za-z]{2}$")


class ReaderSettings(Section):
    """The card reader session.

    ``devices`` maps a legacy port number (as text) to a console device name where ``COM<number+1>`` is not
    meant; ``default_device`` (empty: the console's own choice) serves csOpenCom(-1) and calls without an open
    port; ``linger`` is how many seconds after csCloseCom the console session is kept; ``unopened`` tells what
    a card call without an open port does. ``shared``: another
    program uses the same console session, so that the kind of card there is asked for before every call.
    """

    devices: dict[str, str] = Field(default_factory=dict)
    default_device: str = ""
    linger: float = Field(default=900.0, ge=0)
    unopened: Literal["default", "refuse"] = "default"
    logout_before_read: bool = False
    shared: bool = False


class FixedPinSettings(Section):
    """PINs that ``provider = "fixed"`` answers with, as text of digits. For the simulator and for trials: in
    a clinic a PIN does not belong into a file.

    ``hc`` health card (4 to 6 digits), ``hpc`` practitioner card (up to 8), ``puk`` its PUK (up to 8),
    ``new_hc`` and ``new_hpc`` the new PINs where one is changed.
    """

    hc: SecretStr | None = None
    hpc: SecretStr | None = None
    puk: SecretStr | None = None
    new_hc: SecretStr | None = None
    new_hpc: SecretStr | None = None

    @field_serializer("*", when_used="json-unless-none")
    def _reveal(self, value: SecretStr) -> str:
        """Only for ``save_settings``: another process must reach the same simulated cards."""
        return value.get_secret_value()


class PinSettings(Section):
    """Where PINs come from.

    ``provider``: ``prompt`` shows a window on the screen of the user who runs the bridge (for a cloud SAM
    with a PC/SC reader), ``keypad`` leaves the asking to an NHI reader with keys (健保讀卡機, on a COM port),
    ``fixed`` takes them from ``fixed``. ``timeout`` is how many seconds a person has for one question; all
    questions of a call stay within 85 % of ``call_deadline``.
    """

    provider: Literal["prompt", "keypad", "fixed"] = "prompt"
    timeout: float = Field(default=60.0, gt=0, le=90)
    fixed: FixedPinSettings = FixedPinSettings()


class OfficerSettings(Section):
    """An officer (cán bộ) registered for lookups: full name, and 12 digits of the citizen id (số CCCD)."""

    hoTenCb: str = Field(min_length=1, repr=False)
    cccdCb: str = Field(pattern=r"^[0-9]{12}$", repr=False)


class BhytSettings(UpstreamSettings):
    """Lookups of Viet Nam's health-insurance cards (thẻ BHYT) on the portal. Without officers they are off.

    ``username`` and ``password`` (or its md5, 32 hexadecimal digits) ask where a program sends no account of
    its own. ``officers``: who looks up, by the user name of the account that asks, ``*`` for every other one.
    """

    url: str = "https://egw.baohiemxahoi.gov.vn"
    read_timeout: float = Field(default=20.0, gt=0)
    username: str = ""
    password: SecretStr | None = None
    password_md5: SecretStr | None = None
    officers: dict[str, OfficerSettings] = Field(default_factory=dict)

    @property
    def enabled(self) -> bool:
        """Whether lookups are served."""
        return bool(self.officers)

    @model_validator(mode="after")
    def _whole_account(self) -> BhytSettings:
        given = [value for value in (self.password, self.password_md5) if value is not None]
        if len(given) != bool(self.username):
            raise ValueError("username goes with exactly one of password, password_md5")
        if self.password_md5 is not None and not re.fullmatch(
            r"[0-9A-Fa-f]{32}", self.password_md5.get_secret_value()
        ):
            raise ValueError("password_md5 has 32 hexadecimal digits")
        names = [name.lower() for name in self.officers]
        if len(set(names)) != len(names):
            raise ValueError("officers: a user name stands twice (letter case does not count)")
        return self

    @field_serializer("password", "password_md5", when_used="json-unless-none")
    def _reveal(self, value: SecretStr) -> str:
        """Only for ``save_settings``."""
        return value.get_secret_value()


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


class LogSettings(Section):
    """The log of ``serve``; its options --log-level and --log-file win.

    ``format``: ``text``, or ``json`` for one JSON object a line. ``file``: None is standard error. It is
    begun anew when it has ``most_bytes`` bytes; ``kept_files`` older ones stay beside it.
    """

    level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(_in_capitals)] = "INFO"
    format: Literal["text", "json"] = "text"
    file: Path | None = None
    most_bytes: int = Field(default=5_000_000, ge=10_000)
    kept_files: int = Field(default=3, ge=1, le=1000)


class _TomlFile(TomlConfigSettingsSource):
    """The settings file. Windows' editors put a byte order mark before UTF-8, which TOML does not allow."""

    def _read_file(self, file_path: Any) -> dict[str, Any]:
        return tomllib.loads(file_path.read_text(encoding="utf-8-sig"))


class Settings(BaseSettings):
    """Everything that can be set. Sources, strongest first: environment, TOML file, defaults.

    ``dropped_functions``: whether what 6.0 refuses and the bridge can serve is served or answers -2.
    ``call_deadline``: seconds after which any call ends (the native library itself waits 120).
    """

    model_config = SettingsConfigDict(
        env_prefix=ENVIRONMENT_PREFIX,
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        hide_input_in_errors=True,  # a PIN with a typing mistake must not stand in a traceback
    )

    console: ConsoleSettings = ConsoleSettings()
    cloud: CloudSettings = CloudSettings()
    upload: UploadSettings = UploadSettings()
    vpn: VpnSettings = VpnSettings()
    reader: ReaderSettings = ReaderSettings()
    pin: PinSettings = PinSettings()
    bhyt: BhytSettings = BhytSettings()
    facade: FacadeSettings = FacadeSettings()
    channel: ChannelSettings = ChannelSettings()
    log: LogSettings = LogSettings()
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
        return init_settings, env_settings, _TomlFile(settings_cls)


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
    chosen = settings_file(file, Path(overrides.get("data_dir") or default_data_dir()))
    try:
        if chosen is not None and not chosen.is_file():
            raise ConfigError(f"settings file {chosen} does not exist")
    except (OSError, ValueError) as error:
        raise ConfigError(f"settings file {chosen} cannot be read: {error}") from error

    class FromFile(Settings):
        model_config = SettingsConfigDict(toml_file=chosen)

    try:
        return FromFile(**overrides)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise ConfigError(f"{chosen or 'environment'}: {faults}") from error
    except (ValueError, RecursionError) as error:  # broken TOML
        raise ConfigError(f"{chosen or 'environment'}: {error}") from error
    except OSError as error:  # a file of another user
        raise ConfigError(f"settings file {chosen} cannot be read: {error.strerror}") from error


def settings_file(file: Path | None, data_dir: Path) -> Path | None:
    """The file that :func:`load_settings` reads: the one given, CSHIS_BRIDGE_CONFIG, config.toml of the data
    directory if it is there, or none.
    """
    if file is not None:
        return file
    given = os.environ.get("CSHIS_BRIDGE_CONFIG")
    if given:
        return Path(given)
    usual = data_dir / "config.toml"
    return usual if usual.is_file() else None


def save_settings(settings: Settings, file: Path) -> None:
    """Write settings as TOML, so that another process reaches the same upstreams (the ready line's
    ``config``). Only the user may read the file: fixed PINs stand in it as they were given.
    """
    values = settings.model_dump(mode="json", exclude_none=True)
    write_private(file, tomli_w.dumps(values))
