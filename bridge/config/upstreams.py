"""Settings of what the bridge asks: console, cloud, upload centre; the portal's stand in ``bhyt``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from bridge.config.base import Seconds, Section
from bridge.words import said

THIS_MACHINE = ("localhost", "127.0.0.1", "::1")
Trusted = Annotated[
    Path | None,
    Field(
        description="PEM file that verifies the other side. Without it the system's trusted authorities do."
    ),
]


def encrypted(url: str) -> str:
    """The address itself. Raises ValueError for one that is none, or has no encryption over a network."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise ValueError(said("no valid address")) from error
    if not host or parts.scheme not in ("https", "http"):
        raise ValueError(said("an address that begins with https:// is needed"))
    if parts.scheme == "http" and host not in THIS_MACHINE:
        raise ValueError(said("https is needed; http is taken for this machine only"))
    return url


class UpstreamSettings(Section):
    """How to reach one upstream. Without encryption (http) only what listens on this machine is asked."""

    url: str = Field(description="Address, with https. http is taken for this machine only.")
    ca_file: Trusted = None
    connect_timeout: Seconds = Field(
        default=2.0, gt=0, description="For the connection and its TLS handshake."
    )
    read_timeout: Seconds = Field(
        default=10.0, gt=0, description="For the whole answer, however it drips in."
    )

    @field_validator("url")
    @classmethod
    def _encrypted(cls, url: str) -> str:
        return encrypted(url)


class ConsoleSettings(UpstreamSettings):
    """The console (主控台) of control software 6.0 on this machine."""

    url: str = Field(default="https://localhost:5066", description="Address of the console.")
    other_users: bool = Field(
        default=False,
        description="Work with a console on this machine that belongs to another user, or to another session "
        "of Windows. Without it its cards are not used. As a service the bridge works with any.",
    )
    several_bridges: bool = Field(
        default=False,
        description="Another bridge of this user may work with the same console at the same time. Without it "
        "the second one does not start: each would take the console's one session from the other.",
    )


class CloudSettings(UpstreamSettings):
    """The insurer's business-logic Web API (業務邏輯端)."""

    url: str = Field(default="https://medvpndc.nhi.gov.tw", description="Address of the cloud.")
    read_timeout: Seconds = Field(
        default=25.0,
        gt=0,
        description="For the whole answer. A body of more than 128 KB has a second more for each 128 KB.",
    )


class CentreSettings(UpstreamSettings):
    """The insurer's upload centre (醫療資訊傳輸服務) for format 2.0."""

    url: str = Field(
        default="https://medvpndti.nhi.gov.tw/V2000/",
        description="Address; the service's name follows it. V2000 takes the signatures of control software "
        "6.0, V1000 those of 5.x.",
    )
    read_timeout: Seconds = Field(default=60.0, gt=0, description="For the answer.")


class MediCloudSettings(UpstreamSettings):
    """The insurer's cloud query system (健保醫療資訊雲端查詢系統)."""

    url: str = Field(
        default="https://medcloudws2.nhi.gov.tw/api/imie5000/",
        description="Address; the service's name follows it.",
    )
    read_timeout: Seconds = Field(default=25.0, gt=0, description="For the answer.")


class UploadSettings(Section):
    """Uploads of visit records (就醫資料上傳)."""

    format: Literal["1.0", "2.0"] = Field(
        default="1.0",
        description="`1.0` sends them to the cloud, `2.0` to the upload centre (醫療資訊傳輸服務).",
    )
    type: Literal["A1", "A2", "ZZ"] = Field(
        default="A1",
        description="Kind of upload (作業類別), format 2.0 only: `A1` real, `A2` pre-check (預檢), `ZZ` "
        "interface test (介接測試).",
    )
    centre: CentreSettings = Field(
        default=CentreSettings(), description="The insurer's upload centre, for format 2.0."
    )


class VpnSettings(Section):
    """VPN signatures (VPN認卡元件): for which use a program's first random is taken ahead of its signing.
    Later ones are taken for the use of its last signature.
    """

    guess_card_type: int = Field(
        default=3,
        ge=1,
        le=5,
        description="Card (卡別): 1 health card, 2 doctor's card, 3 SAM, 4 all three, 5 practitioner card.",
    )
    guess_service_code: str = Field(
        default="30",
        pattern=r"^[0-9A-Za-z]{2}$",
        description="Service (服務代號), 2 characters: 30 is the upload of visit records.",
    )
