"""``cshis-bridge test-card``: virtual test cards (虛擬健保卡測試卡) of the insurer's test environment."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

import click

from bridge.calls.call import Argument, LegacyCall, LegacyResult, OutBuffer
from bridge.cli.lazy_group import Group
from bridge.cli.running_bridge import Finding, Where, find, finding_options, shared
from bridge.cli.streams import json_text
from bridge.cli.through_bridge import by_channel
from bridge.engine.compose import open_engine
from bridge.errors import BridgeError, TableError
from bridge.table.default import default_table
from bridge.table.model.arguments import ScalarArgument, TextArgument, TextOutArgument, TextSizedArgument
from bridge.table.model.rows import Function
from bridge.words import reason, said, shown, tr

SERVICE_TYPE = "06"  # service type (服務類別) of the signature for all that is about test cards
PIN_STATES = {"none": 0, "set": 1, "verified": 2}
LARGEST = 32_767
PRODUCTION = "medvpndc.nhi.gov.tw"
TEST_ENVIRONMENT = "https://medvpndct.nhi.gov.tw"
MOST_CARDS = said("a hospital gets ten test cards at most (一家院所限申請 10 張)")
ANOTHER_REASON = ("cloud", "3235")  # what is answered to the eleventh

BUFFERS = (TextSizedArgument, TextOutArgument)

Command = Callable[..., None]
Given = Mapping[str, Argument]
card_argument = click.argument("card", metavar="CARD_NO")
birthday_argument = click.argument("birthday", metavar="YYYMMDD")


def common(command: Command) -> Command:
    """The options of every command here."""
    verbose = click.option("-v", "--verbose", is_flag=True, help="Log what happens on the way to stderr.")
    return verbose(finding_options(command))


@click.group(name="test-card", cls=Group)
def test_card() -> None:
    """Virtual test cards (虛擬健保卡測試卡) for trials.

    They come from the insurer's test environment. The setting cloud.url must name it
    (https://medvpndct.nhi.gov.tw, or a simulator); the SAM in use signs. Where a bridge runs they go through
    that. A hospital gets ten cards at most. Only the path of `apply` is known from a working program; the
    others are assumed.
    """


@test_card.command()
@click.option("--sex", type=click.Choice(["F", "M"]), required=True, help="性別")
@click.option("--birthday", required=True, metavar="YYYMMDD", help="出生日期, ROC date of 7 digits: 0920315")
@click.option("--foreigner", is_flag=True, help="外籍人士")
@common
def apply(sex: str, birthday: str, foreigner: bool, finding: Finding, verbose: bool) -> None:
    """Applies for a new card and prints what comes back, as JSON.

    It belongs to nobody. A hospital gets ten at most. Exit code 1 when it was refused.
    """
    given: dict[str, Argument] = {
        "sex": sex.encode("ascii"),
        "birthday": _encoded(birthday),
        "isForeigner": int(foreigner),
    }
    reply = _made(given, finding, verbose)
    click.echo(json_text(json.loads(reply)))


@test_card.command()
@card_argument
@birthday_argument
@click.option(
    "--pin",
    type=click.Choice(list(PIN_STATES)),
    default="none",
    show_default=True,
    help="密碼: none 未設定, set 已設定而未驗證 (records stay closed), verified 已驗證",
)
@common
def qr(card: str, birthday: str, pin: str, finding: Finding, verbose: bool) -> None:
    """Prints a QR code (虛擬健保卡 QRCode) of the card."""
    given = _card(card, birthday) | {"pin": PIN_STATES[pin]}
    click.echo(_made(given, finding, verbose).rstrip("\0"))


@test_card.command(name="critical-illness")
@card_argument
@birthday_argument
@click.option("--code", required=True, help="重大傷病碼: C50")
@click.option("--from", "start", required=True, metavar="YYYMMDD", help="有效起日")
@click.option("--until", "end", required=True, metavar="YYYMMDD", help="有效迄日")
@common
def critical_illness(
    card: str, birthday: str, code: str, start: str, end: str, finding: Finding, verbose: bool
) -> None:
    """Gives the card a critical illness (重大傷病)."""
    fields = {"ciCode": _encoded(code), "validityStart": _encoded(start), "validityEnd": _encoded(end)}
    _mark(card, birthday, fields, finding, verbose)


@test_card.command()
@card_argument
@birthday_argument
@click.argument("status", type=click.Choice(["1", "2", "3", "4", "8"]))
@common
def identity(card: str, birthday: str, status: str, finding: Finding, verbose: bool) -> None:
    """Gives the card's holder an identity mark (身分註記).

    1 福民, 2 榮民, 3 一般, 4 中低收入, 8 災民.
    """
    _mark(card, birthday, {"identityStatus": _encoded(status)}, finding, verbose)


@test_card.command(name="organ-donation")
@card_argument
@birthday_argument
@click.argument("mark")
@common
def organ_donation(card: str, birthday: str, mark: str, finding: Finding, verbose: bool) -> None:
    """Gives the card the mark of organ donation (器捐安寧註記).

    MARK is one character, for organ donation and palliative care.
    """
    _mark(card, birthday, {"organDonate": _encoded(mark)}, finding, verbose)


def _mark(card: str, birthday: str, fields: Given, finding: Finding, verbose: bool) -> None:
    """Write a mark. The exit code tells whether it was taken."""
    _made({**_card(card, birthday), **fields}, finding, verbose)


def _card(card: str, birthday: str) -> dict[str, Argument]:
    return {"cardSn": _encoded(card), "birthday": _encoded(birthday)}


def _encoded(text: str) -> bytes:
    return text.encode("ascii", "replace")


def _made(given: Given, finding: Finding, verbose: bool) -> str:
    """What comes back in the only buffer of the call. Ends the command where it was refused."""
    logging.basicConfig(level=logging.INFO if verbose else logging.ERROR, stream=sys.stderr)
    try:
        where = find(finding)
        _check_for_tests(where)
        row = _row_of(given)
        room = {each.name: OutBuffer(LARGEST) for each in row.arguments if isinstance(each, BUFFERS)}
        result = asyncio.run(_call(LegacyCall(row.name, {**given, **room}), where))
    except BridgeError as error:
        raise click.ClickException(reason(error)) from error
    if result.code != 0:
        statuses = default_table().statuses
        more = f"; {shown(MOST_CARDS)}" if result.code == statuses.legacy(*ANOTHER_REASON) else ""
        refused = tr("refused: {code} {meaning}", code=result.code, meaning=statuses.meaning(result.code))
        raise click.ClickException(refused + more)
    (buffer,) = result.outputs.values()
    if not isinstance(buffer, bytes):
        raise TypeError("the reply is no text")
    return buffer.decode("ascii")


def _row_of(given: Given) -> Function:
    """The row about test cards that takes just these arguments."""
    for row in default_table().functions.values():
        signed = any(step.signature and step.signature.service_type == SERVICE_TYPE for step in row.steps)
        wanted = {each.name for each in row.arguments if isinstance(each, TextArgument | ScalarArgument)}
        if signed and wanted == set(given):
            return row
    raise TableError([f"no row about test cards takes {', '.join(given)}"])


def _check_for_tests(where: Where) -> None:
    if urlsplit(where.settings.cloud.url).hostname == PRODUCTION:
        which = "cloud.url" if where.running is None else said("cloud.url of the running bridge")
        raise click.ClickException(
            tr(
                "{setting} is the production environment; set CSHIS_BRIDGE_CLOUD__URL={url}",
                setting=which,
                url=TEST_ENVIRONMENT,
            )
        )


async def _call(call: LegacyCall, where: Where) -> LegacyResult:
    if where.running is not None:
        return await by_channel(default_table(), where.settings, call)
    async with open_engine(shared(where.settings)) as engine:
        return await engine.call(call)
