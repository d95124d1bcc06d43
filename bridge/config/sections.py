"""Settings of what the bridge is: reader, PINs, doors, log."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, SecretStr, field_serializer, field_validator, model_validator

from bridge.config.base import Bytes, Seconds, Section, TcpPort
from bridge.errors import ConfigError
from bridge.words import said


def _in_capitals(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


def _as_logout(value: object) -> object:
    """It was true or false once."""
    return {"True": "always", "False": "unproved"}.get(str(value).capitalize(), value)


class ReaderSettings(Section):
    """The card reader session."""

    devices: dict[str, str] = Field(
        default_factory=dict,
        description="Legacy port number = device of the console, where `COM<number+1>` is not meant, such as "
        '`5 = "COM3"`.',
    )
    default_device: str = Field(
        default="",
        description="Device where a program opens port -1 or none. Empty: the console's own choice.",
    )
    linger: Seconds = Field(
        default=900.0,
        ge=0,
        description="How long the console session is kept after a program has closed the port.",
    )
    unopened: Literal["default", "refuse"] = Field(
        default="default",
        description="A card call without an open port: the `default` device, or `refuse` it with 4000.",
    )
    hold: Seconds = Field(
        default=2.0,
        ge=0,
        le=30,
        description="Two programs at two ports take turns at the console: how long one has it at least.",
    )
    visit_hold: Seconds = Field(
        default=60.0,
        ge=0,
        description="A program that has taken a visit number, or presented a virtual card, keeps the console "
        "so long after its last call; programs at other ports are refused meanwhile.",
    )
    logout_before_read: Annotated[Literal["unproved", "always", "never"], BeforeValidator(_as_logout)] = (
        Field(
            default="unproved",
            description="Log the health card out, so that the console looks at the slot anew and a "
            "swapped card cannot be missed: once in each call that uses the card (`unproved`; not within "
            "`pin_kept` of a typed PIN), also then (`always`), or `never`: for a console known to notice "
            "each swap.",
        )
    )
    pin_kept: Seconds = Field(
        default=30.0,
        ge=0,
        le=600,
        description="How long a health card's typed PIN tells that the card is still there, so that it is "
        "not logged out, which would end the PIN's verification.",
    )
    verify_inserted: bool = Field(
        default=True,
        description="A program that asks for the health card's state has a card that was put in verified "
        "first, once, as the old software did: the state is 2, or 3 where a practitioner's PIN is verified. "
        "`false`: the state is 1 until something is read.",
    )
    sam_checked: Seconds = Field(
        default=60.0,
        ge=0,
        description="A program's verification of the SAM (安全模組認證) is really done where the last one is "
        "longer ago: it tells whether contract and network are in order. Within this time the console's own "
        "word is enough, for programs that call it before every read.",
    )
    shared: bool = Field(
        default=True,
        description="Other programs may work at the same console: after a signature of the health card it is "
        "asked whether that card was a physical one. `false` saves that request.",
    )
    cards: Literal["physical", "either"] = Field(
        default="physical",
        description="Which health card the library's calls take: the `physical` one in the slot, or "
        "`either`: the virtual card whose QR code was presented through this bridge, while that lasts (see "
        "virtual-cards.md). `either` needs `shared`.",
    )
    presented_idle: Seconds = Field(
        default=300.0,
        gt=0,
        le=3600,
        description="With `either`: a virtual card that was presented is taken out by itself so long after a "
        "call has last used it.",
    )
    presented_sure: Seconds = Field(
        default=30.0,
        ge=0,
        le=600,
        description="With `either`: how long it counts as sure that nobody has put a physical card in, since "
        "the bridge looked at the slot. After that, and before a visit, it looks again, which uses the QR "
        "code once more.",
    )

    @model_validator(mode="after")
    def _either_is_shared(self) -> ReaderSettings:
        if self.cards == "either" and not self.shared:
            raise ValueError('cards = "either" needs shared = true: which card answers must be asked')
        return self

    @field_validator("devices")
    @classmethod
    def _ports(cls, devices: dict[str, str]) -> dict[str, str]:
        for port in devices:
            if not re.fullmatch(r"[0-9]{1,3}", port):
                raise ValueError(
                    said(
                        '"{port}" is no port number: write the number that a program opens, 0 to 999',
                        port=port,
                    )
                )
        return devices


class FixedPinSettings(Section):
    """PINs that ``provider = "fixed"`` answers with, as text of digits."""

    hc: SecretStr | None = Field(default=None, description="Health card's PIN, 4 to 6 digits.")
    hpc: SecretStr | None = Field(default=None, description="Practitioner card's PIN, up to 8 digits.")
    puk: SecretStr | None = Field(default=None, description="Practitioner card's PUK, up to 8 digits.")
    new_hc: SecretStr | None = Field(default=None, description="New PIN where the health card's is changed.")
    new_hpc: SecretStr | None = Field(
        default=None, description="New PIN where the practitioner card's is changed."
    )

    @field_serializer("*", when_used="json-unless-none")
    def _reveal(self, value: SecretStr) -> str:
        """Only for ``save_settings``: another process must reach the same simulated cards."""
        return value.get_secret_value()


class PinSettings(Section):
    """Where PINs come from."""

    provider: Literal["prompt", "keypad", "page", "fixed"] = Field(
        default="prompt",
        description="`prompt`: a window on the screen of the user who runs the bridge (for a cloud SAM with "
        "a PC/SC reader). `keypad`: the keys of an NHI reader (健保讀卡機, on a COM port). `page`: the page "
        "that `cshis-bridge desk` opens. `fixed`: the next section.",
    )
    timeout: Seconds = Field(default=60.0, gt=0, le=90, description="What a person has for one question.")
    fixed: FixedPinSettings = Field(
        default=FixedPinSettings(),
        description='Answers of `provider = "fixed"`, as text of digits. For simulators and trials: in a '
        "clinic a PIN does not belong into a file.",
    )


class TextSettings(Section):
    """Texts in code page 950."""

    eudc: Path | None = Field(
        default=None,
        description="The site's list of the characters it has drawn itself (造字), which makes them whole: "
        "UTF-8, a line for each with its code and its character, such as `FA40 U+5803`.",
    )

    def eudc_list(self) -> str:
        """The content of that file, "" without one. Raises ConfigError."""
        if self.eudc is None:
            return ""
        try:
            return self.eudc.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            raise ConfigError(
                said("text.eudc: {file} is not UTF-8 at byte {place}", file=self.eudc, place=error.start + 1)
            ) from error
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or error
            raise ConfigError(
                said("text.eudc: {file} cannot be read: {why}", file=self.eudc, why=why)
            ) from error


CodeNames = Literal["both", "text", "number"]


class FacadeSettings(Section):
    """The HTTP doors. A port of 0 means any free one."""

    host: str = Field(
        default="127.0.0.1", description="Address that both ports listen on; with another one the log warns."
    )
    port: TcpPort = Field(default=5067, description="HTTPS. 0 is any free port.")
    legacy_http_port: TcpPort = Field(
        default=3033, description="Plain HTTP, as the old SDK had. 0 is any free port."
    )
    certificate_file: Path | None = Field(
        default=None, description="PEM, where the certificate made at first start is not wanted."
    )
    key_file: Path | None = Field(
        default=None, description="PEM; its private key, which not everybody may read."
    )
    trust: Literal["user", "off"] = Field(
        default="user",
        description="On Windows: at its first start the bridge has its user trust the certificate that it "
        "has made, so that browsers do not warn; Windows asks once. As a service: the installer has the "
        "whole machine trust it. Not with `certificate_file`, another data folder than the usual one, or "
        "`--simulate`.",
    )
    other_users: bool = Field(
        default=False,
        description="Programs of other users of this machine, on Windows also of other sessions, are "
        "answered over HTTP. Without it they are refused (403), as far as the system tells whose they are. "
        "As a service the bridge answers all.",
    )
    allowed_hosts: tuple[str, ...] = Field(
        default=("localhost", "127.0.0.1", "[::1]"), description="Host headers that are answered."
    )
    allowed_origins: tuple[str, ...] = Field(
        default=("localhost", "127.0.0.1", "[::1]", "*.nhi.gov.tw"),
        description="Hosts whose web pages may call, by https; pages of this machine also by http. "
        '`"http://his.example"` allows pages without encryption, which anybody on the way can change.',
    )
    error_code: CodeNames = Field(
        default="both",
        description="Names of the return code: `ERRORCODE` (text) and `errorCode` (number). A client that "
        "reads names without their letter case takes the two for one: `text` leaves the number out, `number` "
        "the text. `statusCode` (number) is always there.",
    )
    most_body_bytes: Bytes = Field(
        default=1_048_576, gt=0, description="Largest body of a request; uploads to the centre have 20 MiB."
    )

    @model_validator(mode="after")
    def _whole_certificate(self) -> FacadeSettings:
        if (self.certificate_file is None) != (self.key_file is None):
            raise ValueError(said("certificate_file and key_file go together: set both, or neither"))
        return self


class ChannelSettings(Section):
    """The door of the native library."""

    host: str = Field(default="127.0.0.1", description="Address to listen on; the channel has no encryption.")
    port: TcpPort = Field(default=5068, description="Of the library. 0 is any free port.")
    token_file: Path | None = Field(
        default=None,
        description="Only programs that can read this file are answered. The bridge makes it if missing. "
        "As a service (`serve --service`) the bridge does not start without it.",
    )


class JournalSettings(Section):
    """What stays in the journal."""

    kept_calls: int = Field(default=100_000, ge=1, description="The newest calls; 60 bytes each.")
    kept_changes: int = Field(
        default=200_000,
        ge=1,
        description="The newest changes, done or not; 250 bytes each. One that is unclear stays until a "
        "person has looked, however old it is.",
    )
    kept_receipts: int = Field(
        default=50_000,
        ge=1,
        description="The newest changes with a receipt, such as the execution number of an upload "
        "(執行編號), with which its result is fetched.",
    )


class LogSettings(Section):
    """The log of ``serve``; its options --log-level and --log-file win."""

    level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(_in_capitals)] = Field(
        default="INFO", description="What is written, from this level on."
    )
    format: Literal["text", "json"] = Field(default="text", description="`json`: one JSON object a line.")
    file: Path | None = Field(default=None, description="In place of standard error.")
    most_bytes: Bytes = Field(
        default=5_000_000, ge=10_000, description="When the file has this size it is begun anew."
    )
    kept_files: int = Field(default=3, ge=1, le=1000, description="Older files that stay beside it.")


class TraySettings(Section):
    """The icon in Windows' notification area."""

    shown: bool = Field(
        default=True,
        description="Whether the bridge shows its icon, where a person has started it on Windows.",
    )
    language: Literal["auto", "zh-TW", "en"] = Field(
        default="auto", description="Of its tip and menu; `auto`: that of the person's Windows."
    )
